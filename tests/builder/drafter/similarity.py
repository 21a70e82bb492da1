"""How alike two blueprints are once their nouns are taken away: run it for a table.

`python -m tests.builder.drafter.similarity [LEAST]` prints percentages for each pair and the pairs above LEAST.
Compared are what each entity's fields are (types, units, what points at what), formulas with every name made x,
features with the names of their options, and rules. Labels, choices and rows don't count.
"""

import re
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import combinations

from builder import blueprints
from builder.drafter.shelf import shelf
from builder.drafter.sketch import AppSketch, EntitySketch, FieldSketch
from builder.spec import FieldType

WEIGHTS = {"entities": 0.5, "features": 0.25, "rules": 0.25}
FUNCTIONS = frozenset("if and or not min max round count sum avg latest today days_since days_until age lower".split())
Shape = Counter[str]


def similarity(one: str, other: str) -> float:
    """From 0 to 1, where 1 is an app that differs in its nouns alone."""
    a, b = _sketch(one), _sketch(other)
    parts = {
        "entities": _alike_entities(a.entities, b.entities),
        "features": _jaccard(_features(a), _features(b)),
        "rules": _jaccard(_rules(a), _rules(b)),
    }
    return sum(WEIGHTS[name] * part for name, part in parts.items())


def pairs() -> list[tuple[float, str, str]]:
    """Every two blueprints, the most alike first."""
    found = ((similarity(a, b), a, b) for a, b in combinations(blueprints.names(), 2))
    return sorted(found, reverse=True)


@cache
def _sketch(name: str) -> AppSketch:
    return next(b.sketch for b in shelf() if b.name == name)


def _alike_entities(some: list[EntitySketch], others: list[EntitySketch]) -> float:
    """Each thing beside the one it is most like, the best matches first; one that has no match counts as unlike."""
    matches = [(_jaccard(_fields(a), _fields(b)), i, j) for i, a in enumerate(some) for j, b in enumerate(others)]
    left, right, total = set(range(len(some))), set(range(len(others))), 0.0
    for score, i, j in sorted(matches, reverse=True):
        if i in left and j in right:
            total += score
            left.discard(i)
            right.discard(j)
    return total / max(len(some), len(others))


def _fields(entity: EntitySketch) -> Shape:
    return Counter(shape for field in entity.fields for shape in _field(field, entity))


def _field(field: FieldSketch, entity: EntitySketch) -> Iterator[str]:
    if field.type is FieldType.COMPUTED:
        yield f"computed {_bare(field.formula or '')}"
    elif field.type is FieldType.RELATION:
        yield "relation " + ("many" if field.many else "to itself" if field.target == entity.key else "to one")
    else:
        yield f"{field.type.value} {field.unit or ''}{' required' if field.required else ''}"


def _bare(formula: str) -> str:
    """The formula without its names, numbers and texts."""
    plain = re.sub(r'"[^"]*"|\b\d+(\.\d+)?\b', "1", formula)
    return re.sub(r"[a-z_]\w*(\.\w+)?", lambda m: m[0] if m[0] in FUNCTIONS else "x", plain).replace(" ", "")


def _features(sketch: AppSketch) -> Shape:
    return Counter(f"{f.name} {' '.join(sorted(f.options))}" for f in sketch.features)


def _rules(sketch: AppSketch) -> Shape:
    return Counter(f"{r.kind} {len(r.fields)} {' '.join(sorted(r.options))}" for r in sketch.rules)


def _jaccard(a: Shape, b: Shape) -> float:
    together = (a | b).total()
    return (a & b).total() / together if together else 0.0


def main() -> None:
    least = float(sys.argv[1]) if len(sys.argv) > 1 else 40
    names = blueprints.names()
    found = {frozenset(pair): round(100 * score) for score, *pair in pairs()}
    print(" " * 18 + "".join(f"{at:3}" for at in range(len(names))))
    for at, name in enumerate(names):
        print(f"{at:2} {name:15}" + "".join(f"{found[frozenset((name, other))]:3}" for other in names[:at]))
    for score, a, b in pairs():
        if 100 * score >= least:
            print(f"{100 * score:3.0f}  {a} {b}")


if __name__ == "__main__":
    main()
