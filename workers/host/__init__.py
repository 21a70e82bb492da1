"""The preview host: runs released apps in sandboxes and proxies `SLUG.DOMAIN` to them.

Knows projects by id and slug, releases by their folder. Knows nothing of users, queues or tables.
"""

import asyncio

from builder.sandbox import open_sandbox
from builder.settings import Settings
from builder.toolchain import ensure_runtime
from workers.host.machine import Machine, Policy
from workers.host.server import run

__all__ = ["serve"]


def serve(settings: Settings, policy: Policy | None = None) -> None:
    """Run the host until SIGTERM or SIGINT: control on `run/host.sock`, previews on the preview port."""
    machine = Machine(
        sandbox=open_sandbox(settings.sandbox, settings.run_dir),
        runtime=ensure_runtime(settings.data),
        root=settings.data,
        sockets=settings.run_dir,
        policy=policy or Policy(),
    )
    asyncio.run(run(settings, machine))
