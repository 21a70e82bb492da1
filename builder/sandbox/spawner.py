"""Start programs from one thread that lives as long as this process.

The kernel kills a child with "die with parent" when the *thread* that started it ends. Callers come and go on pool
threads, so none of them may be that parent. Knows nothing of sandboxes.
"""

import os
import subprocess
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

_threads: dict[int, ThreadPoolExecutor] = {}  # by process id: a forked worker has none of its parent's threads


def spawn(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    pass_fds: Sequence[int],
    cwd: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Only 0, 1, 2 and `pass_fds` are open in the program: everything Python opens is close-on-exec.

    It has a session of its own, so that Ctrl-C in a terminal reaches this process alone, which decides what then ends.
    """
    return _thread().submit(_popen, argv, dict(env), tuple(pass_fds), cwd).result()


def _popen(
    argv: Sequence[str], env: dict[str, str], pass_fds: tuple[int, ...], cwd: Path | None
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        argv,
        env=env,
        cwd=cwd,
        pass_fds=pass_fds,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
        start_new_session=True,
        umask=0o022,  # what it writes can be read by the sandboxes that come after it, which are other users
    )


def _thread() -> ThreadPoolExecutor:
    pid = os.getpid()
    if pid not in _threads:
        _threads.setdefault(pid, ThreadPoolExecutor(1, "sandbox-spawner"))
    return _threads[pid]


def pipes_of(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    assert process.stdout is not None
    assert process.stderr is not None
    return process.stdout, process.stderr
