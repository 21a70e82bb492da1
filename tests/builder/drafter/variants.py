"""How much of `tests/builder/data/variants.jsonl` the drafter understands, in shares: run it to see the misses.

`python -m tests.builder.drafter.variants [asks|asks_more|asks_third]` prints each prompt's misses and the recall of
entities, fields, field types, relations, features, colours and words. It knows nothing of how the drafter reads.
"""

import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from builder.datasets import load
from builder.drafter import BlueprintDrafter, Draft
from builder.refusal import Refusal
from builder.spec import AppSpec, Entity, SpecField

DATA = Path(__file__).parents[1] / "data"


def read(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


VARIANTS = read("variants")
TODAY = date(2026, 3, 14)
DRAFTED = {"crud", "bad"}  # pages and slides have no parts to be counted
Verdict = tuple[str, str, bool]


@dataclass
class Score:
    hits: Counter[str] = field(default_factory=Counter)
    wanted: Counter[str] = field(default_factory=Counter)
    missed: dict[str, list[str]] = field(default_factory=dict)

    def add(self, number: str, verdicts: Iterator[Verdict]) -> None:
        for part, what, hit in verdicts:
            self.wanted[part] += 1
            self.hits[part] += hit
            if not hit:
                self.missed.setdefault(number, []).append(f"{part} {what}")

    def recall(self, part: str) -> float:
        return self.hits[part] / self.wanted[part] if self.wanted[part] else 1.0


def score(variants: list[dict[str, Any]] = VARIANTS) -> Score:
    result = Score()
    for variant in variants:
        result.add(variant["id"], judge(variant))
    return result


def judge(variant: dict[str, Any]) -> Iterator[Verdict]:
    expect = variant["expect"]
    try:
        draft = BlueprintDrafter(today=lambda: TODAY).draft(variant["prompt"])
    except Refusal as refusal:
        wanted = expect.get("refused") or ("needs_model" if expect.get("needs_model") else None)
        meant = bool(expect.get("must_reject")) or refusal.code == wanted
        yield "refusal", refusal.code, meant
        if not meant:  # all that was asked for is missing
            yield from _nothing(expect)
        return
    if expect.get("refused") or expect.get("must_reject"):
        yield "refusal", "was drafted", False
        return
    for wanted in expect["entities"]:
        yield from _entity(draft.spec, wanted)
    yield from _rest(draft, expect)


def _nothing(expect: dict[str, Any]) -> Iterator[Verdict]:
    for wanted in expect.get("entities", ()):
        yield "entity", wanted["names"][0], False
        for names in wanted["fields"]:
            yield "field", f"{wanted['names'][0]}.{names[0]}", False
    for feature in set(expect.get("features", ())) - set(expect.get("optional_features", ())):
        yield "feature", feature, False


def _entity(spec: AppSpec, wanted: dict[str, Any]) -> Iterator[Verdict]:
    name = wanted["names"][0]
    entity = find(spec, wanted["names"])
    yield "entity", name, entity is not None
    for names in wanted["fields"]:
        own = _field(entity, names) if entity else None
        yield "field", f"{name}.{names[0]}", own is not None
        types = wanted.get("types", {}).get(names[0])
        if types and own:
            yield "type", f"{name}.{names[0]} is {own.type}, not {types[0]}", own.type in types


def _rest(draft: Draft, expect: dict[str, Any]) -> Iterator[Verdict]:
    spec = draft.spec
    have = {feature.name.value for feature in spec.features}
    for feature in set(expect["features"]) - set(expect.get("optional_features", ())):
        yield "feature", feature, feature in have
    for role, color in expect.get("colors", {}).items():
        yield "color", f"{role} {getattr(spec.theme, role)}", getattr(spec.theme, role) in color["hex"].split("|")
    for source, target in expect.get("relations", ()):
        yield "relation", f"{source} > {target}", _points(spec, source.split("|"), target.split("|"))
    for word in expect.get("unused", ()):
        yield "unused", word, any(word in words.lower() for words in draft.unused)
    if "rows" in expect:
        most = max(len(load(e.dataset)) if e.dataset else 0 for e in spec.entities)
        yield "rows", str(expect["rows"]), most >= expect["rows"]
    if "mode" in expect:
        yield "mode", expect["mode"], spec.theme.mode == expect["mode"]


def _points(spec: AppSpec, source: list[str], target: list[str]) -> bool:
    ends = [entity for entity in spec.entities if _called(target, entity.name, entity.label)]
    return any(
        f.target == end.name
        for end in ends
        for entity in spec.entities
        if _called(source, entity.name, entity.label)
        for f in entity.fields
    )


def find(spec: AppSpec, names: list[str]) -> Entity | None:
    return next((e for e in spec.entities if _called(names, e.name, e.label)), None)


def _field(entity: Entity, names: list[str]) -> SpecField | None:
    return next((f for f in entity.fields if _called(names, f.name, f.label)), None)


def _called(wanted: list[str], *names: str) -> bool:
    return bool({_plain(name) for name in names} & {_plain(name) for name in wanted})


def _plain(text: str) -> str:
    plain = re.sub(r"\W+", "_", text.lower().replace("é", "e")).strip("_")
    return plain.removesuffix("_field").removesuffix("_item").removesuffix("_id").removesuffix("s")


def main() -> None:
    variants = [v for v in (read(sys.argv[1]) if len(sys.argv) > 1 else VARIANTS) if v.get("kind", "crud") in DRAFTED]
    start = time.perf_counter()
    result = score(variants)
    spent = (time.perf_counter() - start) * 1000 / len(variants)
    for variant in variants:
        if variant["id"] in result.missed:
            print(f"{variant['id']} {variant['prompt'][:90]}\n    " + "\n    ".join(result.missed[variant["id"]]))
    for part in sorted(result.wanted):
        print(f"{part:9} {result.hits[part]:4} of {result.wanted[part]:4}  {result.recall(part):.0%}")
    print(f"{len(variants) - len(result.missed)} of {len(variants)} whole, {spent:.0f} ms a draft")


if __name__ == "__main__":
    main()
