"""Who an app knows and who may do what: read out of the features `auth` and `roles` and the rules `owner_only`.

An `auth` that names no entity of people is a wish that nobody has spelled out yet: the app then has no accounts.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from builder.spec import AppSpec, Entity, Rule, SpecField

LOGINS = {"email", "string"}
NAMES = {"string", "email"}
SECRETS = {"string", "text"}
READ, WRITE = ("all", "members", "own"), ("own", "members", "admin")


@dataclass(frozen=True)
class People:
    """The entity of people and its fields; `admin` is the value of `role` that makes somebody an admin."""

    entity: str
    name: str
    login: str
    secret: str
    role: str | None = None
    admin: str | bool | None = None


@dataclass(frozen=True)
class Access:
    """Who reads, adds and changes the rows of an entity; `owner` is the field that says whose a row is.

    Where there is `shown`, a field and its value, rows without that value are only for admins and for whose they are.
    """

    read: str
    add: str
    write: str
    owner: str | None = None
    shown: tuple[str, str] | None = None


def people_of(spec: "AppSpec") -> People | None:
    auth = spec.feature("auth")
    options = auth.options if auth else {}
    if not options.get("entity"):
        return None
    entity, name, login, secret = (str(options.get(o)) for o in ("entity", "name", "login", "secret"))
    roles = spec.feature("roles")
    if roles is None:
        return People(entity, name, login, secret)
    role = str(roles.options.get("field") or options.get("role"))
    return People(entity, name, login, secret, role, _admin(spec, entity, role, roles.options.get("admin")))


def _admin(spec: "AppSpec", entity: str, role: str, asked: object) -> str | bool | None:
    """The value of the role that makes an admin: the one that is named, by its label perhaps, else `admin`, else the
    last of them.
    """
    fields = (f for e in spec.entities if e.name == entity for f in e.fields if f.name == role)
    field = next(fields, None)
    if field is None or not field.choices:
        return True
    named = [c.value for c in field.choices if str(asked).casefold() in (c.value, c.label.casefold())]
    usual = [c.value for c in field.choices if c.value == "admin"]
    return (named or usual or [field.choices[-1].value])[0]


def access_of(spec: "AppSpec", entity: str) -> Access:
    """What the rule of the entity says, else: members read; admins change, or members where there are no admins."""
    people = people_of(spec)
    assert people is not None
    workers = "admin" if people.role else "members"
    rule = _rule(spec, entity)
    options: dict[str, Any] = rule.options if rule else {}
    if entity == people.entity:
        return Access(options.get("read", "members"), "nobody", "own", None)
    contact, shown = spec.feature("contact_form"), _shown(spec, entity, people)
    if contact and contact.options.get("entity") == entity:
        others = "admin" if people.role else "members"
        return Access("all" if shown else others, workers, workers, shown=shown)
    if rule is None:
        is_each_persons = any(r.kind == "at_most_once" and r.entity == entity for r in spec.rules)
        return Access("members", "members" if is_each_persons else workers, workers, shown=shown)
    owner = next(iter(rule.fields), None)
    write = options.get("write", "own" if owner else workers)
    return Access(options.get("read", "own" if owner else "members"), _adders(write, people), write, owner, shown)


def _shown(spec: "AppSpec", entity: str, people: People) -> tuple[str, str] | None:
    """What an approval that hides asks for: without admins there is nobody for whom the others would be kept."""
    approval = next((f for f in spec.features if f.name == "approval" and f.entity == entity), None)
    options = approval.options if approval else {}
    if not options.get("hides") or not people.role:
        return None
    return str(options.get("field")), str(options.get("approved"))


def _adders(write: str, people: People) -> str:
    return "admin" if write == "admin" and people.role else "members"


def _rule(spec: "AppSpec", entity: str) -> "Rule | None":
    return next((r for r in spec.rules if r.kind == "owner_only" and r.entity == entity), None)


def check_people(spec: "AppSpec") -> None:
    """Raises a ValueError that says what is wrong with the accounts of an app."""
    people = people_of(spec)
    if people is None:
        return
    entity = next((e for e in spec.entities if e.name == people.entity), None)
    if entity is None:
        raise ValueError(f"auth names the unknown entity {people.entity!r}")
    _check_field(entity, "name", people.name, NAMES)
    _check_field(entity, "login", people.login, LOGINS)
    _check_field(entity, "secret", people.secret, SECRETS)
    if people.secret in (people.login, people.name) or people.secret == entity.title.name:
        raise ValueError(f"the secret {people.entity}.{people.secret} is never shown, so it can't name a person")
    if any(f.formula and people.secret in f.formula for f in entity.fields):
        raise ValueError(f"a formula uses the secret {people.entity}.{people.secret}")
    if any(r.entity == people.entity and people.secret in r.fields for r in spec.rules):
        raise ValueError(f"a rule is about the secret {people.entity}.{people.secret}")
    if people.role is not None:
        _check_role(entity, people)
    for rule in spec.rules:
        if rule.kind == "owner_only":
            _check_owner(rule, spec, people)


def _check_field(entity: "Entity", option: str, name: str, types: set[str]) -> "SpecField":
    field = next((f for f in entity.fields if f.name == name), None)
    if field is None or field.type not in types:
        raise ValueError(f"auth needs the option {option!r}: a field of {entity.name!r} that is {_or(sorted(types))}")
    return field


def _check_role(entity: "Entity", people: People) -> None:
    field = _check_field(entity, "role", str(people.role), {"choice", "boolean"})
    if field.type == "choice" and len(field.choices) < 2:
        raise ValueError(f"{entity.name}.{field.name} needs a second choice, for those who are no admins")


def _check_owner(rule: "Rule", spec: "AppSpec", people: People) -> None:
    entity = spec.entity(rule.entity)
    for option, values in (("read", READ), ("write", WRITE)):
        if rule.options.get(option, values[0]) not in values:
            raise ValueError(f"owner_only of {entity.name!r}: {option!r} is {_or(list(values))}")
    if rule.entity == people.entity:
        return
    fields = [f for f in entity.fields if f.name in rule.fields]
    if len(fields) != len(rule.fields) or len(fields) > 1:
        raise ValueError(f"owner_only of {entity.name!r} names at most one field, and it has to be there")
    if fields and (fields[0].target != people.entity or fields[0].many):
        raise ValueError(f"the owner {entity.name}.{fields[0].name} has to be one of {people.entity!r}")
    if not fields and "own" in (rule.options.get("read"), rule.options.get("write")):
        raise ValueError(f"owner_only of {entity.name!r} needs a field that says whose a row is")


def _or(words: list[str]) -> str:
    return ", ".join(words[:-1]) + " or " + words[-1] if len(words) > 1 else words[0]
