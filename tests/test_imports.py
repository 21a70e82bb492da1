"""The direction of the imports: web → workers → builder, and the engine stands alone."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = {"builder", "workers", "web", "inference"}
MAY_IMPORT = {
    "builder": {"builder"},
    "workers": {"workers", "builder"},
    "web": {"web", "workers", "builder"},
    "inference": {"inference"},
}
# The path runs without a server, a queue or a table.
NOT_IN_BUILDER = {
    "fastapi",
    "starlette",
    "uvicorn",
    "sse_starlette",
    "sqlalchemy",
    "alembic",
    "celery",
    "redis",
    "typer",
}
HEAVY = {"torch", "transformers", "tokenizers", "safetensors", "llguidance"}


def imported_by(path: Path) -> set[str]:
    """The top-level names that a file imports, anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(), str(path))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:  # a relative one stays inside the package
            names.add((node.module or "").split(".")[0])
    return names


def files_of(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


@pytest.mark.parametrize("package", sorted(PACKAGES))
def test_imports_go_one_way(package):
    wrong = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in files_of(package)
        for name in imported_by(path) & (PACKAGES | {"tests", "templates"}) - MAY_IMPORT[package]
    }
    assert not wrong


def test_the_builder_knows_no_server_queue_or_table():
    wrong = {f"{p.relative_to(ROOT)} imports {n}" for p in files_of("builder") for n in imported_by(p) & NOT_IN_BUILDER}
    assert not wrong


@pytest.mark.parametrize("package", ["builder", "workers", "web"])
def test_only_the_engine_needs_torch(package):
    wrong = {
        f"{path.relative_to(ROOT)} imports {name}" for path in files_of(package) for name in imported_by(path) & HEAVY
    }
    assert not wrong


def test_the_test_sees_a_wrong_import(tmp_path):
    file = tmp_path / "wrong.py"
    file.write_text("def f():\n    from web.app import create_app\n    import torch.nn\n")
    assert imported_by(file) == {"web", "torch"}
