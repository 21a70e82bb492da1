"""Protodex as a new user meets it: a fresh clone, an empty HOME, `make run`, one prompt, the app, its zip.

    python tests/new_user.py [--account NAME] [--prompt TEXT] [--keep]

`--account NAME` makes that account (as root) and does everything as it, in its own 0700 home; without it, everything
happens as whoever calls. Nothing installed for the checkout is used: only what the machine itself has. Exit code 0
when every step worked.
"""

import argparse
import io
import json
import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import zipfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
PROMPT = (
    "Build a Pokédex website. Show all Pokémon of the first generation as cards with their number, name and coloured "
    "type badges; search by name or number; filter by type; sort by number, name or base-stat total; load more pages "
    "of 24. Opening a Pokémon shows its height, weight, abilities, the six base stats as a bar chart, what it evolves "
    "from, and buttons to the previous and next one. I can mark favourites and compare two Pokémon side by side."
)
ROWS = 151
INSTALL_SECONDS = 300
BUILD_SECONDS = 180


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--account", help="an account to make and to be, as root only")
    parser.add_argument("--prompt", default=PROMPT)
    parser.add_argument("--rows", type=int, default=ROWS, help="at least so many rows in one of the app's lists")
    parser.add_argument("--keep", action="store_true", help="leave the folder for a look")
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Stopped."))  # so that what was started is stopped too
    with new_user(chosen.account, keep=chosen.keep) as user:
        clone = user.clone()
        with studio(user, clone) as port:
            project = build(port, chosen.prompt)
            look_at_preview(project["preview_url"], chosen.rows)
            archive = fetch(f"http://localhost:{port}/api/projects/{project['id']}/archive")
        nothing_is_left(clone)
        run_the_zip(user, archive)
    say("All of it works.")


@dataclass(frozen=True)
class User:
    """Someone with a home of their own and nothing in it."""

    home: Path
    uid: int
    gid: int

    @property
    def environment(self) -> dict[str, str]:
        # How the machine reaches the package registries is the machine's, not the checkout's.
        kept = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "UV_", "NPM_", "npm_"))}
        reach = {
            name: os.environ[name] for name in ("SSL_CERT_FILE", "HTTPS_PROXY", "https_proxy") if name in os.environ
        }
        return {**kept, **reach, "HOME": str(self.home), "PATH": SYSTEM_PATH, "LANG": "C.UTF-8", "TERM": "dumb"}

    def start(self, *argv: str | Path, cwd: Path, **more: Any) -> "subprocess.Popen[str]":
        if self.uid != os.geteuid():
            more |= {"user": self.uid, "group": self.gid, "extra_groups": []}
        return subprocess.Popen(
            argv, cwd=cwd, env=self.environment | more.pop("env", {}), stdin=subprocess.DEVNULL, text=True, umask=0o022,
            start_new_session=True, **more,
        )  # fmt: skip

    def run(self, *argv: str | Path, cwd: Path) -> None:
        with self.start(*argv, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
            output = process.communicate(timeout=INSTALL_SECONDS)[0]
        check(process.returncode == 0, f"{' '.join(map(str, argv))} ended with {process.returncode}:\n{output}")

    def clone(self) -> Path:
        """The last commit of the checkout, as `git clone` brings it."""
        target = self.home / "protodex"
        say("Cloning")
        subprocess.run(["git", "clone", "-q", "--no-hardlinks", ROOT, target], check=True)
        self.own(target)
        return target

    def own(self, folder: Path) -> None:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


@contextmanager
def new_user(account: str | None, *, keep: bool) -> Any:
    if account:
        subprocess.run(["useradd", "--create-home", account], check=True)
        entry = pwd.getpwnam(account)
        home = Path(entry.pw_dir)
        home.chmod(0o700)
        user = User(home, entry.pw_uid, entry.pw_gid)
    else:
        home = Path(tempfile.mkdtemp(prefix="protodex-new-user-"))
        user = User(home, os.geteuid(), os.getegid())
    try:
        yield user
    finally:
        if keep:
            say(f"Left for a look: {home}")
        elif account:
            subprocess.run(["userdel", "--remove", account], check=True, capture_output=True)
        else:
            shutil.rmtree(home, ignore_errors=True)


@contextmanager
def studio(user: User, clone: Path) -> Any:
    """`make run`, until every part of it is well; afterwards Ctrl-C."""
    port, preview_port = free_port(), free_port()
    ports = {"PROTODEX_PORT": str(port), "PROTODEX_PREVIEW_PORT": str(preview_port)}
    log = user.home / "studio.log"
    started = time.monotonic()
    say("make run")
    with log.open("w") as output:
        process = user.start("make", "run", cwd=clone, env=ports, stdout=output, stderr=subprocess.STDOUT)
    try:
        while not answers(f"http://localhost:{port}/health"):
            check(process.poll() is None, f"make run ended with {process.returncode}:\n{log.read_text()}")
            check(time.monotonic() - started < INSTALL_SECONDS, f"no studio in time:\n{log.read_text()}")
            time.sleep(0.2)
        say(f"The studio answers after {time.monotonic() - started:.1f} s")
        yield port
    except BaseException:
        print(log.read_text(), file=sys.stderr)
        raise
    finally:
        os.killpg(process.pid, signal.SIGINT)  # as Ctrl-C in a terminal: to make and to what it runs
        process.wait(60)
    check("Protodex is ready: http://localhost:" in log.read_text(), "the address was never printed")


def build(port: int, prompt: str) -> dict[str, Any]:
    started = time.monotonic()
    project = post(f"http://localhost:{port}/api/projects", {"prompt": prompt})
    while project["status"] in ("queued", "building"):
        check(time.monotonic() - started < BUILD_SECONDS, f"the build takes too long: {project}")
        time.sleep(0.2)
        project = json.loads(fetch(f"http://localhost:{port}/api/projects/{project['id']}"))
    check(project["status"] == "ready", f"the project is {project['status']}: {project['error']}")
    say(f"{project['name']} is ready after {time.monotonic() - started:.1f} s")
    return project


def look_at_preview(url: str, rows: int) -> None:
    check(b"<title>" in fetch(url), "the preview has no page")
    paths = json.loads(fetch(f"{url}openapi.json"))["paths"]
    lists = [path for path in paths if path.startswith("/api/") and path.count("/") == 2 and "get" in paths[path]]
    totals = {path: json.loads(fetch(f"{url}{path[1:]}"))["total"] for path in lists}
    say(f"The preview lists {', '.join(f'{total} at {path}' for path, total in totals.items())}")
    check(max(totals.values()) >= rows, f"fewer than {rows} rows in every list")


def run_the_zip(user: User, archive: bytes) -> None:
    """The downloaded project runs and tests itself by the commands of its README, far from Protodex."""
    folder = user.home / "downloaded"
    with zipfile.ZipFile(io.BytesIO(archive)) as packed:
        packed.extractall(folder)
    user.own(folder)
    app = next(folder.rglob("start.py")).parent
    readme = (app / "README.md").read_text()
    check("python3 start.py" in readme, "the README does not say how to run it")
    say("The zip tests itself")
    user.run("python3", "start.py", "test", cwd=app)
    port = free_port()
    say("The zip runs")
    process = user.start("python3", "start.py", cwd=app, env={"PORT": str(port)}, stdout=subprocess.DEVNULL)
    try:
        started = time.monotonic()
        while not answers(f"http://localhost:{port}/health"):
            check(process.poll() is None, f"start.py ended with {process.returncode}")
            check(time.monotonic() - started < INSTALL_SECONDS, "the unpacked app does not answer")
            time.sleep(0.2)
        check(b"<title>" in fetch(f"http://localhost:{port}/"), "the unpacked app has no page")
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(60)


def nothing_is_left(clone: Path) -> None:
    """After Ctrl-C no process, socket or pid file of it exists."""
    left = [path for path in (clone / "data" / "run").rglob("*") if stat.S_ISSOCK(path.stat().st_mode)]
    left += list((clone / "data" / "run").glob("*.pid"))
    check(not left, f"left behind: {left}")
    running = [
        pid.name
        for pid in Path("/proc").iterdir()
        if pid.name.isdigit() and str(clone) in read_quietly(pid / "cmdline")
    ]
    check(not running, f"processes still run: {running}")


def read_quietly(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""


def post(url: str, body: dict[str, Any]) -> dict[str, Any]:
    request = to_loopback(url)
    request.add_header("Content-Type", "application/json")
    request.data = json.dumps(body).encode()
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read())
    except urllib.error.HTTPError as error:
        raise SystemExit(f"POST {url}: {error.code} {error.read().decode()}") from error


def fetch(url: str) -> bytes:
    with urllib.request.urlopen(to_loopback(url), timeout=60) as answer:
        return answer.read()


def answers(url: str) -> bool:
    try:
        fetch(url)
    except OSError:
        return False
    return True


def to_loopback(url: str) -> urllib.request.Request:
    """NAME.localhost resolves in browsers, but not everywhere else: ask 127.0.0.1 by that name."""
    scheme, _, rest = url.partition("://")
    host, _, path = rest.partition("/")
    request = urllib.request.Request(f"{scheme}://127.0.0.1:{host.rpartition(':')[2]}/{path}")
    request.add_header("Host", host)
    return request


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def check(holds: bool, otherwise: str) -> None:
    if not holds:
        raise SystemExit(otherwise)


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main()
