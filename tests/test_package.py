"""The wheel holds everything that runs: templates, blueprints, data sets, pages, assets, migrations."""

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("builder", "inference", "templates", "web", "workers")


def test_every_file_of_the_packages_is_in_it_and_nothing_else(tmp_path):
    names = _wheel(tmp_path)
    tracked = subprocess.run(
        ["git", "ls-files", "-z", *PACKAGES], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split("\0")
    present = {name for name in tracked if name and (ROOT / name).exists() and Path(name).name != ".gitkeep"}
    assert len(present) > 100
    assert present - names == set()
    strangers = {name for name in names if name.split("/")[0] not in PACKAGES and ".dist-info/" not in name}
    assert strangers == set()
    assert not {name for name in names if "__pycache__" in name or "node_modules" in name}
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert any(name.endswith("entry_points.txt") for name in names), "the command is not there"


def _wheel(folder: Path) -> set[str]:
    """The names in it. It takes seconds to make, so one test looks at all of it."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    with zipfile.ZipFile(next(folder.glob("protodex-*.whl"))) as archive:
        return set(archive.namelist())
