"""Run the app with nothing but Python: `python3 start.py`. Run its tests: `python3 start.py test`."""

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def main() -> int:
    if sys.version_info < (3, 11):  # noqa: UP036 - this file is what an older Python runs into first
        print("This app needs Python 3.11 or newer.")
        return 1
    if sys.argv[1:] == ["test"]:
        install("requirements-test.txt")
        return run("-m", "pytest")
    if sys.argv[1:]:
        print("Use `python3 start.py` to run the app, or `python3 start.py test` to test it.")
        return 2
    install("requirements.txt")
    return run("-m", "backend.migrate") or serve()


def install(requirements: str) -> None:
    """Make the environment once, and fill it again when the requirements change."""
    wanted = hashlib.sha256((ROOT / "requirements.txt").read_bytes() + (ROOT / requirements).read_bytes()).hexdigest()
    done = VENV / f"{requirements}.sha256"
    if PYTHON.exists() and done.exists() and done.read_text() == wanted:
        return
    print("Installing what the app needs. This takes a minute, once.", flush=True)
    try:
        venv.create(VENV, with_pip=True)
    except subprocess.CalledProcessError:
        sys.exit("Python can't make an environment here. On Debian and Ubuntu, install python3-venv first.")
    if run("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements):
        sys.exit("The installation didn't work. Check the connection, then start again.")
    done.write_text(wanted)


def serve() -> int:
    port = os.environ.get("PORT", "8000")
    print(f"The app is at http://localhost:{port}. Stop it with Ctrl+C.", flush=True)
    command = ["-m", "uvicorn", "backend.main:app", "--host", "127.0.0.1", "--port", port, "--log-level", "warning"]
    if os.name == "nt":
        return run(*command)
    os.chdir(ROOT)
    os.execv(PYTHON, [str(PYTHON), *command])  # so that who stops this stops the server


def run(*arguments: str) -> int:
    try:
        return subprocess.run([str(PYTHON), *arguments], cwd=ROOT, check=False).returncode
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    sys.exit(main())
