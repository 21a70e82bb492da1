"""Ready drafts of the apps people ask for, one YAML file each. What they mean is read in `builder.drafter.shelf`."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent


@cache
def names() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in ROOT.glob("*.yaml")))


@cache
def read(name: str) -> dict[str, Any]:
    blueprint: dict[str, Any] = yaml.safe_load((ROOT / f"{name}.yaml").read_text(encoding="utf-8"))
    return blueprint
