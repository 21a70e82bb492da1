"""The same stories as told by an ordinary user: no control group, no user id to spare, only namespaces and watching."""

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from builder.sandbox.detect import SYSTEM_PATH

STORIES = ("test_isolation.py", "test_limits.py", "test_killing.py", "test_detect.py", "test_removal.py")
MODULES = ("_pytest", "pytest", "py", "pluggy", "iniconfig", "packaging", "pygments", "pyseccomp")

pytestmark = [
    pytest.mark.root,
    pytest.mark.skipif(
        os.getuid() != 0, reason="Only root can make a user; the other tests run at this level already."
    ),
]


@pytest.fixture
def user() -> Iterator[str]:
    """A user of this test alone, made with `useradd`."""
    if not (useradd := shutil.which("useradd", path=SYSTEM_PATH)):
        pytest.skip("There is no useradd here.")
    name = f"protodex-{secrets.token_hex(3)}"
    subprocess.run([useradd, "--no-create-home", "--shell", "/bin/sh", name], check=True, capture_output=True)
    yield name
    userdel = shutil.which("userdel", path=SYSTEM_PATH)
    assert userdel is not None
    subprocess.run([userdel, name], check=True, capture_output=True)


@pytest.fixture
def clone(user: str) -> Iterator[Path]:
    """What the stories need, in a place that the user can read: this checkout may be closed to others."""
    with tempfile.TemporaryDirectory(prefix="protodex-") as name:
        folder = Path(name)
        root = Path(sys.modules["builder"].__path__[0]).parent
        ignored = shutil.ignore_patterns("__pycache__")
        (folder / "builder").mkdir()
        (folder / "builder" / "__init__.py").touch()
        shutil.copytree(root / "builder" / "sandbox", folder / "builder" / "sandbox", ignore=ignored)
        shutil.copytree(Path(__file__).parent, folder / "tests", ignore=ignored)
        for module in MODULES:
            _copy_module(module, folder / "packages")
        (folder / "home").mkdir(mode=0o700)
        shutil.chown(folder / "home", user, user)
        folder.chmod(0o755)
        yield folder


def test_an_ordinary_user_gets_a_sandbox_that_holds(user: str, clone: Path):
    python = _python_for_all()
    argv = [_program("setpriv"), f"--reuid={user}", f"--regid={user}", "--clear-groups", "--", python, "-m", "pytest"]
    argv += ["-q", "-p", "no:cacheprovider", "--import-mode=importlib", f"--basetemp={clone}/home/tmp"]
    argv += [f"--rootdir={clone}", *(str(clone / "tests" / story) for story in STORIES)]
    env = {"PYTHONPATH": f"{clone}:{clone}/packages", "PATH": SYSTEM_PATH, "HOME": f"{clone}/home", "LANG": "C.UTF-8"}
    env |= {"PYTHONDONTWRITEBYTECODE": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    answer = subprocess.run(argv, cwd=clone, env=env, capture_output=True, text=True, timeout=240, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert " passed" in answer.stdout


def _python_for_all() -> str:
    """A Python that every user may run; the one of these tests may live in a home."""
    for python in (Path(sys.base_prefix, "bin", "python3"), Path("/usr/bin/python3"), Path("/usr/local/bin/python3")):
        if python.exists() and all(parent.stat().st_mode & 0o005 == 0o005 for parent in python.resolve().parents):
            code = "import enum; enum.StrEnum"
            if subprocess.run([str(python), "-c", code], capture_output=True, check=False).returncode == 0:
                return str(python)
    pytest.skip("No Python 3.11 that another user may run is installed here.")


def _program(name: str) -> str:
    path = shutil.which(name, path=SYSTEM_PATH)
    assert path is not None
    return path


def _copy_module(name: str, packages: Path) -> None:
    packages.mkdir(exist_ok=True)
    module = __import__(name)
    assert module.__file__ is not None
    source = Path(module.__file__)
    if source.name == "__init__.py":
        shutil.copytree(source.parent, packages / name, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, packages)
