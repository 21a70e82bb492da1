"""Keep a handful of programs running: start, prefix what they say, restart what dies, stop in order. Knows no program.

One thread and one loop, on purpose: a child asks to die with its parent, and the system ties that to the thread.
"""

import ctypes
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

FIRST_DELAY = 0.5
LONGEST_DELAY = 30.0
STEADY_SECONDS = 60.0
TICK = 0.1
LONGEST_LINE = 16_384
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)

Say = Callable[[str, str], None]


@dataclass(frozen=True)
class Service:
    """A program that should always run. `grace` is how long it may take to end by itself; lines with a word of `hide`
    are not passed on."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    grace: float = 5.0
    hide: tuple[str, ...] = ()


@dataclass
class _Child:
    service: Service
    process: "subprocess.Popen[bytes]"
    started: float
    pending: bytes = b""


@dataclass
class Supervisor:
    """Services are stopped in the opposite order of their start."""

    say: Say
    first_delay: float = FIRST_DELAY
    _selector: selectors.DefaultSelector = field(default_factory=selectors.DefaultSelector)
    _children: dict[str, _Child] = field(default_factory=dict)
    _due: dict[str, tuple[float, Service]] = field(default_factory=dict)
    _delays: dict[str, float] = field(default_factory=dict)
    _stop_requests: int = 0

    def start(self, service: Service) -> None:
        parent = os.getpid()
        process = subprocess.Popen(
            service.argv, env={**os.environ, **service.env}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, start_new_session=True, preexec_fn=lambda: _die_with(parent),
        )  # fmt: skip
        child = _Child(service, process, time.monotonic())
        assert process.stdout
        os.set_blocking(process.stdout.fileno(), False)
        self._selector.register(process.stdout, selectors.EVENT_READ, child)
        self._children[service.name] = child

    def watch(self, each_tick: Callable[[], None] = lambda: None) -> None:
        """Until a stop is asked for, pass on what the services say and restart those that end."""
        while not self._stop_requests:
            self.tick()
            each_tick()

    def tick(self) -> None:
        self._read(TICK)
        for child in list(self._children.values()):
            if child.process.poll() is not None:
                self._bury(child)
        for name, (moment, service) in list(self._due.items()):
            if time.monotonic() >= moment:
                del self._due[name]
                self.start(service)

    def ask_to_stop(self) -> None:
        """Asked once, services end by themselves; asked again, they are killed. Safe in a signal handler."""
        self._stop_requests += 1

    @property
    def stopping(self) -> bool:
        return self._stop_requests > 0

    def stop(self) -> None:
        """End everything. Returns when nothing of it is left."""
        self._stop_requests = max(1, self._stop_requests)
        self._due.clear()
        for child in reversed(list(self._children.values())):
            self._end(child)
        self._selector.close()

    def pids(self) -> dict[str, int]:
        return {name: child.process.pid for name, child in self._children.items()}

    def _bury(self, child: _Child) -> None:
        lived = time.monotonic() - child.started
        self._forget(child)
        name = child.service.name
        delay = self.first_delay if lived > STEADY_SECONDS else self._delays.get(name, self.first_delay)
        self._delays[name] = min(LONGEST_DELAY, delay * 2)
        self._due[name] = (time.monotonic() + delay, child.service)
        self.say(name, f"ended ({_reason(child.process.returncode)}), starts again in {delay:g} s")

    def _end(self, child: _Child) -> None:
        deadline = time.monotonic() + child.service.grace
        child.process.terminate()
        while child.process.poll() is None and time.monotonic() < deadline and self._stop_requests < 2:
            self._read(TICK)
        if child.process.poll() is None:
            self.say(child.service.name, "did not end in time and is killed")
        self._forget(child)

    def _forget(self, child: _Child) -> None:
        """Kill what is left of a service and its own children, and pass on its last words."""
        _kill_group(child.process.pid)
        child.process.wait()
        self._take(child)
        if child.pending:
            self._speak(child, [child.pending])
        assert child.process.stdout
        self._selector.unregister(child.process.stdout)
        child.process.stdout.close()
        self._children.pop(child.service.name, None)

    def _read(self, timeout: float) -> None:
        if not self._selector.get_map():
            time.sleep(timeout)
        for key, _ in self._selector.select(timeout):
            if not self._take(key.data) and key.data.process.poll() is None:
                time.sleep(0.01)  # it closed its output and lives on: don't spin

    def _take(self, child: _Child) -> bool:
        assert child.process.stdout
        chunk = b""
        while (part := child.process.stdout.read(65_536)) not in (None, b""):
            chunk += part
        *lines, child.pending = (child.pending + chunk).split(b"\n")
        if len(child.pending) > LONGEST_LINE:
            lines, child.pending = [*lines, child.pending], b""
        self._speak(child, lines)
        return bool(chunk)

    def _speak(self, child: _Child, lines: Sequence[bytes]) -> None:
        for line in lines:
            text = line.decode(errors="replace").rstrip()
            if not any(word in text for word in child.service.hide):
                self.say(child.service.name, text)


def _die_with(parent: int) -> None:
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it died before we could ask
        os._exit(1)


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def _reason(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
