"""The builder that really builds: the path of `builder.path` with this machine's sandbox and toolchain."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from builder.checks import score_release
from builder.drafter import BlueprintDrafter
from builder.events import Event, Phase, PhaseChanged, SpecDrafted
from builder.path import Workshop, build_app, build_spec
from builder.release import read_release
from builder.sandbox import Sandbox
from builder.sandbox.detect import open_sandbox
from builder.settings import Settings
from builder.spec import AppKind, AppSpec
from builder.toolchain import Toolchain, ensure_toolchain
from builder.workspace import Workspace
from workers.models import BuildKind
from workers.run import BuildRequest


@dataclass(frozen=True)
class PathBuilder:
    sandbox: Sandbox
    toolchain: Toolchain

    def build(self, request: BuildRequest) -> Iterator[Event]:
        if request.kind is BuildKind.SPEC:
            spec = AppSpec.model_validate(request.payload["spec"])
            yield PhaseChanged(Phase.DRAFTING)
            yield SpecDrafted(spec.model_dump(mode="json"))
            yield from build_spec(spec, self._workshop(request))
            return
        kind, name = request.payload.get("kind"), request.payload.get("name")
        chosen = AppKind(kind) if kind else None
        yield from build_app(request.message, BlueprintDrafter(), self._workshop(request), kind=chosen, name=name)

    def score(self, request: BuildRequest, release: Path) -> Iterator[Event]:
        yield from score_release(read_release(release), self.toolchain, self.sandbox, request.cancelled)

    def _workshop(self, request: BuildRequest) -> Workshop:
        return Workshop(
            Workspace.open(request.workspace),
            request.releases,
            self.sandbox,
            self.toolchain,
            request.number,
            request.data,
            request.cancelled,
        )


def open_path(settings: Settings) -> PathBuilder:
    """Raises SandboxUnavailableError or ToolchainError when nothing can be built on this machine."""
    return PathBuilder(open_sandbox(settings.sandbox, settings.run_dir), ensure_toolchain(settings.data))
