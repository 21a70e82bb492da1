"""What templates see of an AppSpec: its names as they are, and a person's words marked as words."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from builder.formula import Formula
from builder.spec import AppSpec, Choice, Entity, FieldType, Page, SpecField
from builder.stack.features import Features

TEXTS = {"string", "text", "email", "url", "phone", "color", "image", "file"}


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
        if name in {"name", "required", "unique", "min", "max", "many"}:
            return getattr(self.spec, name)
        raise AttributeError(name)

    @property
    def type(self) -> str:
        return str(self.spec.type.value)

    @property
    def label(self) -> Words:
        return Words(self.spec.label)

    @property
    def unit(self) -> Words | None:
        return Words(self.spec.unit) if self.spec.unit else None

    @property
    def choices(self) -> list[ChoiceView]:
        return [_choice(c) for c in self.spec.choices]

    @property
    def target(self) -> "EntityView | None":
        return self.entity.app.entity(self.spec.target) if self.spec.target else None

    def formula(self, prefix: str = "") -> str:
        assert self.spec.formula is not None
        return Formula.parse(self.spec.formula).render(prefix)

    @property
    def formula_fields(self) -> list["FieldView"]:
        used = Formula.parse(self.spec.formula).fields if self.spec.formula else frozenset()
        return [f for f in self.entity.fields if f.name in used]

    @property
    def is_relation(self) -> bool:
        return self.spec.type is FieldType.RELATION

    @property
    def is_computed(self) -> bool:
        return self.spec.type is FieldType.COMPUTED

    @property
    def is_number(self) -> bool:
        return self.spec.type.is_number

    @property
    def is_moment(self) -> bool:
        return self.spec.type.is_moment

    @property
    def is_text(self) -> bool:
        return self.type in TEXTS

    @property
    def is_column(self) -> bool:
        """Whether the entity's own table holds it: all but computed fields and many-to-many relations."""
        return not self.is_computed and not (self.is_relation and self.spec.many)

    @property
    def column(self) -> str:
        return f"{self.spec.name}_id" if self.is_relation else self.spec.name


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

    @cached_property
    def fields(self) -> list[FieldView]:
        return [FieldView(f, self) for f in self.spec.fields]

    def field(self, name: str) -> FieldView:
        return next(f for f in self.fields if f.name == name)

    @property
    def title(self) -> FieldView:
        return self.field(self.spec.title.name)

    @property
    def stored_fields(self) -> list[FieldView]:
        return [f for f in self.fields if not f.is_computed]

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
    def tagline(self) -> Words:
        return Words(self.spec.tagline)

    @property
    def locale(self) -> str:
        return self.spec.locale

    @cached_property
    def entities(self) -> list[EntityView]:
        return [EntityView(e, self) for e in self.spec.entities]

    def entity(self, name: str) -> EntityView:
        return next(e for e in self.entities if e.name == name)

    @property
    def pages(self) -> list[PageView]:
        """The navigation: the pages that the AppSpec names, else one for each entity."""
        pages = self.spec.pages or [
            Page(name=e.plural, label=e.label_plural, entity=e.name) for e in self.spec.entities
        ]
        return [PageView(p.name, Words(p.label), self.entity(p.entity) if p.entity else None, p.view) for p in pages]


def _choice(choice: Choice) -> ChoiceView:
    return ChoiceView(choice.value, Words(choice.label), choice.color)
