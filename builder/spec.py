"""The AppSpec: a typed description of one app. Its JSON Schema is also what a model is held to."""

import re
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from builder.formula import MAX_LENGTH, FormulaError, Formulas
from builder.names import is_reserved
from builder.people import check_people
from builder.rules import check_rules
from builder.sheets import opened_sheet

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Hex = Annotated[str, StringConstraints(pattern=r"^#[0-9a-f]{6}$", to_lower=True)]
View = Literal[
    "cards",
    "table",
    "list",
    "board",
    "calendar",
    "quiz",
    "compare",
    "favorites",
    "dashboard",
    "report",
    "leaderboard",
    "contact",
]
MAX_ENTITIES, MAX_FIELDS, MAX_SEED_ROWS = 40, 80, 3000


class AppKind(StrEnum):
    FULLSTACK = "fullstack"
    ARTIFACT = "artifact"
    SLIDES = "slides"


class FieldType(StrEnum):
    STRING = "string"
    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    MONEY = "money"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    TIME = "time"
    CHOICE = "choice"
    EMAIL = "email"
    URL = "url"
    PHONE = "phone"
    COLOR = "color"
    IMAGE = "image"
    FILE = "file"
    RATING = "rating"
    RELATION = "relation"
    COMPUTED = "computed"

    @property
    def is_number(self) -> bool:
        return self in {FieldType.INTEGER, FieldType.DECIMAL, FieldType.MONEY, FieldType.RATING, FieldType.COMPUTED}

    @property
    def is_moment(self) -> bool:
        return self in {FieldType.DATE, FieldType.DATETIME, FieldType.TIME}


class FeatureName(StrEnum):
    SEARCH = "search"
    FILTER = "filter"
    SORT = "sort"
    PAGINATION = "pagination"
    DETAIL = "detail"
    CREATE = "create"
    EDIT = "edit"
    DELETE = "delete"
    VALIDATION = "validation"
    RELATIONS = "relations"
    FAVORITES = "favorites"
    LIKE = "like"
    RATINGS = "ratings"
    COMMENTS = "comments"
    FOLLOW = "follow"
    TAGS = "tags"
    CATEGORIES = "categories"
    HISTORY = "history"
    STATUS_WORKFLOW = "status_workflow"
    ASSIGNMENT = "assignment"
    APPROVAL = "approval"
    KANBAN = "kanban"
    DRAG_DROP = "drag_drop"
    CALENDAR = "calendar"
    BOOKING = "booking"
    AVAILABILITY = "availability"
    CART = "cart"
    CHECKOUT = "checkout"
    QUIZ = "quiz"
    SCORING = "scoring"
    TIMER = "timer"
    RANDOMIZE = "randomize"
    LEADERBOARD = "leaderboard"
    STREAK = "streak"
    PROGRESS = "progress"
    POLL = "poll"
    COMPARE = "compare"
    DASHBOARD = "dashboard"
    CHART = "chart"
    STATS = "stats"
    REPORT = "report"
    EXPORT = "export"
    IMPORT = "import"
    PRINT = "print"
    UPLOAD = "upload"
    NOTIFICATIONS = "notifications"
    LOW_STOCK_ALERT = "low_stock_alert"
    CHAT = "chat"
    STREAMING_UPDATES = "streaming_updates"
    CONTACT_FORM = "contact_form"
    AUTH = "auth"
    ROLES = "roles"


class RuleKind(StrEnum):
    COMPUTED = "computed"
    UNIQUE = "unique"
    NO_OVERLAP = "no_overlap"
    CAPACITY = "capacity"
    TRANSITION = "transition"
    AT_MOST_ONCE = "at_most_once"
    REFUSE_DELETE = "refuse_delete"
    RANGE = "range"
    REQUIRED_IF = "required_if"
    OWNER_ONLY = "owner_only"


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Theme(Part):
    """Colours a person named are kept exactly; a missing one is derived from the other, or suits the domain."""

    background: Hex | None = None
    component: Hex | None = None
    mode: Literal["light", "dark", "system"] = "system"
    style: Literal["clean", "editorial", "playful", "bold-dark", "warm", "technical"] = "clean"


class Choice(Part):
    value: Name
    label: Label
    color: Hex | None = None


class SpecField(Part):
    """`many` makes a relation many-to-many; a boolean may have two choices, `true` and `false`, for its labels."""

    name: Name
    type: FieldType
    label: Label
    required: bool = False
    unique: bool = False
    choices: tuple[Choice, ...] = ()
    unit: Annotated[str, StringConstraints(max_length=20)] | None = None
    min: float | None = None
    max: float | None = None
    target: Name | None = None
    many: bool = False
    was: Name | None = None
    formula: Annotated[str, StringConstraints(max_length=MAX_LENGTH)] | None = None

    @model_validator(mode="after")
    def _fits_its_type(self) -> Self:
        if is_reserved(self.name, entity=False):
            raise ValueError(f"the field name {self.name!r} is reserved; call it {self.name}_field")
        if self.type is FieldType.CHOICE and not self.choices:
            raise ValueError(f"the choice field {self.name!r} has no choices")
        if len({c.value for c in self.choices}) != len(self.choices):
            raise ValueError(f"the field {self.name!r} has a choice twice")
        if (self.type is FieldType.RELATION) != (self.target is not None):
            raise ValueError(f"the field {self.name!r} needs a target exactly when it is a relation")
        if (self.type is FieldType.COMPUTED) != (self.formula is not None):
            raise ValueError(f"the field {self.name!r} needs a formula exactly when it is computed")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"the field {self.name!r} has a minimum above its maximum")
        return self


_WHEN = frozenset({FieldType.DATE, FieldType.DATETIME, FieldType.TIME})


class Entity(Part):
    """One kind of thing. A relation in `seed` names its target row by 1-based position or by its title."""

    name: Name
    plural: Name
    label: Label
    label_plural: Label
    fields: Annotated[tuple[SpecField, ...], Field(min_length=1, max_length=MAX_FIELDS)]
    seed: Annotated[tuple[dict[str, Any], ...], Field(max_length=MAX_SEED_ROWS)] = ()
    dataset: Annotated[str, StringConstraints(pattern=r"^[a-z_]+(/[a-z_]+)?(\?[a-z0-9_=&-]+)?$")] | None = None
    icon: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,30}$")] | None = None

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if is_reserved(self.name, entity=True):
            raise ValueError(f"the entity name {self.name!r} is reserved; call it {self.name}_item")
        names = [f.name for f in self.fields]
        if len(set(names)) != len(names):
            raise ValueError(f"the entity {self.name!r} has a field twice")
        for row in self.seed:
            if unknown := set(row) - set(names):
                raise ValueError(f"the entity {self.name!r} has seed values for unknown fields: {sorted(unknown)}")
        return self

    def field(self, name: str) -> SpecField:
        return next(f for f in self.fields if f.name == name)

    @property
    def title(self) -> SpecField:
        """The field that names a row to a person: `name` or `title` if there, else the first text, else the first.

        A day or an hour only says when, so whom or what a row belongs to names it before: a visit is Ana's. So it does
        before a text that may be missing: a match is of its teams, not of its ground.
        """
        texts = [f for f in self.fields if f.type is FieldType.STRING]
        named = [f for f in texts if re.search(r"(^|_)(name|title)$", f.name)]
        sure = [f for f in texts if f.required or re.search(r"(^|_)(number|code|reference)$", f.name)]
        whose = [f for f in self.fields if f.type is FieldType.RELATION and not f.many]
        needed = [f for f in whose if f.required and texts]
        said = whose if self.fields[0].type in _WHEN else []
        return next(iter(named or sure or needed or texts or said or self.fields))

    @property
    def stored_fields(self) -> tuple[SpecField, ...]:
        return tuple(f for f in self.fields if f.type is not FieldType.COMPUTED)


class Feature(Part):
    name: FeatureName
    entity: Name | None = None
    options: dict[str, Any] = Field(default_factory=dict)


class Rule(Part):
    kind: RuleKind
    entity: Name
    fields: tuple[Name, ...] = ()
    options: dict[str, Any] = Field(default_factory=dict)


class Page(Part):
    """One entry of the navigation. A `view` left open follows from the data: pictures as cards, work as a table."""

    name: Name
    label: Label
    entity: Name | None = None
    view: View | None = None


class Starter(Part):
    """A ready page of `templates/artifact/starters`, or a `sheet` or `deck`, and what a prompt says of it."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    options: dict[str, Any] = Field(default_factory=dict)


class AppSpec(Part):
    name: Label
    tagline: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""
    kind: AppKind = AppKind.FULLSTACK
    locale: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")] = "en"
    theme: Theme = Theme()
    starter: Starter | None = None
    entities: Annotated[tuple[Entity, ...], Field(max_length=MAX_ENTITIES)] = ()
    features: tuple[Feature, ...] = ()
    rules: tuple[Rule, ...] = ()
    pages: tuple[Page, ...] = ()

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        names = [e.name for e in self.entities]
        if len(set(names)) != len(names) or len({e.plural for e in self.entities}) != len(names):
            raise ValueError("two entities share a name or a plural")
        for entity in self.entities:
            for field in entity.fields:
                if field.target is not None and field.target not in names:
                    raise ValueError(f"{entity.name}.{field.name} points at the unknown entity {field.target!r}")
        parts: tuple[Feature | Rule | Page, ...] = (*self.features, *self.rules, *self.pages)
        for part in parts:
            if part.entity is not None and part.entity not in names:
                raise ValueError(f"a {type(part).__name__.lower()} names the unknown entity {part.entity!r}")
        if len({p.name for p in self.pages}) != len(self.pages):
            raise ValueError("two pages share a name")
        try:
            Formulas(self).check()
        except FormulaError as error:
            raise ValueError(str(error)) from None
        if self.kind is AppKind.SLIDES and self.starter:
            opened_sheet(self.starter.name, self.starter.options)
        check_people(self)
        check_rules(self)
        return self

    def entity(self, name: str) -> Entity:
        return next(e for e in self.entities if e.name == name)

    def feature(self, name: FeatureName | str, entity: str | None = None) -> Feature | None:
        """The feature as it applies to `entity`: one that names no entity applies to all of them."""
        own = [f for f in self.features if f.name == name and f.entity == entity]
        shared = [f for f in self.features if f.name == name and f.entity is None]
        return next(iter(own or shared), None)
