"""What a change added to an AppSpec, as parts that can be proven."""

from collections.abc import Iterator

from builder.agent.ledger import PartAsked
from builder.proofs.colours import chosen
from builder.spec import AppSpec, FeatureName

# What every app has by itself is nothing that a change brought.
USUAL = frozenset({FeatureName.VALIDATION, FeatureName.RELATIONS, FeatureName.PAGINATION, FeatureName.DETAIL})


def added(before: AppSpec, after: AppSpec) -> Iterator[PartAsked]:
    old = {e.name: e for e in before.entities}
    for entity in after.entities:
        was = old.get(entity.name)
        known = {f.name for f in was.fields} if was else set()
        fields = tuple(f.name for f in entity.fields if f.name not in known and f.was not in known)
        if was is None or fields:
            yield PartAsked(part=f"entities.{entity.name}", fields=fields)
    known_features = {f.name for f in before.features}
    for name in dict.fromkeys(f.name for f in after.features):
        if name not in known_features | USUAL:
            yield PartAsked(part=f"features.{name.value}")
    rules = {(r.kind, r.entity, r.fields) for r in before.rules}
    for kind in dict.fromkeys(r.kind for r in after.rules if (r.kind, r.entity, r.fields) not in rules):
        yield PartAsked(part=f"features.{kind.value}")
    for role in ("background", "component"):
        part = f"theme.{role}"
        if (colour := chosen(after, part)) and colour != chosen(before, part):
            yield PartAsked(part=part, fields=colour)
