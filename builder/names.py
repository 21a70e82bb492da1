"""Turn a person's words into names that are safe in Python, TypeScript, SQL, URLs and file systems alike."""

import keyword
import re
from collections.abc import Collection

from anyascii import anyascii

MAX_LENGTH = 40
IDENTIFIER = re.compile(r"[a-z][a-z0-9_]{0,39}")

# Legal identifiers that would shadow something in the generated code: an attribute of SQLAlchemy's
# declarative base or of a Pydantic model, a query parameter of every list route, a route's own path, or a module
# that the body of a generated class refers to.
FIELD_RESERVED = frozenset(
    "id metadata registry query model_config model_fields copy dict json schema construct validate self cls "
    "q page size sort may_change favorite low_stock export facets stats neighbours none true false "
    "sa orm dt pydantic typing builtins arithmetic decimal logins".split()
)
ENTITY_RESERVED = frozenset(
    "base session database main seed migrate migrations errors visitor tests app api health openapi static "
    "entity entities none true false".split()
)


def identifier(label: str, taken: Collection[str] = (), *, entity: bool = False) -> str:
    """The safe name nearest to `label`: ASCII snake case, unique among `taken`, with a suffix where reserved."""
    words = re.findall(r"[a-z0-9]+", anyascii(label).lower())
    name = "_".join(words)[:MAX_LENGTH].strip("_")
    if not name or not name[0].isalpha():
        name = ("item_" if entity else "field_") + name if name else ("item" if entity else "field")
    if is_reserved(name, entity=entity):
        name += "_item" if entity else "_field"
    unique, number = name[:MAX_LENGTH], 2
    while unique in taken:
        unique = f"{name[: MAX_LENGTH - 4]}_{number}"
        number += 1
    return unique


def is_reserved(name: str, *, entity: bool) -> bool:
    return (
        keyword.iskeyword(name)
        or keyword.issoftkeyword(name)
        or name in (ENTITY_RESERVED if entity else FIELD_RESERVED)
    )
