"""One command starts the studio. Real broker, host, worker and web, on free ports and a folder of their own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from builder.settings import Settings
from web.launcher import LaunchError, address, check_bind, check_ports, is_loopback, only_one, prepare_folder, welcome

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60


def settings(tmp_path: Path, **values: object) -> Settings:
    return Settings(data=tmp_path, port=free_port(), preview_port=free_port(), **values)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def taken(port: int) -> Iterator[None]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", port))
        listener.listen()
        yield


def test_beyond_this_machine_a_token_is_needed(tmp_path):
    with pytest.raises(LaunchError, match=r"PROTODEX_TOKEN"):
        check_bind(settings(tmp_path, bind="0.0.0.0"))
    check_bind(settings(tmp_path, bind="0.0.0.0", token="secret"))
    check_bind(settings(tmp_path, bind="127.0.0.2"))


@pytest.mark.parametrize(
    ("bind", "expected"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("example.org", False),
    ],
)
def test_what_counts_as_this_machine(bind, expected):
    assert is_loopback(bind) is expected


def test_a_port_in_use_names_the_setting(tmp_path):
    chosen = settings(tmp_path)
    check_ports(chosen)
    with taken(chosen.port), pytest.raises(LaunchError, match=rf"Port {chosen.port} .*Set PROTODEX_PORT to"):
        check_ports(chosen)
    with taken(chosen.preview_port), pytest.raises(LaunchError, match="Set PROTODEX_PREVIEW_PORT to"):
        check_ports(chosen)


def test_two_ports_that_are_one(tmp_path):
    with pytest.raises(LaunchError, match="are the same"):
        check_ports(Settings(data=tmp_path, port=8700, preview_port=8700))


def test_a_second_start_on_the_same_folder_is_refused(tmp_path):
    chosen = settings(tmp_path)
    prepare_folder(chosen)
    with only_one(chosen):
        other = subprocess.run(
            command(), env=environment(chosen), cwd=tmp_path, capture_output=True, text=True, check=False
        )
    assert other.returncode == 1
    assert f"already runs on {tmp_path} (process {os.getpid()})" in other.stderr
    assert not (chosen.run_dir / "protodex.pid").exists()


def test_a_folder_that_is_not_one_is_a_sentence(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(LaunchError, match=r"PROTODEX_DATA can't be used"):
        prepare_folder(Settings(data=tmp_path / "file" / "data"))
    with pytest.raises(LaunchError, match="too long a path"):
        prepare_folder(Settings(data=tmp_path / ("x" * 100)))


def test_the_address_is_one_to_click(tmp_path):
    assert address(Settings(data=tmp_path, port=8700)) == "http://localhost:8700/"
    assert address(Settings(data=tmp_path, port=8700, bind="0.0.0.0")) == "http://localhost:8700/"
    assert address(Settings(data=tmp_path, port=8700, bind="fd00::1")) == "http://[fd00::1]:8700/"
    assert "PROTODEX_MODEL_URL" in welcome(Settings(data=tmp_path))
    assert "PROTODEX_MODEL_URL" not in welcome(Settings(data=tmp_path, model_url="http://localhost:30000"))


def command() -> list[str]:
    return [sys.executable, "-P", "-m", "web.cli", "run"]


def environment(chosen: Settings) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PROTODEX_")}
    ports = {"PROTODEX_PORT": str(chosen.port), "PROTODEX_PREVIEW_PORT": str(chosen.preview_port)}
    return {**inherited, **ports, "PROTODEX_DATA": str(chosen.data)}


class Studio:
    """A running `protodex run`, its log in a file."""

    def __init__(self, chosen: Settings, folder: Path):
        self.settings = chosen
        self.log = folder / "studio.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                command(), env=environment(chosen), cwd=folder, stdout=log, stderr=subprocess.STDOUT
            )

    def wait(self, happened, what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not happened():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, f"no {what}:\n{self.log.read_text()}"
            time.sleep(0.1)

    def health(self) -> httpx.Response | None:
        try:
            return httpx.get(f"http://127.0.0.1:{self.settings.port}/health", timeout=5, verify=False)
        except httpx.TransportError:
            return None

    def is_well(self) -> bool:
        answer = self.health()
        return answer is not None and answer.status_code == 200

    def children(self) -> dict[str, int]:
        """The processes it started, by name: the last argument of ours, the program of the broker."""
        found = {}
        for pid in Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split():
            arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            if len(arguments) < 2:  # ended, and not yet noticed
                continue
            name = "broker" if b"valkey-server" in arguments[0] else arguments[-2].decode()
            found[name] = int(pid)
        return found


@pytest.fixture
def studio(tmp_path, toolchain):
    chosen = settings(tmp_path)
    share(toolchain.runtime.parent, tmp_path)
    share(toolchain.node_modules.parent.parent, tmp_path)
    running = Studio(chosen, tmp_path)
    yield running
    if running.process.poll() is None:
        running.process.terminate()
        running.process.wait(PATIENCE)


def share(folder: Path, data: Path) -> None:
    """What is installed once need not be installed again for a test: the same folder under its own name."""
    (data / folder.name).symlink_to(folder)


def is_gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


def test_it_starts_mends_itself_stops_and_leaves_nothing(studio):
    """One story, for each start is the start of everything."""
    studio.wait(studio.is_well, "answer from the studio")
    studio.wait(lambda: "Protodex is ready: http://localhost:" in studio.log.read_text(), "address")
    _is_mended(studio)
    _leaves_nothing_when_it_is_killed(studio)
    again = Studio(studio.settings, studio.log.parent)  # what it left is no obstacle to the next start
    try:
        again.wait(again.is_well, "answer from the second start")
        _is_found_by_the_doctor(again)
        _stops(again)
    finally:
        if again.process.poll() is None:
            again.process.terminate()
            again.process.wait(PATIENCE)


def _is_mended(studio):
    children = studio.children()
    assert set(children) == {"broker", "host", "worker", "web"}
    os.kill(children["web"], signal.SIGKILL)
    studio.wait(lambda: studio.children().get("web") not in (None, children["web"]), "new web process")
    studio.wait(studio.is_well, "answer after the restart")
    assert "web    | ended (signal SIGKILL), starts again in 0.5 s" in studio.log.read_text()


def _leaves_nothing_when_it_is_killed(studio):
    children = studio.children()
    studio.process.kill()
    studio.process.wait(PATIENCE)
    deadline = time.monotonic() + PATIENCE
    while not all(is_gone(pid) for pid in children.values()):
        assert time.monotonic() < deadline, "something outlived its launcher"
        time.sleep(0.05)


def _is_found_by_the_doctor(studio):
    doctor = subprocess.run(
        [sys.executable, "-P", "-m", "web.cli", "doctor", "--json"],
        env=environment(studio.settings), capture_output=True, text=True, check=False,
    )  # fmt: skip
    found = {finding["subject"]: finding["found"] for finding in json.loads(doctor.stdout)["findings"]}
    assert found["broker"] == "embedded Valkey answers"
    assert found["studio port"].endswith("the studio runs")
    assert doctor.returncode == 0


def _stops(studio):
    children = studio.children()
    studio.process.send_signal(signal.SIGTERM)
    assert studio.process.wait(PATIENCE) == 0
    assert all(is_gone(pid) for pid in children.values())
    assert [path for path in studio.settings.run_dir.iterdir() if path.suffix in (".sock", ".pid")] == []
