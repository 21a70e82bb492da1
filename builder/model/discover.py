"""Find a model server on this machine: loopback alone, the ports such servers use, never our own studio."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx

from builder.model.address import address_of, fetch_json
from builder.model.dialects import OTHER, dialect_of

PORTS = (8002, 30000, 8000, 8080, 11434, 1234)
SECONDS = 1.0
MAX_SHOWN = 20


@dataclass(frozen=True)
class Found:
    """`kind` is a server's name as people know it."""

    kind: str
    url: str
    models: tuple[str, ...]

    @property
    def line(self) -> str:
        """What connects it."""
        return f"PROTODEX_MODEL_URL={self.url} make run"


def find_servers(ports: Sequence[int] = PORTS) -> list[Found]:
    """Whatever lists models, in the order of the ports."""
    with ThreadPoolExecutor(max_workers=max(1, len(ports))) as pool:
        return [found for found in pool.map(_look, ports) if found is not None]


def _look(port: int) -> Found | None:
    """A studio that listens there lists no models, so it is never taken for a server."""
    address = address_of(f"http://127.0.0.1:{port}")
    try:
        listed = fetch_json(address, f"{address.base}/models", SECONDS)
    except (httpx.HTTPError, httpx.InvalidURL):
        return None
    data = listed.get("data") if isinstance(listed, dict) else None
    entries = (
        [e for e in data if isinstance(e, dict) and isinstance(e.get("id"), str)] if isinstance(data, list) else []
    )
    if not isinstance(data, list) or (data and not entries):
        return None
    dialect = dialect_of(str(entry.get("owned_by", "")) for entry in entries)
    label = dialect.label if dialect is not OTHER else "A model server"
    return Found(label, address.root, tuple(entry["id"][:200] for entry in entries[:MAX_SHOWN]))
