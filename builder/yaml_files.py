"""Read the YAML files that ship with Protodex."""

from pathlib import Path
from typing import Any

import yaml

# libyaml's parser, where PyYAML was built with it, is seven times as fast, and there are a hundred files to read.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), _LOADER)  # noqa: S506 - both loaders are safe
