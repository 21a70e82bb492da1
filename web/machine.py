"""Find or install what generated apps need of the machine: bubblewrap and Chromium. Nothing else, nothing silently."""

import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from builder.install import InstallError, run_tool
from builder.toolchain import find_chromium

APT_OPTIONS = ("-y", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=120")
WHY = {"bubblewrap": "to keep generated apps apart from this machine", "chromium": "to look at them before you do"}

Say = Callable[[str], None]


class MachineError(RuntimeError):
    """Something is missing that can't be installed from here; the message says the one command that does it."""


def prepare_machine(say: Say, *, sandboxed: bool = True) -> None:
    """Install what is missing where that is allowed, else say how. Without bubblewrap nothing may run; without a
    browser apps still can, they are only checked less."""
    missing = missing_packages() if sandboxed else []
    if missing and _may_install():
        try:
            install_packages(missing, say)
        except MachineError as error:
            if "bubblewrap" in missing:
                raise
            say(str(error))
        missing = missing_packages()
    if "bubblewrap" in missing:
        raise MachineError(
            f"bubblewrap is needed {WHY['bubblewrap']}. Install it, then start again: {command(missing)}"
        )
    if missing:
        say(f"No browser found, so apps are not looked at before they are shown. To add one: {browser_command()}")


def missing_packages() -> list[str]:
    missing = [] if shutil.which("bwrap") else ["bubblewrap"]
    return missing if find_chromium() else [*missing, "chromium"]


def install_packages(packages: Iterable[str], say: Say) -> None:
    """By apt-get, once its lists are fresh enough to have them."""
    wanted = [name for name in packages if name != "chromium" or not _is_ubuntu()]
    if not wanted:
        return
    say(f"Installing {' and '.join(wanted)} by apt-get; this happens once.")
    environment = {"DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", *APT_OPTIONS, *wanted]
    try:
        run_tool(install, env=environment)
    except InstallError:
        try:
            run_tool(["apt-get", "update"], env=environment)
            run_tool(install, env=environment)
        except InstallError as error:
            raise MachineError(f"apt-get could not install {' and '.join(wanted)}. {error}") from error


def command(packages: Iterable[str]) -> str:
    """What a person types to install them here."""
    names = " ".join(packages)
    if shutil.which("apt-get"):
        return f"sudo apt-get install -y {names}"
    for manager, arguments in {"dnf": "install -y", "pacman": "-S --noconfirm", "zypper": "install -y"}.items():
        if shutil.which(manager):
            return f"sudo {manager} {arguments} {names}"
    return f"install {names} with your system's package manager"


def browser_command() -> str:
    """Ubuntu's chromium is a snap, which can't start in a sandbox; Playwright's own download can."""
    return "uvx playwright install --with-deps chromium" if _is_ubuntu() else command(["chromium"])


def _may_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def _is_ubuntu() -> bool:
    return "ubuntu" in _os_release()


def _os_release() -> str:
    path = Path("/etc/os-release")
    return path.read_text().lower() if path.exists() else ""
