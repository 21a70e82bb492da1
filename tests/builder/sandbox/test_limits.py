"""What a program may use, and what happens to one that takes more. Nothing here waits longer than it must."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from builder.sandbox import Ending, Level, Mount, detect
from builder.sandbox.bubblewrap import BubblewrapSandbox, Programs
from builder.sandbox.detect import SYSTEM_PATH

from .conftest import LIMITS, Inside, python_command


def test_memory_is_held_over_all_processes_together(inside: Inside):
    code = """
import os, time
for _ in range(4):
    if os.fork() == 0:
        block = bytearray(os.urandom(1)) * (60 * 2**20)
        time.sleep(30)
time.sleep(30)
"""
    finished = inside(code, limits=replace(LIMITS, memory_mb=128))
    assert finished.ending is Ending.MEMORY, finished
    assert not finished.ok


def test_memory_hidden_in_nameless_files_is_held_too(inside: Inside):
    code = """
import os, time
for _ in range(20):
    os.write(os.memfd_create("hidden"), b"x" * 2**24)
time.sleep(30)
"""
    assert inside(code, limits=replace(LIMITS, memory_mb=128)).ending is Ending.MEMORY


def test_root_watches_where_no_control_group_can_be_made(app: Path):
    if os.getuid() != 0:
        pytest.skip("An ordinary user has none anyway.")
    programs = Programs(*(str(shutil.which(name, path=SYSTEM_PATH)) for name in ("bwrap", "prlimit", "setpriv")))
    watched = BubblewrapSandbox(Level.ROOT, programs, tree=None)
    hungry = "import time; x = bytearray(b'1') * 2**28; time.sleep(30)"
    assert watched.run(python_command(hungry, limits=replace(LIMITS, memory_mb=128))).ending is Ending.MEMORY
    assert watched.run(python_command("open('x', 'w').write('x')", Mount(app, "/app", True))).ok


def test_memory_within_the_limit_is_nobodys_business(inside: Inside):
    assert inside("x = bytearray(b'1') * (40 * 2**20)", limits=replace(LIMITS, memory_mb=128)).ok


def test_a_fork_bomb_stays_small(inside: Inside, app: Path):
    code = """
import os, time
while True:
    try:
        os.fork()
    except OSError:
        open(f"/app/{os.getpid()}", "w").close()
        time.sleep(0.2)
"""
    limits = replace(LIMITS, processes=32, wall_seconds=2)
    finished = inside(code, Mount(app, "/app", True), limits=limits)
    assert finished.ending is Ending.WALL_CLOCK, finished
    assert 1 <= len(list(app.iterdir())) <= 32


def test_cpu_time_is_held(inside: Inside):
    finished = inside("while True: pass", limits=replace(LIMITS, cpu_seconds=1))
    assert (finished.code, finished.ending) == (128 + 24, Ending.EXITED)  # killed by SIGXCPU


def test_a_share_of_the_processors_is_held(inside: Inside):
    if detect().cgroup == "none":
        pytest.skip("No control group can be made here: only CPU time is held.")
    code = """
import time
began = time.monotonic()
while time.process_time() < 0.4: pass
print(time.monotonic() - began)
"""
    assert float(inside(code, limits=replace(LIMITS, cpus=0.25)).stdout) > 0.8


def test_one_file_cannot_grow_without_end(inside: Inside, app: Path):
    code = "open('/app/big', 'wb').write(b'x' * 2**22)"
    finished = inside(code, Mount(app, "/app", True), limits=replace(LIMITS, file_mb=1))
    assert "File too large" in finished.stderr
    assert (app / "big").stat().st_size <= 2**20


@pytest.mark.parametrize("unlink", ["", "os.unlink(str(n))"])
def test_many_files_cannot_fill_the_disk(inside: Inside, app: Path, unlink: str):
    code = f"""
import os, time
held = []
for n in range(12):
    held.append(open(str(n), "wb", buffering=0))
    held[-1].write(b"x" * 2**20)
    {unlink}
time.sleep(30)
"""
    finished = inside(code, Mount(app, "/app", True), limits=replace(LIMITS, disk_mb=8))
    assert finished.ending is Ending.DISK, finished


def test_a_full_disk_is_noticed_after_a_quick_end_too(inside: Inside, app: Path):
    code = "[open(str(n), 'wb').write(b'x' * 2**20) for n in range(12)]"
    finished = inside(code, Mount(app, "/app", True), limits=replace(LIMITS, disk_mb=8))
    assert finished.ending is Ending.DISK  # whatever it said itself
    assert not finished.ok


@pytest.mark.parametrize(
    "code",
    [
        "[open(str(n), 'wb').close() for n in range(3000)]",
        "for _ in range(300): os.mkdir('d'); os.chdir('d')",
        "for _ in range(30): os.mkdir('n' * 250); os.chdir('n' * 250)",
    ],
    ids=["empty files", "deep folders", "long names"],
)
def test_what_seems_to_take_no_space_counts(inside: Inside, app: Path, code: str):
    finished = inside(f"import os\n{code}", Mount(app, "/app", True), limits=replace(LIMITS, disk_mb=2))
    assert finished.ending is Ending.DISK
    assert inside("print('still usable')", Mount(app, "/app")).ok


def test_a_locked_folder_hides_nothing(inside: Inside, app: Path):
    code = """
import os
os.mkdir("locked")
for n in range(12): open(f"locked/{n}", "wb").write(b"x" * 2**20)
os.chmod("locked", 0)
"""
    assert inside(code, Mount(app, "/app", True), limits=replace(LIMITS, disk_mb=8)).ending is Ending.DISK
    (app / "locked").chmod(0o700)


@pytest.mark.parametrize("folder", ["/tmp", "/dev/shm"])
def test_temporary_files_have_a_limit(inside: Inside, folder: str):
    code = f"import sys\nfor n in range(8): open(f'{folder}/{{n}}', 'wb').write(b'x' * 2**20)"
    finished = inside(code, limits=replace(LIMITS, tmp_mb=4))
    assert "No space left on device" in finished.stderr


def test_the_wall_clock_ends_what_takes_too_long(inside: Inside):
    finished = inside("import time; print('began', flush=True); time.sleep(60)", limits=replace(LIMITS, wall_seconds=1))
    assert (finished.code, finished.ending, finished.stdout) == (137, Ending.WALL_CLOCK, "began\n")


def test_open_files_are_held(inside: Inside):
    finished = inside("held = [open('/dev/null') for _ in range(100)]", limits=replace(LIMITS, open_files=64))
    assert "Too many open files" in finished.stderr


def test_endless_output_is_kept_at_both_ends(inside: Inside):
    finished = inside("print('first'); print('x' * 5_000_000); print('last')")
    assert finished.ok
    assert finished.stdout.startswith("first\nxxx")
    assert finished.stdout.endswith("xxx\nlast\n")
    assert "bytes left out" in finished.stdout
    assert len(finished.stdout) < 2**20 + 100


def test_output_that_is_no_text_is_shown_as_well_as_can_be(inside: Inside):
    assert inside("import os; os.write(1, b'a\\xff\\x00b')").stdout == "a\ufffd\x00b"


def test_an_exit_status_comes_out(inside: Inside):
    assert inside("raise SystemExit(7)").code == 7
    assert inside("import os; os.kill(os.getpid(), 11)").code == 128 + 11
