"""Without a sandbox the same commands work, with the paths outside: for a single user's own machine."""

import socket
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from builder.sandbox import APP, DATA, NODE_MODULES, Command, Ending, Level, Limits, Mount, Sandbox, open_sandbox

from .test_killing import eventually, processes_with

LIMITS = Limits(wall_seconds=30)


@pytest.fixture
def unsafe(home: Path) -> Sandbox:
    return open_sandbox("unsafe", home / "state")


def python(code: str, *mounts: Mount, limits: Limits = LIMITS, cwd: str = "/", **env: str) -> Command:
    return Command((sys.executable, "-c", code), mounts, env=env, cwd=cwd, limits=limits)


def test_paths_inside_become_paths_outside(unsafe: Sandbox, app: Path, home: Path):
    data = home / "data"
    data.mkdir()
    code = "import os; print(os.getcwd(), os.environ['DATABASE_URL'], '/app/x', '/application', 'http://host/app')"
    mounts = (Mount(app, APP), Mount(data, DATA, True))
    finished = unsafe.run(python(code, *mounts, cwd=APP, DATABASE_URL="sqlite:////data/app.sqlite"))
    expected = f"{app} sqlite:///{data}/app.sqlite {app}/x /application http://host/app\n"
    assert (finished.stdout, finished.stderr) == (expected, "")
    assert unsafe.level is Level.UNSAFE


def test_node_finds_the_kit_above_the_app(unsafe: Sandbox, app: Path, home: Path):
    kit = home / "kit"
    kit.mkdir()
    mounts = (Mount(app, APP), Mount(kit, NODE_MODULES))
    code = "import os; print(os.path.realpath('../node_modules'))"
    assert unsafe.run(python(code, *mounts, cwd=APP)).stdout == f"{kit}\n"
    assert not (app.parent / "node_modules").exists()


def test_nothing_of_this_process_is_handed_on(unsafe: Sandbox, monkeypatch: pytest.MonkeyPatch, home: Path):
    monkeypatch.setenv("PROTODEX_MODEL_KEY", "secret")
    code = (
        "import os; print(os.environ.get('PROTODEX_MODEL_KEY'), os.path.isdir(os.environ['HOME']), os.environ['HOME'])"
    )
    known, there, folder = unsafe.run(python(code)).stdout.split()
    assert (known, there) == ("None", "True")
    assert not Path(folder).exists()


def test_a_listener_is_inherited(unsafe: Sandbox, home: Path):
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as client:
        listener.bind(str(home / "s"))
        listener.listen()
        code = f"import socket; socket.socket(fileno={listener.fileno()}).accept()[0].send(b'hello')"
        process = unsafe.start(replace(python(code), inherit=(listener.fileno(),)))
        client.settimeout(20)
        client.connect(str(home / "s"))
        assert client.recv(5) == b"hello"
        assert process.wait(20).ok


def test_children_are_stopped_with_their_parent(unsafe: Sandbox, home: Path):
    marker = f"unsafe-{home}"
    code = f"import os, time; os.fork(); print('x', flush=True); time.sleep(300) # {marker}"
    process = unsafe.start(python(code))
    assert eventually(lambda: process.output() == "x\nx\n")
    assert process.memory_mb() > 1
    assert process.stop().ending is Ending.STOPPED
    assert processes_with(marker) == []
    cancelled = threading.Event()
    cancelled.set()
    assert unsafe.run(python(code), cancelled=cancelled.is_set).ending is Ending.STOPPED
    assert eventually(lambda: processes_with(marker) == [])


@pytest.mark.parametrize(
    ("code", "limits", "ending"),
    [
        ("import time; time.sleep(60)", Limits(wall_seconds=0.5), Ending.WALL_CLOCK),
        ("import time; x = bytearray(b'1') * 2**27; time.sleep(60)", Limits(memory_mb=64), Ending.MEMORY),
        ("open('/app/x', 'wb').write(b'1' * 2**22)", Limits(disk_mb=1), Ending.DISK),
        ("while True: pass", Limits(cpu_seconds=1), Ending.EXITED),
    ],
)
def test_limits_hold_here_too(unsafe: Sandbox, app: Path, code: str, limits: Limits, ending: Ending):
    finished = unsafe.run(python(code, Mount(app, APP, True), limits=limits))
    assert finished.ending is ending
    assert not finished.ok
