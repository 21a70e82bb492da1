"""Rendered apps on disk, run with the Python of the tests."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from builder.spec import AppSpec
from builder.stack import render_stack
from builder.toolchain import Toolchain


@dataclass
class App:
    folder: Path
    files: dict[str, bytes]
    url: str = ""  # of a database of its own kind, if not SQLite beside it

    @property
    def database(self) -> Path:
        return self.folder.parent / f"{self.folder.name}.sqlite"

    def run(self, *arguments: str) -> str:
        """The output of Python in the app's folder; warnings are errors, and an exit status is one, too."""
        environment = os.environ | {
            "DATABASE_URL": self.url or f"sqlite:///{self.database}",
            "PYTHONWARNINGS": "error",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTEST_DEBUG_TEMPROOT": str(self.folder.parent),  # an app's pytest tidies up what others left, too
        }
        done = subprocess.run(
            [sys.executable, *arguments], cwd=self.folder, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout

    def migrate(self) -> None:
        self.run("-m", "backend.migrate")


class Apps:
    def __init__(self, root: Path) -> None:
        self.root = root

    def make(self, spec: AppSpec, name: str = "app", previous: Mapping[str, bytes] | None = None) -> App:
        """An app without its front end, which is not tried here."""
        files = render_stack(spec, previous or {})
        for path, data in files.items():
            if not path.startswith("frontend/"):
                place = self.root / name / path
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(data)
        return App(self.root / name, files)


def type_errors(spec: AppSpec, folder: Path, toolchain: Toolchain) -> str:
    """What tsc says of the front end of an app written into `folder`; nothing when its types hold."""
    for path, data in render_stack(spec).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    (folder / "node_modules").symlink_to(toolchain.node_modules)
    tsc = [str(toolchain.node), str(toolchain.node_modules / "typescript/bin/tsc"), "--noEmit"]
    done = subprocess.run(tsc, cwd=folder / "frontend", capture_output=True, text=True, check=False)
    return done.stdout or f"tsc ended with {done.returncode}" if done.returncode else ""


@pytest.fixture
def apps(tmp_path: Path) -> Apps:
    return Apps(tmp_path)
