"""Which features of a stack an AppSpec asks for, and the files and slots each of them brings."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from builder.people import people_of
from builder.spec import AppSpec, RuleKind
from builder.stack.answers import answers_of
from builder.yaml_files import read_yaml

FOLDER = Path(__file__).parents[2] / "templates" / "fullstack" / "features"
IN_OTHERS = frozenset(
    "pagination relations validation stats booking availability".split()
)  # `free_times` has the last two


class FeatureFile(BaseModel):
    """`feature.yaml`: an `entity` feature applies to entities, an `app` feature to the app as a whole.

    `implied_by` names features that bring this one with them, `implied_by_rules` kinds of rules that do. With an
    `option`, like `previous_next` or `scope=list`, features bring it only where they have that option; `name.option`
    asks so of one of them alone. `order` says where in a slot it stands. Each of `tables` is made once for every entity
    of the feature, named after the entity's table and its own `suffix`; those of an app feature are made once, and
    called by their suffix alone. `adds` are numbers that each row tells beside its own fields. `parts` are options that
    name an entity whose rows are shown on the page of a row, each with the option that names the relation between the
    two; nobody but the server writes the rows of those in `server_only`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    scope: Literal["entity", "app"] = "entity"
    implied_by: tuple[str, ...] = ()
    implied_by_rules: tuple[RuleKind, ...] = ()
    option: str | None = None
    order: int = 50
    tables: tuple["FeatureTable", ...] = ()
    adds: dict[str, "AddedNumber"] = {}
    parts: dict[str, str | None] = {}
    server_only: tuple[str, ...] = ()


class AddedNumber(BaseModel):
    """A number that a feature counts for each row, and the word of the interface that names it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: Literal["integer", "stars"]
    label: str


class FeatureTable(BaseModel):
    """A table beside an entity's own: columns by SQLAlchemy type, `entity` being a reference to the entity's row.

    Without `primary` its rows have an id. One of an app feature stands beside the entity that the option `of` names.
    There is no such table where the feature has the option `unless`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    suffix: str
    columns: dict[str, Literal["entity", "String", "Text", "Integer", "Float", "Boolean", "Date", "DateTime"]]
    primary: tuple[str, ...] = ()
    of: str | None = None
    unless: str | None = None


@dataclass(frozen=True)
class Folder:
    """The files of the base or of one feature, by path below `files/`."""

    name: str
    files: dict[str, bytes]
    feature: str | None = None
    slots: dict[str, str] = field(default_factory=dict)
    about: FeatureFile = field(default_factory=FeatureFile)

    @classmethod
    def base(cls, root: Path) -> "Folder":
        return cls("base", _files(root))

    @classmethod
    def of_feature(cls, root: Path) -> "Folder":
        about = root / "feature.yaml"
        slots = {p.name.removesuffix(".jinja"): p.read_text() for p in sorted((root / "slots").glob("*.jinja"))}
        read = read_yaml(about) if about.exists() else None
        return cls(root.name, _files(root / "files"), root.name, slots, FeatureFile.model_validate(read or {}))


@dataclass(frozen=True)
class Features:
    """The features of the stack in slot order, and the AppSpec that says which of them are active."""

    spec: AppSpec
    all: tuple[Folder, ...]

    @classmethod
    def load(cls, root: Path, spec: AppSpec) -> "Features":
        return cls(spec, _folders(root))

    def has(self, name: str, entity: str | None = None) -> bool:
        """Whether the feature is active for the entity; without one, whether it is active anywhere."""
        about = next((f.about for f in self.all if f.name == name), FeatureFile())
        return self._ruled(about, entity) or any(self._asked(n, about, entity) for n in (name, *about.implied_by))

    def options(self, name: str, entity: str | None = None) -> dict[str, Any]:
        """As the AppSpec says; lists of fields are without the secret of a person and the answers of a quiz."""
        found = self.spec.feature(name, entity)
        people = people_of(self.spec)
        hidden = {people.secret} if people and people.entity == entity else set()
        own = next((e for e in self.spec.entities if e.name == entity), None)
        if own and name != "quiz" and self.has("quiz", entity):
            hidden |= set(answers_of(own, self.options("quiz", entity)))
        return {key: _without(hidden, value) for key, value in found.options.items()} if found else {}

    def active(self, entity: str | None = None) -> list[str]:
        return [f.name for f in self.all if self.has(f.name, entity)]

    def folders(self) -> Iterator[Folder]:
        return (f for f in self.all if self.has(f.name))

    def tables(self, entity: str | None) -> Iterator[FeatureTable]:
        """The tables that the entity's features keep beside its own; without one, those of the app as a whole."""
        scope = "entity" if entity else "app"
        for folder in (f for f in self.all if self.has(f.name, entity)):
            options = self.options(folder.name, entity)
            for table in folder.about.tables:
                beside = self.options(folder.name).get(table.of) if table.of else None
                is_there = beside == entity if table.of else folder.about.scope == scope
                if is_there and not (table.unless and options.get(table.unless)):
                    yield table

    def added(self, entity: str) -> dict[str, AddedNumber]:
        """The numbers that the entity's features tell of each row."""
        folders = (f for f in self.all if f.about.adds and self.has(f.name, entity))
        return {name: number for f in folders for name, number in f.about.adds.items()}

    def slots(self, slot: str, entity: str | None) -> Iterator[tuple[str, str]]:
        """What the active features put into a slot: the feature's name and its template."""
        return ((f.name, f.slots[slot]) for f in self.all if slot in f.slots and self.has(f.name, entity))

    def _asked(self, name: str, about: FeatureFile, entity: str | None) -> bool:
        if about.scope == "app":
            own = next((f.about.option for f in self.all if f.name == name), None)  # a wish that lacks it is none yet
            return any(f.name == name and _has_option(f.options, own) for f in self.spec.features)
        name, _, option = name.partition(".")
        found = [f for f in self.spec.features if f.name == name and (entity is None or f.entity in (None, entity))]
        return bool(self.spec.entities) and any(
            _has_option(f.options, about.option) and _has_option(f.options, option) for f in found
        )

    def _ruled(self, about: FeatureFile, entity: str | None) -> bool:
        rules = [r for r in self.spec.rules if r.kind in about.implied_by_rules]
        return any(about.scope == "app" or entity in (None, r.entity) for r in rules)


def made(root: Path = FOLDER) -> frozenset[str]:
    """The features that the stack has: a folder each, and what every app does."""
    return frozenset(path.name for path in root.iterdir() if path.is_dir()) | IN_OTHERS


def _without(hidden: set[str], value: Any) -> Any:
    return [v for v in value if not isinstance(v, str) or v not in hidden] if isinstance(value, list | tuple) else value


def _has_option(options: dict[str, Any], wanted: str | None) -> bool:
    if not wanted:
        return True
    name, _, value = wanted.partition("=")
    return options.get(name) == value if value else bool(options.get(name))


@cache
def _folders(root: Path) -> tuple[Folder, ...]:
    folders = (Folder.of_feature(path) for path in root.glob("*") if path.is_dir())
    return tuple(sorted(folders, key=lambda f: (f.about.order, f.name)))


@cache
def _files(root: Path) -> dict[str, bytes]:
    found = (p for p in sorted(root.rglob("*")) if p.is_file() and "__pycache__" not in p.parts)
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in found}
