"""An app as its proofs see it: entities, labels, the interface's words, rows that are there and rows it would take."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import product
from typing import Any

from builder.agent.flow import FlowStep
from builder.datasets import load
from builder.spec import AppSpec, Entity, Feature, FieldType, RuleKind
from builder.stack import FULLSTACK
from builder.stack.features import Features
from builder.stack.locales import words
from builder.stack.looks import Look, look
from builder.stack.views import EntityView, FieldView, SpecView
from builder.stack.wording import noun

DAY = date(2031, 3, 3)  # far from any sample row
ENDS = frozenset("end until to due back return closing finish departure out ends".split())
PASSWORD = "correct horse battery staple"  # noqa: S105 - of people who exist for one proof


@dataclass
class App:
    view: SpecView
    count: int = field(default=0)
    _looks: dict[str, Look] = field(default_factory=dict)
    _rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    @classmethod
    def of(cls, spec: AppSpec) -> "App":
        return cls(SpecView(spec, Features.load(FULLSTACK / "features", spec)))

    @property
    def spec(self) -> AppSpec:
        return self.view.spec

    @cached_property
    def words(self) -> dict[str, Any]:
        return words(self.spec.locale)

    def say(self, key: str, **values: str) -> str:
        return str(self.words[key]).format(**values)

    def entity(self, name: str) -> EntityView | None:
        return next((e for e in self.view.entities if name in {e.name, e.name.replace("_", " ")}), None)

    def of_feature(self, feature: Feature) -> EntityView:
        """The feature's entity, else the first that has it."""
        named = self.entity(feature.entity) if feature.entity else None
        return named or next((e for e in self.view.entities if e.has(feature.name)), self.view.entities[0])

    def noun(self, label: str) -> str:
        return str(noun(label, self.spec.locale))

    def look(self, entity: EntityView) -> Look:
        if entity.name not in self._looks:
            self._looks[entity.name] = look(entity)
        return self._looks[entity.name]

    @cached_property
    def _asked_of_people(self) -> set[str]:
        people = self.view.people
        return {f.name for f in self.view.entity(people.entity).asked_fields} if people else set()

    # rows

    def rows(self, entity: EntityView) -> list[dict[str, Any]]:
        if entity.name not in self._rows:
            own = self.spec.entity(entity.name)
            self._rows[entity.name] = [dict(row) for row in (load(own.dataset) if own.dataset else own.seed)]
        return self._rows[entity.name]

    def titles(self, entity: EntityView) -> list[str]:
        """What the sample rows are called, where that is a text of their own."""
        title = entity.title
        return [str(row[title.name]) for row in self.rows(entity) if row.get(title.name)] if title.is_text else []

    def body(self, entity: EntityView, **more: Any) -> dict[str, Any]:
        """A row that the app takes, with other words and days than any before."""
        self.count += 1
        found: dict[str, Any] = {}
        for one in entity.input_fields:
            value = self._value(one)
            if value is not None:
                found[one.name] = value
        return self._in_order(entity, found | self._fresh(entity)) | more

    def _in_order(self, entity: EntityView, found: dict[str, Any]) -> dict[str, Any]:
        """What begins comes before what ends."""
        for rule in self.spec.rules:
            if rule.kind is not RuleKind.RANGE or rule.entity != entity.name or len(rule.fields) != 2:
                continue
            first, last = (found.get(name) for name in rule.fields)
            if first is not None and last is not None and first >= last:
                found[rule.fields[1]] = _later(first)
        return found

    def _fresh(self, entity: EntityView) -> dict[str, int]:
        """Where rows must differ in what they point at, alone or together: what no sample row points at."""
        single = {f.name: f.target for f in entity.input_fields if f.is_relation and not f.many and f.target}
        kinds = {RuleKind.UNIQUE, RuleKind.AT_MOST_ONCE}
        differ = [rule.fields for rule in self.spec.rules if rule.entity == entity.name and rule.kind in kinds]
        differ += [(f.name,) for f in entity.input_fields if f.unique]
        found: dict[str, int] = {}
        for names in differ:
            if names and set(names) <= single.keys():
                taken = {tuple(row.get(name) for name in names) for row in self.rows(entity)}
                every = product(*(range(1, len(self.rows(single[name])) + 1) for name in names))
                free = next((ids for ids in every if ids not in taken), ())
                found |= dict(zip(names, free, strict=False))
        return found

    def _value(self, one: FieldView) -> Any:
        n = self.count
        if one.is_secret or one.is_role:
            return None
        if one.is_relation:
            return None if not one.required else [1] if one.many else 1
        if one.is_number:
            return self._number(one)
        if one.is_moment:
            return self._moment(one)
        match one.type:
            case "choice":
                return one.choices[0].value
            case "boolean":
                return False
            case "email":
                return f"proof{n}@example.org"
            case "url":
                return f"https://example.org/{n}"
            case "phone":
                return f"+49 30 1234{n:03}"
            case "color":
                return "#2e7d32"
            case "image" | "file":
                return None
            case _:
                longest = int(one.max) if one.max and one.max >= 1 else 80
                return f"Proof {n} {one.name}"[:longest].ljust(int(one.min or 0), "x")

    def _number(self, one: FieldView) -> float:
        low = one.min if one.min is not None else 1
        high = one.max if one.max is not None else low + 1000
        number = min(max(low, 1 if low <= 1 <= high else low), high)
        number += self.count if one.unique or self._tells_apart(one) else 0
        return self.number(one, number)

    def _tells_apart(self, one: FieldView) -> bool:
        """Whether rows must differ in it, be it together with other fields."""
        rules = (r for r in self.spec.rules if r.kind is RuleKind.UNIQUE and r.entity == one.entity.name)
        return any(one.name in rule.fields for rule in rules)

    @staticmethod
    def number(one: FieldView, value: float) -> float:
        """As JSON has it: whole where the field is."""
        return int(value) if one.type in {"integer", "rating"} else value

    def _moment(self, one: FieldView) -> str:
        day = DAY + timedelta(days=7 * self.count + (1 if set(one.name.split("_")) & ENDS else 0))
        late = 1 if set(one.name.split("_")) & ENDS else 0
        if one.type == "time":
            return f"{9 + late:02}:00:00"
        return day.isoformat() if one.type == "date" else f"{day.isoformat()}T{9 + late:02}:00:00"

    # steps

    def path(self, entity: EntityView, rest: str = "") -> str:
        return f"/{entity.plural}{rest}"

    def enter(self) -> list[FlowStep]:
        """With accounts somebody new signs up first."""
        return [] if not self.view.people else self.sign_up()

    def sign_up(self) -> list[FlowStep]:
        people = self.view.people
        assert people is not None
        account = self.view.entity(people.entity)
        body = {k: v for k, v in self.body(account).items() if k in self._asked_of_people}
        return [
            step("call_api", method="POST", path="/api/auth/register", body=body | {"password": PASSWORD}, status=201)
        ]


Probe = Callable[["App", EntityView, dict[str, Any]], list[FlowStep]]


def _later(value: Any) -> Any:
    """A day on, an hour on, or one more."""
    if not isinstance(value, str):
        return value + 1
    if len(value) == len("09:00:00"):
        return f"{int(value[:2]) + 1:02}{value[2:]}"
    moved = datetime.fromisoformat(value) + timedelta(days=1)
    return moved.date().isoformat() if len(value) == len("2031-03-03") else moved.isoformat()


def step(do: str, **values: Any) -> FlowStep:
    return FlowStep.model_validate({"do": do} | values)


def post(path: str, body: dict[str, Any], status: int = 201) -> FlowStep:
    return step("call_api", method="POST", path=path, body=body, status=status)


def typed(value: Any) -> str:
    return str(value).removesuffix(".0") if isinstance(value, float) else str(value)


TEXTS = {FieldType.STRING, FieldType.TEXT}
Row = dict[str, Any]
__all__ = ["DAY", "App", "Entity", "Probe", "Row", "post", "step", "typed"]
