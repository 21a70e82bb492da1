"""The accounts of an app as templates see them: who the people are, and who may do what with the rows of an entity."""

from dataclasses import dataclass
from typing import Any

from builder.stack.efforts import approval
from builder.stack.templates import as_python
from builder.stack.views import EntityView, FieldView, SpecView

SIGNED = {"made": "created_by", "changed": "changed_by"}
LEVELS = {"all": "everyone", "members": "members", "own": "members", "admin": "admins"}


@dataclass(frozen=True)
class Accounts:
    """The entity of people and its fields. `admin` and `ordinary` are values of `role`, as Python."""

    entity: EntityView
    name: FieldView
    login: FieldView
    secret: FieldView
    role: FieldView | None
    admin: str
    ordinary: str

    def is_admin(self, person: str) -> str:
        """An expression for whether a person is an admin."""
        assert self.role is not None
        value = f"{person}.{self.role.name}"
        return value if self.role.type == "boolean" else f"{value} == {self.admin}"


def accounts(view: SpecView) -> Accounts | None:
    people = view.people
    if people is None:
        return None
    entity = view.entity(people.entity)
    (secret,) = (field for field in entity.hidden_fields if field.is_secret)
    role = entity.field(people.role) if people.role else None
    admin, ordinary = _roles(role, people.admin)
    return Accounts(entity, entity.field(people.name), entity.field(people.login), secret, role, admin, ordinary)


def _roles(role: FieldView | None, admin: Any) -> tuple[str, str]:
    if role is None or role.type == "boolean":
        return "True", "False"
    others = (c.value for c in role.choices if c.value != admin)
    return as_python(admin), as_python(next(others))


def decided(entity: EntityView) -> dict[str, str] | None:
    """The approval that admins alone give or refuse, in an app that has them."""
    people = entity.app.people
    return approval(entity) if people and people.role else None


def any_decided(entities: list[EntityView]) -> bool:
    return any(decided(e) for e in entities)


def level(entity: EntityView, what: str) -> str:
    """Who may call a route that reads, adds or changes rows of the entity."""
    assert entity.access is not None
    return LEVELS[getattr(entity.access, what)]


def kept(entity: EntityView) -> list[str]:
    """How the entity's rows are kept from others: the arguments of `access.keep`."""
    access = entity.access
    assert access is not None
    write = {"admin": "admins"}.get(access.write, access.write)
    owner: str | None
    if entity.is_people:
        # The names of people stand beside what they wrote, for everybody; the list of them is for members.
        read, owner = ("own" if access.read == "own" else "all"), "id"
    else:
        read = {"admin": "members"}.get(access.read, access.read)
        owner = entity.field(access.owner).column if access.owner else None
    found = [entity.class_name, f'read="{read}"', f'write="{write}"']
    found += [f'owner="{owner}"'] if owner else []
    found += [f"shown={as_python(access.shown)}"] if access.shown else []
    if ends := decided(entity):
        found.append(f"decided={as_python((ends['field'], ends['approved'], ends['rejected']))}")
    lists = {"granted": [f.name for f in entity.fields if f.is_role]}
    lists |= {name: [f.column for f in entity.fields if f.signed == source] for name, source in SIGNED.items()}
    return found + [f"{name}={as_python(names)}" for name, names in lists.items() if names]


def assigned(entity: EntityView) -> FieldView | None:
    """The relation that says who has taken a row on, in an app that knows its people."""
    people = entity.app.people
    if people is None or entity.is_people or not entity.has("assignment"):
        return None
    asked = entity.options("assignment").get("field")
    fit = [f for f in entity.relations if f.spec.target == people.entity and not f.many and not f.is_filled]
    return next((f for f in fit if f.name == asked), next(iter(fit), None))


def any_assigned(entities: list[EntityView]) -> bool:
    return any(assigned(e) for e in entities)


GLOBALS: dict[str, Any] = {f.__name__: f for f in (level, kept, decided, any_decided, assigned, any_assigned)}
