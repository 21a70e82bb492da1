"""What a generated app may import: the standard library, itself, and the packages that its kit and runtime hold."""

import json
import re
import sys
from collections.abc import Callable, Collection
from functools import cache
from pathlib import Path
from typing import Any

from builder.agent.syntax import extension, imported
from builder.agent.tools.base import ToolError

TEMPLATES = Path(__file__).parents[2] / "templates"
REQUIREMENTS, PACKAGE = "requirements.txt", "frontend/package.json"
_BROUGHT_ALONG = frozenset({"starlette", "typing_extensions", "annotated_types", "pydantic_core", "anyio", "mako"})
_FOR_TESTS = frozenset({"pytest", "httpx", "httpx2", "_pytest"})
_IMPORTED_AS = {"python-multipart": ("multipart", "python_multipart")}
_BUILT_WITH = frozenset({"playwright"})


def check_imports(path: str, text: str, paths: Collection[str], read: Callable[[str], str]) -> None:
    """ToolError when the file imports what the app doesn't have."""
    kind = extension(path)
    if kind == "py":
        _check_python(path, text, paths, read)
    elif kind in ("ts", "tsx", "css") and path.startswith("frontend/"):
        _check_front_end(path, text, read)


def check_manifest(path: str, old: str, new: str) -> None:
    """ToolError when a list of packages gets anything but what kit and runtime hold, in their versions."""
    if path == REQUIREMENTS:
        unknown = [line for line in _entries(new) if line not in runtime().values() and line not in _entries(old)]
        if unknown:
            allowed = "\n".join(line for name, line in runtime().items() if name not in _BUILT_WITH)
            raise ToolError(f"{unknown[0][:80]!r} is not available. {path} may hold these lines only:\n{allowed}")
    if path == PACKAGE:
        _check_package_json(old, new)


@cache
def runtime() -> dict[str, str]:
    """What generated apps run on: name to line."""
    lines = _entries((TEMPLATES / "runtime" / "requirements.txt").read_text())
    return {name(line): line for line in lines}


@cache
def kit() -> dict[str, str]:
    """What front ends are built from: name to version."""
    manifest = json.loads((TEMPLATES / "kit" / "package.json").read_text())
    return {**manifest["dependencies"], **manifest["devDependencies"]}


def name(line: str) -> str:
    return re.split(r"[\[<>=!~; ]", line, maxsplit=1)[0].lower()


def _check_python(path: str, text: str, paths: Collection[str], read: Callable[[str], str]) -> None:
    listed = {name(line) for line in _entries(read(REQUIREMENTS))} or set(runtime())
    own = {"backend", "tests"} | {each.split("/")[1].removesuffix(".py") for each in paths if each.startswith("tests/")}
    usable = {module for each in listed for module in _modules(each)} | _BROUGHT_ALONG | own
    usable |= _FOR_TESTS if path.startswith("tests/") else frozenset()
    for line, module in imported(path, text):
        top = module.split(".")[0]
        if not top or top in usable or top in sys.stdlib_module_names:
            continue
        if addable := next((each for each in runtime() if top in _modules(each) and each not in _BUILT_WITH), None):
            raise ToolError(
                f"{path}:{line} imports {top}. First add the line {runtime()[addable]!r} to {REQUIREMENTS}."
            )
        allowed = ", ".join(sorted(usable - own - _BROUGHT_ALONG))
        raise ToolError(
            f"{path}:{line} imports {top[:60]}, which the app doesn't have. Nothing can be installed. "
            f"Use the standard library, `backend` and: {allowed}."
        )


def _modules(package: str) -> tuple[str, ...]:
    return _IMPORTED_AS.get(package, (package.replace("-", "_"),))


def _check_front_end(path: str, text: str, read: Callable[[str], str]) -> None:
    listed = _dependencies(_loaded(read(PACKAGE))) or kit()
    for line, module in imported(path, text):
        package = "/".join(module.split("/")[: 2 if module.startswith("@") else 1])
        if module.startswith((".", "/")) and not module.startswith("//"):
            continue
        if package in listed:
            continue
        if package in kit():
            raise ToolError(f"{path}:{line} imports {package}. First add it to {PACKAGE}, as {kit()[package]!r}.")
        allowed = ", ".join(sorted(each for each in kit() if not each.startswith("@types/")))
        raise ToolError(
            f"{path}:{line} imports {package[:80]}, which the app doesn't have. Nothing can be installed. "
            f"Use the app's own files (a relative path) and: {allowed}."
        )


def _check_package_json(old: str, new: str) -> None:
    before, after = _loaded(old), _loaded(new)
    lists = ("dependencies", "devDependencies")
    if {k: v for k, v in before.items() if k not in lists} != {k: v for k, v in after.items() if k not in lists}:
        raise ToolError(f"Of {PACKAGE} only `dependencies` may change: scripts and the rest stay as they are.")
    had, has = _dependencies(before), _dependencies(after)
    for package, version in has.items():
        if had.get(package) != version and kit().get(package) != version:
            allowed = ", ".join(f"{each} {number}" for each, number in kit().items())
            raise ToolError(f"{package[:80]} {str(version)[:40]} is not available. There are: {allowed}.")
    if gone := [package for package in had if package not in has]:
        raise ToolError(f"{gone[0]} has to stay in {PACKAGE}: the app is built with it.")


def _dependencies(manifest: dict[str, Any]) -> dict[str, Any]:
    parts = [manifest.get(each) for each in ("dependencies", "devDependencies")]
    return {str(key): value for part in parts if isinstance(part, dict) for key, value in part.items()}


def _loaded(text: str) -> dict[str, Any]:
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}


def _entries(text: str) -> list[str]:
    lines = (line.split(" #")[0].strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("#")]
