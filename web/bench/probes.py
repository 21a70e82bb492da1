"""One executable probe for each line of `expect`. A line that no probe knows does not hold.

A feature is proven by the steps of `builder.proofs`, taken in the sandboxed browser on the release itself.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from builder.agent.flow import FlowStep
from builder.agent.ledger import Requirement, RequirementStatus
from builder.checks.prove import prove_release
from builder.proofs import proof
from builder.proofs.app import App, step
from builder.proofs.colours import LEAST, accent
from builder.release import Release, read_release
from builder.sandbox import Sandbox
from builder.spec import AppKind, AppSpec
from builder.toolchain import Toolchain
from web.bench.invariants import behaviour_steps, invariant_steps

REFUSED = {"not_an_app", "harmful", "empty_prompt", "too_long", "rejected"}


@dataclass(frozen=True)
class Verdict:
    part: str
    what: str
    holds: bool
    why: str = ""


@dataclass
class Made:
    """A release that was made, and what it takes to try it."""

    path: Path
    raw: dict[str, Any]
    toolchain: Toolchain
    sandbox: Sandbox

    @cached_property
    def release(self) -> Release:
        return read_release(self.path)

    @cached_property
    def spec(self) -> AppSpec:
        return AppSpec.model_validate(self.raw)

    @cached_property
    def app(self) -> App:
        return App.of(self.spec)

    @cached_property
    def page(self) -> str:
        """The source of a page without a back end."""
        return (self.release.app / "index.html").read_text(encoding="utf-8", errors="replace")

    def holds(self, flows: Sequence[Sequence[FlowStep]]) -> list[str | None]:
        """What is found of each flow, None where it held."""
        wanted = [Requirement(id=f"r{n}", text="probe", flow=tuple(flow)) for n, flow in enumerate(flows, 1)]
        found = prove_release(self.release, wanted, self.toolchain, self.sandbox)
        return [
            None if item.status is RequirementStatus.PROVEN else (item.proof and item.proof.finding) or "no proof"
            for item in found
        ]


def verdicts(expect: dict[str, Any], project: dict[str, Any], made: Made | None) -> Iterator[Verdict]:
    if expect.get("must_reject"):
        yield Verdict("refusal", "is refused", project["status"] in REFUSED, project["status"])
        return
    if expect.get("needs_model"):
        yield Verdict("refusal", "says that it needs a model", project["status"] == "needs_model", project["status"])
        return
    if made is None:
        yield Verdict("built", "is built and served", False, f"{project['status']}: {project.get('error') or ''}"[:200])
        return
    yield Verdict("built", "is built and served", True)
    waiting: list[tuple[Verdict, Sequence[FlowStep]]] = []
    for key, value in expect.items():
        probe = PROBES.get(key)
        if probe is None:
            yield Verdict(key, "has no probe", False)
            continue
        for verdict in probe(made, value, expect):
            if isinstance(verdict, Verdict):
                yield verdict
            else:
                waiting.append(verdict)
    findings = made.holds([flow for _, flow in waiting]) if waiting else []
    for (verdict, _), finding in zip(waiting, findings, strict=True):
        yield Verdict(
            verdict.part, verdict.what, finding is None, (finding or "").splitlines()[0][:200] if finding else ""
        )


Found = Iterator[Verdict | tuple[Verdict, Sequence[FlowStep]]]
Probe = Callable[[Made, Any, dict[str, Any]], Found]


def _tried(part: str, what: str, flow: Sequence[FlowStep]) -> Verdict | tuple[Verdict, Sequence[FlowStep]]:
    return (Verdict(part, what, False), flow) if flow else Verdict(part, what, False, "has no probe")


def entities(made: Made, wanted: list[dict[str, Any]], _: dict[str, Any]) -> Found:
    for entity in wanted:
        own = next((e for e in made.spec.entities if _called(entity["names"], e.name, e.label)), None)
        yield Verdict("entity", entity["names"][0], own is not None)
        for names in entity["fields"]:
            there = own is not None and any(_called(names, f.name, f.label) for f in own.fields)
            yield Verdict("field", f"{entity['names'][0]}.{names[0]}", there)


def _called(wanted: Sequence[str], *names: str) -> bool:
    return bool({_plain(name) for name in names} & {_plain(name) for name in wanted})


def _plain(text: str) -> str:
    plain = re.sub(r"\W+", "_", text.lower().replace("é", "e")).strip("_")
    return plain.removesuffix("_field").removesuffix("_item").removesuffix("_id").removesuffix("s")


def features(made: Made, wanted: list[str], expect: dict[str, Any]) -> Found:
    for name in wanted:
        if name in expect.get("optional_features", ()):
            continue
        if made.spec.kind is not AppKind.FULLSTACK:
            yield Verdict("feature", name, any(f.name == name for f in made.spec.features))
        elif not any(f.name == name for f in made.spec.features):
            yield Verdict("feature", name, False, "the app does not have it")
        else:
            yield _tried("feature", name, proof(made.app, f"features.{name}") or [])


def colors(made: Made, wanted: dict[str, dict[str, str]], _: dict[str, Any]) -> Found:
    for role, color in wanted.items():
        steps = [step("open", path="/"), step("expect_color", value=color["hex"], percent=LEAST)]
        if role == "component":
            steps = accent(made.app, color["hex"])
        yield _tried("color", f"{color['name']} {role}", [*made.app.enter(), *steps])


def min_pages(made: Made, wanted: int, _: dict[str, Any]) -> Found:
    pages = max(1, len(made.spec.pages)) + sum(e.has("detail") for e in made.app.view.entities)
    yield Verdict("pages", f"at least {wanted}", pages >= wanted, f"{pages}")


def min_seed_rows(made: Made, wanted: int, _: dict[str, Any]) -> Found:
    most = max((len(made.app.rows(e)) for e in made.app.view.entities), default=0)
    yield Verdict("rows", f"at least {wanted}", most >= wanted, f"{most}")


def text_all(made: Made, wanted: list[str], _: dict[str, Any]) -> Found:
    if made.spec.kind is not AppKind.FULLSTACK:
        for text in wanted:
            yield Verdict("text", text, text.lower() in made.page.lower())
        return
    entity = made.app.view.pages[0].entity or made.app.view.entities[0]
    for text in wanted:
        yield _tried("text", text, [step("open", path=f"/{entity.plural}?q={text}"), step("expect_text", text=text)])


def ui_lang(made: Made, wanted: str, _: dict[str, Any]) -> Found:
    page = made.page if made.spec.kind is not AppKind.FULLSTACK else _built_page(made)
    yield Verdict("language", wanted, f'<html lang="{wanted}' in page)


def _built_page(made: Made) -> str:
    source = made.release.app / "frontend" / "dist" / "index.html"
    return source.read_text(encoding="utf-8") if source.is_file() else f'<html lang="{made.spec.locale}"'


def ui_text_any(made: Made, wanted: list[str], _: dict[str, Any]) -> Found:
    """One of the words is seen on the first page."""
    texts = [str(t) for e in made.spec.entities for t in (e.label, e.label_plural)] + [p.label for p in made.spec.pages]
    said = next((w for w in wanted if any(w.lower() in t.lower() for t in texts)), wanted[0])
    shown = next((t for t in texts if said.lower() in t.lower()), said)
    if made.spec.kind is not AppKind.FULLSTACK:
        yield Verdict("words", ", ".join(wanted), any(w.lower() in made.page.lower() for w in wanted))
    else:
        enter = made.app.enter()
        yield _tried("words", ", ".join(wanted), [*enter, step("open", path="/"), step("expect_text", text=shown)])


def invariants(made: Made, wanted: list[str], _: dict[str, Any]) -> Found:
    for sentence in wanted:
        yield _tried("invariant", sentence, invariant_steps(made.app, sentence))


def behaviour(made: Made, wanted: list[str], _: dict[str, Any]) -> Found:
    for sentence in wanted:
        yield _tried("behaviour", sentence, behaviour_steps(made.spec, sentence))


def export_formats(made: Made, wanted: list[str], _: dict[str, Any]) -> Found:
    entity = next((e for e in made.app.view.entities if e.has("export")), None)
    for way in wanted:
        path = f"/api/{entity.plural}/export.{way}" if entity else ""
        flow = (
            [*made.app.enter(), step("call_api", method="GET", path=path), step("expect_api", path=path)]
            if entity
            else []
        )
        yield _tried("export", way, flow)


def single_file(made: Made, _: bool, __: dict[str, Any]) -> Found:
    files = [
        p.name for p in made.release.app.rglob("*") if p.is_file() and p.name not in {"README.md", "REQUIREMENTS.md"}
    ]
    yield Verdict("single file", "one HTML file", files == ["index.html"], ", ".join(files[:5]))


def no_external_requests(made: Made, _: bool, __: dict[str, Any]) -> Found:
    outside = re.findall(
        r"""(?:src|href)=["']?(?:https?:)?//[^"' >]+|url\((?:https?:)?//|fetch\(["']https?:""", made.page
    )
    yield Verdict("no requests", "nothing from elsewhere", not outside, ", ".join(outside[:2]))


def dom(made: Made, wanted: list[str], some: bool) -> Found:
    found = {selector: _matches(made.page, selector) for selector in wanted}
    if some:
        yield Verdict("page", " or ".join(wanted), any(found.values()))
    else:
        for selector, there in found.items():
            yield Verdict("page", selector, there)


def _matches(page: str, selector: str) -> bool:
    """A tag with an attribute or without, in the source or made by its script in so many words."""
    tag, _, attribute = selector.partition("[")
    name, _, value = attribute.rstrip("]").partition("=")
    tags = _Tags()
    tags.feed(page)
    written = any(
        tag in {"", own} and (not name or (name in attributes and value.strip("\"'") in {"", attributes[name]}))
        for own, attributes in tags.found
    )
    return written or (not name and bool(re.search(rf"createElement(?:NS)?\([^)]*[\"']{tag}[\"']", page)))


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def min_counts(made: Made, wanted: dict[str, int], _: dict[str, Any]) -> Found:
    for what, count in wanted.items():
        last = what.split()[-1].rstrip("s")
        role = {"cell": "gridcell", "card": "button", "slide": "group", "button": "button"}.get(last)
        counted = [step("open", path="/"), step("expect_count", role=role, count=count)] if role else []
        yield _tried("count", f"{count} {what}", counted)


def slides(made: Made, wanted: int, least: bool) -> Found:
    count = len(re.findall(r'<section class="slide\b', made.page))
    yield Verdict(
        "slides",
        f"{'at least' if least else 'at most'} {wanted}",
        count >= wanted if least else count <= wanted,
        f"{count}",
    )


def name_match(made: Made, _: str, expect: dict[str, Any]) -> Found:
    """The words a person gave are what is shown, whatever the names in the code had to become."""
    labels = {text.lower() for e in made.spec.entities for text in (e.label, *(f.label for f in e.fields))}
    for word in (w for e in expect["entities"] for w in (e["names"][0], *(f[0] for f in e["fields"]))):
        yield Verdict("label", word, word.lower().replace("_", " ") in labels)


def nothing(_: Made, __: Any, ___: dict[str, Any]) -> Found:
    yield from ()


PROBES: dict[str, Probe] = {
    "entities": entities,
    "features": features,
    "optional_features": nothing,
    "min_pages": min_pages,
    "must_reject": nothing,
    "needs_model": nothing,
    "reject_reason": nothing,
    "text_note": nothing,
    "colors": colors,
    "min_seed_rows": min_seed_rows,
    "text_all": text_all,
    "ui_lang": ui_lang,
    "ui_text_any": ui_text_any,
    "invariants": invariants,
    "behaviour": behaviour,
    "export_formats": export_formats,
    "single_file": single_file,
    "no_external_requests": no_external_requests,
    "dom_all": lambda made, wanted, _: dom(made, wanted, some=False),
    "dom_any": lambda made, wanted, _: dom(made, wanted, some=True),
    "min_counts": min_counts,
    "min_slides": lambda made, wanted, _: slides(made, wanted, least=True),
    "max_slides": lambda made, wanted, _: slides(made, wanted, least=False),
    "name_match": name_match,
}
