"""The wheel holds everything that runs: templates, blueprints, data sets, pages, assets, migrations."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("builder", "inference", "templates", "web", "workers")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> set[str]:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    with zipfile.ZipFile(next(folder.glob("protodex-*.whl"))) as archive:
        return set(archive.namelist())


def test_every_file_of_the_packages_is_in_it(wheel):
    tracked = subprocess.run(
        ["git", "ls-files", "-z", *PACKAGES], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split("\0")
    present = {name for name in tracked if name and (ROOT / name).exists() and Path(name).name != ".gitkeep"}
    assert len(present) > 100
    assert present - wheel == set()


def test_nothing_else_is_in_it(wheel):
    strangers = {name for name in wheel if name.split("/")[0] not in PACKAGES and ".dist-info/" not in name}
    assert strangers == set()
    assert not {name for name in wheel if "__pycache__" in name or "node_modules" in name}
    assert any(name.endswith("licenses/LICENSE") for name in wheel)


def test_the_command_is_there(wheel):
    assert any(name.endswith("entry_points.txt") for name in wheel)
