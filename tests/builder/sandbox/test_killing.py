"""The end of a sandboxed program: all of it, at once, and without a trace. Also when this process is the one killed."""

import os
import secrets
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from builder.sandbox import APP, Command, Ending, Mount, Sandbox, open_sandbox

from .conftest import LIMITS, python_command

DAEMONS = """
import os, sys, time
for _ in range(4):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.closerange(0, 3)
            time.sleep(300)
        os._exit(0)
print("started", flush=True)
"""


def processes_with(marker: str) -> list[int]:
    found = []
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdigit() and marker.encode() in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def eventually(holds: Callable[[], bool], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.02)
    return holds()


def descriptors() -> set[str]:
    return {entry.name for entry in Path("/proc/self/fd").iterdir()}


def control_groups(pid: int) -> list[Path]:
    return [folder for folder in Path("/sys/fs/cgroup").rglob(f"protodex-{pid}-*") if folder.is_dir()]


@pytest.fixture
def marker() -> str:
    return f"marker-{secrets.token_hex(8)}"


def test_stopping_takes_daemons_along(sandbox: Sandbox, marker: str):
    process = sandbox.start(python_command(f"{DAEMONS}\ntime.sleep(300)  # {marker}"))
    assert eventually(lambda: process.output() == "started\n")
    assert len(processes_with(marker)) >= 5
    assert process.memory_mb() > 1
    finished = process.stop()
    assert processes_with(marker) == []
    assert (finished.ending, finished.code) == (Ending.STOPPED, 137)
    assert process.poll() == finished == process.stop() == process.wait(0)
    assert process.memory_mb() == 0


def test_daemons_do_not_outlive_the_program_that_started_them(sandbox: Sandbox, marker: str):
    finished = sandbox.run(python_command(f"{DAEMONS} # {marker}"))
    assert (finished.ok, finished.stdout) == (True, "started\n")
    assert processes_with(marker) == []


def test_a_cancelled_run_ends_at_once(sandbox: Sandbox, marker: str):
    cancelled = threading.Event()
    timer = threading.Timer(0.3, cancelled.set)
    timer.start()
    finished = sandbox.run(python_command(f"import time; time.sleep(300) # {marker}"), cancelled=cancelled.is_set)
    timer.join()
    assert finished.ending is Ending.STOPPED
    assert processes_with(marker) == []


def test_waiting_has_a_limit_of_its_own(sandbox: Sandbox):
    process = sandbox.start(python_command("import time; time.sleep(300)"))
    with pytest.raises(TimeoutError):
        process.wait(0.05)
    assert process.poll() is None
    process.stop()


def test_an_interrupted_caller_leaves_nothing_running(sandbox: Sandbox, marker: str):
    def interrupt() -> bool:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sandbox.run(python_command(f"import time; time.sleep(300) # {marker}"), cancelled=interrupt)
    assert processes_with(marker) == []


def test_a_program_outlives_the_thread_that_started_it(sandbox: Sandbox):
    started = []
    thread = threading.Thread(target=lambda: started.append(sandbox.start(python_command("input() or 1"))))
    thread.start()
    thread.join()
    process = sandbox.start(python_command("import time; time.sleep(0.5); print('alive')"))
    assert process.wait(20).stdout == "alive\n"
    started[0].stop()


def test_many_at_once_leave_nothing_behind(sandbox: Sandbox, app: Path):
    mount = Mount(app, APP, True)
    assert sandbox.run(python_command("pass", mount)).ok  # whatever is made once is made now
    before = descriptors(), Path("/proc/self/mountinfo").read_text(), threading.active_count()
    finished = []
    threads = [
        threading.Thread(target=lambda: finished.append(sandbox.run(python_command("print('x')", mount))))
        for _ in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.stdout for one in finished] == ["x\n"] * 12
    assert eventually(lambda: threading.active_count() <= before[2])
    assert (descriptors(), Path("/proc/self/mountinfo").read_text()) == before[:2]
    assert control_groups(os.getpid()) == []


def test_a_start_that_fails_leaves_nothing_behind(sandbox: Sandbox, home: Path):
    before = descriptors()
    with pytest.raises(FileNotFoundError):
        sandbox.start(Command(("true",), (Mount(home / "missing", APP),)))
    finished = sandbox.run(Command(("no-such-program",), cwd="/"))
    assert finished.code == 127
    assert "no-such-program" in finished.stderr
    assert not sandbox.run(Command(("true",), cwd="/missing")).ok
    assert descriptors() == before
    assert control_groups(os.getpid()) == []


PARENT = """
import sys, time
from pathlib import Path
from builder.sandbox import *
sandbox = open_sandbox("bubblewrap", Path(sys.argv[1]))
mounts = tuple(Mount(Path(path), path) for path in sys.argv[2].split(":") if path)
process = sandbox.start(Command(tuple(sys.argv[3:]), mounts, cwd="/"))
while not process.output():
    time.sleep(0.01)
print(process.output(), end="", flush=True)
process.wait()
"""


def test_a_killed_parent_takes_all_down(home: Path, marker: str):
    inside = python_command(f"{DAEMONS}\ntime.sleep(300)  # {marker}", limits=LIMITS)
    mounts = ":".join(str(mount.source) for mount in inside.mounts)
    argv = [sys.executable, "-c", PARENT, str(home / "state"), mounts, *inside.argv]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, env={"PYTHONPATH": os.pathsep.join(sys.path)}) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"started\n"
        assert len(processes_with(marker)) >= 5
        parent.send_signal(signal.SIGKILL)
    assert eventually(lambda: processes_with(marker) == [])
    open_sandbox("bubblewrap", home / "state")
    assert control_groups(parent.pid) == []


FORKING = """
import os, sys
from pathlib import Path
from builder.sandbox import *
sandbox = open_sandbox("bubblewrap", Path(sys.argv[1]))
child = os.fork()
finished = sandbox.run(Command(("echo", "hello"), cwd="/"))
assert finished.stdout == "hello\\n", finished
if child == 0:
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
"""


def test_a_forked_worker_starts_programs_of_its_own(home: Path):
    argv = [sys.executable, "-c", textwrap.dedent(FORKING), str(home / "state")]
    answer = subprocess.run(
        argv, env={"PYTHONPATH": os.pathsep.join(sys.path)}, capture_output=True, text=True, timeout=60, check=False
    )
    assert answer.returncode == 0, answer.stderr
