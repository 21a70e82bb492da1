"""What templates see of an AppSpec: its names as they are, and a person's words marked as words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from builder.formula import Formulas, Kind
from builder.people import Access, People, access_of, people_of
from builder.rules import Filled, Read, RequiredIf, Steps, Within, read_rules
from builder.spec import AppSpec, Choice, Entity, FieldType, Page, Rule, RuleKind, SpecField
from builder.stack.answers import answers_of
from builder.stack.features import AddedNumber, Features
from builder.stack.locales import words
from builder.stack.parts import Part, parts

ORDER = re.compile(r"(^|_)(position|order|rank|sort|place|index)$")
R = TypeVar("R", Within, Filled, RequiredIf, Steps)
TEXTS = {"string", "text", "email", "url", "phone", "color", "image", "file"}
NUMBERS = {"integer", "decimal", "money", "rating"}
MOMENTS = {"date", "datetime", "time"}
CODE = re.compile(r"(^|_)(code|snippet|sql|regex|command|config|json|yaml|markup|stack_trace|payload)$")
SHOWN = {
    Kind.NUMBER: "decimal",
    Kind.MONEY: "money",
    Kind.TEXT: "string",
    Kind.FLAG: "boolean",
    Kind.DATE: "date",
    Kind.DATETIME: "datetime",
    Kind.TIME: "time",
}


class Words(str):
    """Text that a person wrote. It reaches a file only through a filter that makes it safe there."""

    __slots__ = ()


def pascal(name: str) -> str:
    """`book_author` as `BookAuthor`; digits keep their underscore, so that two names never become one."""
    return "".join(part.capitalize() if part[:1].isalpha() else f"_{part}" for part in name.split("_"))


@dataclass(frozen=True)
class ChoiceView:
    value: str
    label: Words
    color: str | None


@dataclass(frozen=True)
class FieldView:
    """One field. `target` is the entity a relation points at; `expression` renders a formula."""

    spec: SpecField
    entity: "EntityView"

    def __getattr__(self, name: str) -> Any:
        if name in {"name", "many"}:
            return getattr(self.spec, name)
        raise AttributeError(name)

    @property
    def type(self) -> str:
        return str(self.spec.type.value)

    @property
    def required(self) -> bool:
        """As the AppSpec says, but for relations in a circle: nobody could ever make the first row."""
        if self.is_login or self.is_secret:
            return self.is_login
        circle = self.is_relation and self.entity.spec.name in self._needs()
        return self.spec.required and not self.is_order and not circle

    @property
    def is_order(self) -> bool:
        """Whether it keeps the order that people make by hand: nobody types it in."""
        kept = self.entity.order_field
        return kept is not None and kept.name == self.spec.name

    @property
    def unique(self) -> bool:
        return self.is_login or (self.spec.unique and not self.is_secret and not self.is_unique_of_owner)

    @property
    def is_unique_of_owner(self) -> bool:
        """Whether each person has it once: what others keep to themselves is in nobody's way."""
        access = self.entity.access
        is_private = access is not None and access.read == "own" and access.owner not in (None, self.spec.name)
        return self.spec.unique and is_private and self.is_column

    @property
    def min(self) -> float | None:
        return next((r.min for r in about(self, Within)), self.spec.min)

    @property
    def max(self) -> float | None:
        return next((r.max for r in about(self, Within)), self.spec.max)

    @property
    def source(self) -> str | None:
        """What the server fills in: when a row was made or changed."""
        return next((r.source for r in about(self, Filled) if r.source.endswith("_at")), None)

    @property
    def signed(self) -> str | None:
        """Whether it says who made the row or changed it last, in an app that knows its people."""
        people = self.entity.app.people
        if people is None or (self.is_relation and self.spec.target != people.entity):
            return None
        return next((r.source for r in about(self, Filled) if r.source.endswith("_by")), None)

    @property
    def required_if(self) -> RequiredIf | None:
        return next(about(self, RequiredIf), None)

    @property
    def steps(self) -> Steps | None:
        """The values that may follow each value, where a rule says so."""
        return next(about(self, Steps), None)

    @property
    def is_login(self) -> bool:
        """Whether people sign in with it."""
        return self.entity.is_people and self.spec.name == self._people.login

    @property
    def is_secret(self) -> bool:
        """Whether it holds the hash of a password, which nothing ever shows."""
        return self.entity.is_people and self.spec.name == self._people.secret

    @property
    def is_kept_back(self) -> bool:
        """Whether it tells the answer of a quiz: it is written, and no row says it."""
        return self.spec.name in self.entity.answers

    @property
    def is_role(self) -> bool:
        """Whether it says who is an admin."""
        return self.entity.is_people and self.spec.name == self._people.role

    @property
    def is_filled(self) -> bool:
        """Whether the server fills it in: nobody types it."""
        access = self.entity.access
        is_owner = access is not None and access.owner == self.spec.name
        return is_owner or self.source is not None or self.signed is not None

    @property
    def _people(self) -> People:
        assert self.entity.app.people is not None
        return self.entity.app.people

    def _needs(self) -> set[str]:
        """The entities of which a row must exist before a row of the target can."""
        found: set[str] = set()
        waiting = [self.spec.target]
        while waiting:
            name = waiting.pop()
            if name is not None and name not in found:
                found.add(name)
                waiting += [f.target for f in self.entity.app.spec.entity(name).fields if f.required]
        return found

    @property
    def label(self) -> Words:
        return Words(self.spec.label)

    @property
    def unit(self) -> Words | None:
        unit = self.spec.unit or (self.is_computed and self.kind is Kind.MONEY and self._unit_of_its_money())
        return Words(unit) if unit else None

    def _unit_of_its_money(self) -> str | None:
        """That of the amounts a formula calculates with."""
        amounts = self.entity.app.formulas.amounts(self.entity.spec.name, self.spec.name)
        return next((field.unit for field in amounts if field.unit), None)

    @property
    def choices(self) -> list[ChoiceView]:
        return [_choice(c) for c in self.spec.choices]

    @property
    def target(self) -> "EntityView | None":
        return self.entity.app.entity(self.spec.target) if self.spec.target else None

    @property
    def kind(self) -> Kind:
        """Of what kind its values are; a relation has none."""
        return self.entity.app.formulas.model(self.entity.spec.name).kind(self.spec.name)

    @property
    def shown(self) -> str:
        """Its type, or for a computed field the type that its result is shown as."""
        if not self.is_computed:
            return self.type
        return "choice" if self.choices and self.kind is Kind.TEXT else SHOWN[self.kind]

    @property
    def is_relation(self) -> bool:
        return self.spec.type is FieldType.RELATION

    @property
    def is_computed(self) -> bool:
        return self.spec.type is FieldType.COMPUTED

    @property
    def is_number(self) -> bool:
        return self.shown in NUMBERS

    @property
    def is_moment(self) -> bool:
        return self.shown in MOMENTS

    @property
    def is_text(self) -> bool:
        return self.type in TEXTS

    @property
    def is_code(self) -> bool:
        """Whether its text is for machines: lines and spaces count, and people copy it."""
        return self.type == "text" and bool(CODE.search(self.spec.name))

    @property
    def is_column(self) -> bool:
        """Whether the entity's own table holds it: all but computed fields and many-to-many relations."""
        return not self.is_computed and not (self.is_relation and self.spec.many)

    @property
    def column(self) -> str:
        """The name of its column: a relation's is the name with `_id`, or with `_ref` where that is a field too."""
        if not self.is_relation:
            return self.spec.name
        own = f"{self.spec.name}_id"
        return own if own not in {f.name for f in self.entity.spec.fields} else f"{self.spec.name}_ref"

    @property
    def on_delete(self) -> str:
        """What becomes of this row when the one it points at is deleted. A part goes with the whole."""
        if any(self._keeps(rule) for rule in self.entity.app.spec.rules):
            return "RESTRICT"
        if self.entity.part and self.entity.part.by == self.spec.name:
            return "CASCADE"
        if self.required:
            return "RESTRICT"
        return "CASCADE" if self.spec.many else "SET NULL"

    def _keeps(self, rule: Rule) -> bool:
        """Whether the rule keeps what this points at from being deleted."""
        if rule.kind is not RuleKind.REFUSE_DELETE or rule.entity != self.spec.target:
            return False
        named = rule.options.get("while") or self.entity.spec.name
        return self.entity.spec.name in ([named] if isinstance(named, str) else named)

    @property
    def links_table(self) -> str:
        """The association table of a many-to-many relation."""
        return f"{self.entity.spec.name[:26]}_{self.spec.name[:26]}_links"


@dataclass(frozen=True)
class EntityView:
    spec: Entity
    app: "SpecView"

    def __getattr__(self, name: str) -> Any:
        if name in {"name", "plural", "icon"}:
            return getattr(self.spec, name)
        raise AttributeError(name)

    @property
    def label(self) -> Words:
        return Words(self.spec.label)

    @property
    def label_plural(self) -> Words:
        return Words(self.spec.label_plural)

    @property
    def class_name(self) -> str:
        return pascal(self.spec.name)

    @property
    def table(self) -> str:
        """The plural, but for names that a database keeps to itself."""
        reserved = self.spec.plural.startswith(("sqlite_", "pg_")) or self.spec.plural == "alembic_version"
        return f"app_{self.spec.plural}" if reserved else self.spec.plural

    @cached_property
    def fields(self) -> list[FieldView]:
        """All but the secret of a person. A field called like a number that a feature counts gives way to it: nobody
        types that number in.
        """
        found = (FieldView(f, self) for f in self.spec.fields if f.name not in self.added)
        return [f for f in found if not f.is_secret and not f.is_kept_back]

    @cached_property
    def kept_back(self) -> list[FieldView]:
        """What is written and no row says: the answers of a quiz."""
        return [f for f in (FieldView(f, self) for f in self.spec.fields) if f.is_kept_back]

    @cached_property
    def answers(self) -> tuple[str, ...]:
        """The fields that tell an answer, the right one first."""
        return answers_of(self.spec, self.options("quiz")) if self.has("quiz") else ()

    @cached_property
    def added(self) -> dict[str, AddedNumber]:
        return self.app.features.added(self.spec.name)

    @property
    def part(self) -> Part | None:
        """Where this is shown on the page of another row."""
        return self.app.parts.get(self.spec.name)

    @property
    def server_only(self) -> bool:
        """Whether nobody but the server writes its rows."""
        return self.part is not None and self.part.server_only

    @property
    def hidden_fields(self) -> list[FieldView]:
        """What the table holds and no row shows."""
        return [f for f in (FieldView(f, self) for f in self.spec.fields) if f.is_secret or f.is_kept_back]

    @property
    def is_people(self) -> bool:
        """Whether its rows are the accounts of the app."""
        return self.app.people is not None and self.app.people.entity == self.spec.name

    @cached_property
    def access(self) -> Access | None:
        """Who may do what with its rows; None in an app without accounts."""
        return access_of(self.app.spec, self.spec.name) if self.app.people else None

    def field(self, name: str) -> FieldView:
        return next(f for f in self.fields if f.name == name)

    @property
    def title(self) -> FieldView:
        return self.field(self.spec.title.name)

    @property
    def title_name(self) -> str:
        """The attribute that names a row: the title, or the id where titles are lists or point at each other."""
        seen: set[str] = set()
        entity: EntityView | None = self
        while entity is not None and entity.name not in seen:
            seen.add(entity.name)
            if entity.title.many:
                return "id"
            if not entity.title.is_relation:
                return self.title.spec.name
            entity = entity.title.target
        return "id"

    @property
    def title_labels(self) -> list[ChoiceView]:
        """What people call the values of a title that is chosen from a few."""
        return self.title.choices if self.title.shown == "choice" and self.title_name != "id" else []

    @property
    def title_pair(self) -> FieldView | None:
        """The other side, where a row is between two of a kind: a match of two teams."""
        if not self.title.is_relation or self.title_name == "id":
            return None
        sides = [f for f in self.relations if f.spec.target == self.title.spec.target and f.name != self.title.name]
        return next((f for f in sides if not f.many and f.required == self.title.required), None)

    @property
    def title_stand_ins(self) -> list[FieldView]:
        """What names a row whose title is missing: what else it belongs to, and where it stands."""
        if self.title.required or not self.title.is_relation or self.title_name == "id":
            return []
        pair = self.title_pair
        others = [f for f in self.relations if not f.many and f.name != self.title.name and f is not pair]
        others = [f for f in others if f.target and f.target.title_name != "id" and f.target.name != self.name]
        return others[:1] + [f for f in self.choice_fields if f.required][:1]

    @cached_property
    def order_field(self) -> SpecField | None:
        """The whole number that keeps the order made by hand, where there is one."""
        if not self.has("drag_drop"):
            return None
        asked = self.options("drag_drop").get("field")
        wholes = [f for f in self.spec.fields if f.type is FieldType.INTEGER]
        return next((f for f in wholes if f.name == asked or (not asked and ORDER.search(f.name))), None)

    @property
    def color_field(self) -> FieldView | None:
        """The colour that a row lends to the badges that name it."""
        return next((f for f in self.fields if f.type == "color"), None)

    @property
    def unique_together(self) -> list[list[FieldView]]:
        """The sets of fields that a rule makes unique together, those of each person where rows are kept to owners."""
        rules = [r for r in self.app.spec.rules if r.kind is RuleKind.UNIQUE and r.entity == self.spec.name]
        sets = [set(r.fields) for r in rules] + [{f.name} for f in self.columns if f.is_unique_of_owner]
        if self.access and self.access.read == "own" and self.access.owner:
            sets = [names | {self.access.owner} for names in sets]
        found = [[f for f in self.columns if f.name in names] for names in sets]
        fit = [fields for fields in found if fields and not (len(fields) == 1 and fields[0].unique)]
        return [fields for position, fields in enumerate(fit) if fields not in fit[:position]]

    @cached_property
    def rules(self) -> list[Read]:
        """What the stack keeps beside the database's own constraints."""
        return [r for r in self.app.rules if r.entity == self.spec.name]

    @property
    def stored_fields(self) -> list[FieldView]:
        return [f for f in self.fields if not f.is_computed]

    @property
    def input_fields(self) -> list[FieldView]:
        """What a client sends."""
        return [f for f in [*self.stored_fields, *self.kept_back] if not f.is_filled]

    @property
    def takes_rows(self) -> bool:
        """Whether clients add rows of it: people add themselves by signing up."""
        return not self.server_only and not self.is_people

    @property
    def asked_fields(self) -> list[FieldView]:
        """What a client sends to add a row; of somebody who signs up, only what can't be left out."""
        if not self.is_people:
            return self.input_fields
        assert self.app.people is not None
        first = [self.field(self.app.people.name), self.field(self.app.people.login)]
        rest = [f for f in self.columns if f.required and not f.is_relation and not f.is_role]
        return list({f.name: f for f in [*first, *rest]}.values())

    @property
    def columns(self) -> list[FieldView]:
        return [f for f in self.fields if f.is_column]

    @property
    def computed_fields(self) -> list[FieldView]:
        return [f for f in self.fields if f.is_computed]

    @property
    def relations(self) -> list[FieldView]:
        return [f for f in self.fields if f.is_relation]

    @property
    def reverse_relations(self) -> list[FieldView]:
        """The fields, of any entity, that point here."""
        return [f for e in self.app.entities for f in e.relations if f.spec.target == self.spec.name]

    @property
    def choice_fields(self) -> list[FieldView]:
        return [f for f in self.fields if f.type == "choice"]

    def has(self, feature: str) -> bool:
        return self.app.features.has(feature, self.spec.name)

    def options(self, feature: str) -> dict[str, Any]:
        return self.app.features.options(feature, self.spec.name)


@dataclass(frozen=True)
class PageView:
    name: str
    label: Words
    entity: EntityView | None
    view: str | None


@dataclass(frozen=True)
class SpecView:
    spec: AppSpec
    features: Features

    @property
    def name(self) -> Words:
        return Words(self.spec.name)

    @property
    def locale(self) -> str:
        return self.spec.locale

    @cached_property
    def rules(self) -> list[Read]:
        return read_rules(self.spec)

    @cached_property
    def formulas(self) -> Formulas:
        return Formulas(self.spec).check()

    @cached_property
    def people(self) -> People | None:
        return people_of(self.spec)

    @cached_property
    def entities(self) -> list[EntityView]:
        return [EntityView(e, self) for e in self.spec.entities]

    @cached_property
    def parts(self) -> dict[str, Part]:
        return {part.entity: part for part in parts(self.features)}

    def entity(self, name: str) -> EntityView:
        return next(e for e in self.entities if e.name == name)

    @property
    def has_filled(self) -> bool:
        """Whether the server fills any field in."""
        return any(f.is_filled for e in self.entities for f in e.fields)

    @cached_property
    def pages(self) -> list[PageView]:
        """The navigation: the pages that the AppSpec names, else one for each entity that is no part of another, the
        people last.
        """
        wholes = [e for e in self.spec.entities if e.name not in self.parts]
        wholes.sort(key=lambda e: self.people is not None and e.name == self.people.entity)
        pages = list(self.spec.pages) or [Page(name=e.plural, label=e.label_plural, entity=e.name) for e in wholes]
        if self.features.has("dashboard") and wholes and not any(p.view == "dashboard" for p in pages):
            pages.insert(0, Page(name="dashboard", label=words(self.locale)["dashboard"], view="dashboard"))
        for feature in ("quiz", "leaderboard", "report"):
            pages += self._feature_pages(pages, feature)
        pages += self._contact_pages(pages)
        return [PageView(p.name, Words(p.label), self.entity(p.entity) if p.entity else None, p.view) for p in pages]

    def _feature_pages(self, pages: list[Page], feature: str) -> list[Page]:
        """Pages that a feature asks for of certain things, and that nothing leads to yet; each is a view of its own."""
        asked = {f.entity for f in self.spec.features if f.name == feature and f.entity}
        missing = [n for n in sorted(asked) if not any(p.view == feature and p.entity == n for p in pages)]
        label = words(self.locale)[feature]
        return [
            Page(
                name=f"{self.spec.entity(name).plural[:27]}_{feature}",
                label=label if len(asked) == 1 else f"{self.spec.entity(name).label_plural}: {label}"[:120],
                entity=name,
                view=feature,  # type: ignore[arg-type]
            )
            for name in missing
        ]

    def _contact_pages(self, pages: list[Page]) -> list[Page]:
        """The public form, where an entity for what is sent with it is named."""
        contact = self.spec.feature("contact_form")
        options = contact.options if contact else {}
        name = options.get("entity")
        if name not in {e.name for e in self.spec.entities} or any(p.view == "contact" for p in pages):
            return []
        taken = {p.name for p in pages} | {e.plural for e in self.spec.entities}
        page = "contact" if "contact" not in taken else "contact_us"
        label = str(options.get("label") or words(self.locale)["contact"])
        return [Page(name=page, label=label, entity=name, view="contact")]


def _choice(choice: Choice) -> ChoiceView:
    return ChoiceView(choice.value, Words(choice.label), choice.color)


def about(field: FieldView, kind: type[R]) -> Iterator[R]:
    """The rules of that kind that are about the field."""
    return (rule for rule in field.entity.rules if isinstance(rule, kind) and rule.field == field.spec.name)
