"""Keep programs running: real processes, started, killed and stopped."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from web.supervisor import Service, Supervisor

PATIENCE = 20


class Heard(list[tuple[str, str]]):
    """What the services and the supervisor said."""

    def __call__(self, name: str, line: str) -> None:
        self.append((name, line))

    def lines(self, name: str) -> list[str]:
        return [line for said_by, line in self if said_by == name]


def python(name: str, code: str, grace: float = 5.0) -> Service:
    return Service(name, (sys.executable, "-u", "-c", code), grace=grace)


def tick_until(supervisor: Supervisor, happened) -> None:
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline, "it never happened"
        supervisor.tick()


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def supervisor(heard):
    made = Supervisor(heard, first_delay=0.05)
    yield made
    made.stop()


def test_what_a_service_says_carries_its_name(supervisor, heard):
    supervisor.start(python("web", "print('one'); print('two', end=''); import time; time.sleep(60)"))
    supervisor.start(python("host", "import sys, time; print('three', file=sys.stderr); time.sleep(60)"))
    tick_until(supervisor, lambda: heard.lines("web") and heard.lines("host"))
    assert heard.lines("web") == ["one"]
    assert heard.lines("host") == ["three"]
    supervisor.stop()
    assert heard.lines("web") == ["one", "two"]  # its last words have no end of line


def test_a_killed_service_starts_again(supervisor, heard):
    supervisor.start(python("worker", "print('ready'); import time; time.sleep(60)"))
    first = supervisor.pids()["worker"]
    tick_until(supervisor, lambda: heard.lines("worker"))
    os.kill(first, signal.SIGKILL)
    tick_until(supervisor, lambda: heard.lines("worker").count("ready") == 2)
    assert "ended (signal SIGKILL), starts again in 0.05 s" in heard.lines("worker")
    assert supervisor.pids()["worker"] != first


def test_one_that_keeps_dying_is_given_more_and_more_time(supervisor, heard):
    supervisor.start(python("web", "raise SystemExit(3)"))
    tick_until(supervisor, lambda: len(heard.lines("web")) == 3)
    assert [line.split(", ")[1] for line in heard.lines("web")] == [
        "starts again in 0.05 s",
        "starts again in 0.1 s",
        "starts again in 0.2 s",
    ]


def test_services_are_stopped_in_the_opposite_order(supervisor, heard):
    code = (
        "import signal, sys, time\nsignal.signal(15, lambda *_: (print('bye'), sys.exit()))\n"
        "print('up')\ntime.sleep(60)"
    )
    for name in ("broker", "host", "web"):
        supervisor.start(python(name, code))
    tick_until(supervisor, lambda: sum(line == "up" for _, line in heard) == 3)
    supervisor.stop()
    assert [name for name, line in heard if line == "bye"] == ["web", "host", "broker"]
    assert supervisor.pids() == {}


def test_one_that_will_not_end_is_killed_with_its_children(supervisor, heard):
    code = (
        "import signal, subprocess, sys, time\nsignal.signal(15, signal.SIG_IGN)\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print(child.pid)\ntime.sleep(60)"
    )
    supervisor.start(python("worker", code, grace=0.3))
    tick_until(supervisor, lambda: heard.lines("worker"))
    child, parent = int(heard.lines("worker")[0]), supervisor.pids()["worker"]
    assert is_alive(child)
    supervisor.stop()
    tick = time.monotonic() + PATIENCE
    while (is_alive(child) or is_alive(parent)) and time.monotonic() < tick:
        time.sleep(0.02)
    assert not is_alive(child)
    assert not is_alive(parent)
    assert "did not end in time and is killed" in heard.lines("worker")


def test_nothing_is_left_when_the_supervisor_is_killed(tmp_path):
    """The system itself ends the services: kill -9 leaves no time for anything else."""
    code = (
        "import sys, time\nfrom web.supervisor import Service, Supervisor\n"
        "s = Supervisor(lambda name, line: print(line, flush=True))\n"
        "s.start(Service('x', (sys.executable, '-u', '-c', 'import os, time; print(os.getpid()); time.sleep(60)')))\n"
        "s.watch()"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as launcher:
        assert launcher.stdout
        service = int(launcher.stdout.readline())
        assert is_alive(service)
        launcher.kill()
    deadline = time.monotonic() + PATIENCE
    while is_alive(service) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not is_alive(service)
