"""Hold a draft against the `expect` of a prompt: entities, fields and features by their synonyms."""

from typing import Any

from builder.spec import AppSpec, Entity


def missing(spec: AppSpec, expect: dict[str, Any]) -> list[str]:
    """What the prompt asked for and the AppSpec lacks, each in words."""
    found = [*_missing_entities(spec, expect["entities"]), *_missing_features(spec, expect)]
    for role, color in expect.get("colors", {}).items():
        if getattr(spec.theme, role) != color["hex"]:
            found.append(f"{role} is {getattr(spec.theme, role)}, not {color['hex']}")
    return found


def _missing_entities(spec: AppSpec, wanted: list[dict[str, Any]]) -> list[str]:
    found = []
    for entity in wanted:
        own = next((e for e in spec.entities if _called(e, entity["names"])), None)
        if own is None:
            found.append(f"entity {entity['names'][0]}")
            continue
        names = {_plain(text) for field in own.fields for text in (field.name, field.label)}
        found += [f"field {own.name}.{words[0]}" for words in entity["fields"] if not names & set(map(_plain, words))]
    return found


def _missing_features(spec: AppSpec, expect: dict[str, Any]) -> list[str]:
    have = {feature.name.value for feature in spec.features}
    needed = set(expect["features"]) - set(expect.get("optional_features", ()))
    return [f"feature {name}" for name in sorted(needed - have)]


def _called(entity: Entity, names: list[str]) -> bool:
    return bool({_plain(entity.name), _plain(entity.label)} & set(map(_plain, names)))


def _plain(text: str) -> str:
    plain = text.lower().replace(" ", "_").replace("é", "e")
    for suffix in ("_field", "_item"):
        plain = plain.removesuffix(suffix)
    return plain.removesuffix("s")
