"""The builder that really builds: the path of `builder.path`, and the agent where a model is connected."""

import gc
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path

from builder.agent.assignment import Budget, Means
from builder.agent.build import Order, build_with_model
from builder.agent.lab import Lab
from builder.agent.ledger import Requirement, changed
from builder.agent.warm_lab import open_lab
from builder.checks import score_release
from builder.checks.prove import prove_release
from builder.checks.standby import Standby
from builder.drafter import BlueprintDrafter
from builder.drafter.revise import answering, is_undo, revise
from builder.events import Event, Noted, Phase, PhaseChanged, SpecDrafted
from builder.model.chat import ChatModel, ModelError
from builder.model.http import open_model
from builder.model.sticky import StickyModel
from builder.path import BuildFailedError, Workshop, build_app, build_spec
from builder.proofs import asked_by_change, redrawn
from builder.refusal import Refusal
from builder.release import Release, read_release
from builder.research import WebResearch
from builder.sandbox import Sandbox, remove_tree
from builder.sandbox.detect import open_sandbox
from builder.settings import Settings
from builder.spec import AppKind, AppSpec
from builder.toolchain import Toolchain, ensure_toolchain
from builder.workspace import Workspace
from workers.models import BuildKind
from workers.run import BuildRequest

log = logging.getLogger(__name__)


@dataclass
class PathBuilder:
    """`model` is opened when a build first needs it, and again while it can't be reached.

    With a `standby`, the checks of the next release are started while nothing else is done.
    """

    sandbox: Sandbox
    toolchain: Toolchain
    settings: Settings
    model: ChatModel | None = field(default=None)
    standby: Standby | None = None

    def rest(self) -> None:
        if self.standby:
            self.standby.prepare()
        _know_words()

    def close(self) -> None:
        if self.standby:
            self.standby.close()

    def build(self, request: BuildRequest) -> Iterator[Event]:
        if request.kind is BuildKind.SPEC:
            yield from self._build_spec(request)
        elif self.settings.model_url is None and self.model is None:
            yield from self._build_blueprint(request)
        else:
            yield from self._build_with_model(request)

    def score(self, request: BuildRequest, release: Path) -> Iterator[Event]:
        """What was asked for is proven first: that is what the person waits for."""
        made = read_release(release)
        yield from self._proven(made, request.ledger, request)
        yield from score_release(made, self.toolchain, self.sandbox, request.cancelled)

    def prove_again(self, request: BuildRequest, release: Path) -> Iterator[Event]:
        others = tuple(redrawn(request.spec, request.ledger)) if request.spec else ()
        yield from map(changed, others)
        yield from self._proven(read_release(release), others, request)

    def _proven(self, made: Release, ledger: Sequence[Requirement], request: BuildRequest) -> Iterator[Event]:
        lived_in = request.data is not None
        steps = (made, ledger, self.toolchain, self.sandbox, request.cancelled)
        if any(item.flow for item in ledger):
            yield from map(changed, prove_release(*steps, lived_in=lived_in))

    def _build_spec(self, request: BuildRequest) -> Iterator[Event]:
        spec = AppSpec.model_validate(request.payload["spec"])
        yield PhaseChanged(Phase.DRAFTING)
        yield SpecDrafted(spec.model_dump(mode="json"))
        yield from build_spec(spec, self._workshop(request))
        yield from map(changed, redrawn(spec, request.ledger))

    def _build_blueprint(self, request: BuildRequest) -> Iterator[Event]:
        if request.kind is BuildKind.MESSAGE and request.spec is not None:
            yield from self._revise(request, request.spec)
            return
        kind, name = _wanted(request)
        yield from build_app(request.message, BlueprintDrafter(), self._workshop(request), kind=kind, name=name)

    def _revise(self, request: BuildRequest, spec: AppSpec) -> Iterator[Event]:
        """A change in words, without a model. Another build may have changed the app since it was asked for."""
        yield PhaseChanged(Phase.DRAFTING)
        try:
            revision = revise(spec, request.message, date.today())
        except Refusal as refusal:
            unchanged = answering(request.message, spec.locale)("message.nothing_changed")
            raise BuildFailedError(f"{refusal.message} {unchanged}") from refusal
        yield SpecDrafted(revision.spec.model_dump(mode="json"), unused=revision.unused)
        yield from (Noted(sentence) for sentence in revision.said)
        yield from build_spec(revision.spec, self._workshop(request))
        yield from map(changed, redrawn(revision.spec, request.ledger))
        if not is_undo(request.message, spec.locale):
            yield from map(changed, asked_by_change(spec, revision.spec, request.message, request.ledger))

    def _build_with_model(self, request: BuildRequest) -> Iterator[Event]:
        try:
            model = StickyModel(self._open_model(), request.project.name)
        except ModelError as error:
            raise BuildFailedError(f"{error} Nothing was changed.") from error
        kind, name = _wanted(request)
        begun = request.kind is not BuildKind.PROMPT or bool(request.journal.steps())
        spec, ledger = (request.spec, request.ledger) if begun else (None, ())
        order = Order(request.message, request.prompt, kind, name, spec, ledger, request.history)
        folder = request.project / f"lab-{request.build_id}"
        try:
            yield from build_with_model(order, self._means(model, request, folder), self._workshop(request))
        finally:
            remove_tree(folder)

    def _means(self, model: ChatModel, request: BuildRequest, folder: Path) -> Means:
        settings = self.settings

        def lab(files: Mapping[str, bytes]) -> Lab:
            # A first build has served its scaffold by now: a migration must cope with the rows in it, here already.
            data, cancelled = request.data or request.live_data(), request.cancelled
            return open_lab(files, folder, self.toolchain, self.sandbox, data=data, cancelled=cancelled)

        budget = Budget(settings.build_steps, settings.build_tokens, settings.build_minutes * 60)
        research = WebResearch(settings.search_url) if settings.search_url else None
        return Means(model, request.journal, lab, budget, research)

    def _open_model(self) -> ChatModel:
        if self.model is None:
            key = self.settings.model_key.get_secret_value() if self.settings.model_key else None
            self.model = open_model(str(self.settings.model_url), self.settings.model_name, key)
        return self.model

    def _workshop(self, request: BuildRequest) -> Workshop:
        return Workshop(
            Workspace.open(request.workspace),
            request.releases,
            self.sandbox,
            self.toolchain,
            request.number,
            request.data,
            request.cancelled,
            request.live_data,
            self.standby,
        )


@cache
def _know_words() -> None:
    """Draft something once, so that the first prompt doesn't wait for the blueprints and dictionaries to be read."""
    BlueprintDrafter().draft("Notes")
    gc.collect()
    gc.freeze()  # they stay: looking through them for garbage takes a tenth of a second in the middle of a draft


def _wanted(request: BuildRequest) -> tuple[AppKind | None, str | None]:
    kind, name = request.payload.get("kind"), request.payload.get("name")
    return AppKind(kind) if kind else None, name


def open_path(settings: Settings) -> PathBuilder:
    """Raises SandboxUnavailableError or ToolchainError when nothing can be built on this machine."""
    sandbox, toolchain = open_sandbox(settings.sandbox, settings.run_dir), ensure_toolchain(settings.data)
    return PathBuilder(sandbox, toolchain, settings, standby=Standby(settings.standby_dir, sandbox, toolchain))
