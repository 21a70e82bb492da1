"""What a program inside sees and reaches: its mounts, and nothing else of the machine."""

import errno
import json
import os
import socket
import threading
from pathlib import Path

import pytest

from builder.sandbox import Command, Limits, Mount, Sandbox

from .conftest import Inside, python_command, python_mounts


def test_a_program_runs_in_its_folder_and_writes_only_there(inside: Inside, app: Path):
    (app / "in.txt").write_text("hello")
    finished = inside("open('out.txt', 'w').write(open('/app/in.txt').read().upper())", Mount(app, "/app", True))
    assert finished.ok, finished
    assert (app / "out.txt").read_text() == "HELLO"
    assert (app / "out.txt").stat().st_uid == os.getuid()
    for path in ("/x", "/usr/x", "/etc/x", "/dev/x", "/home", "/root/x"):
        assert "Error" in inside(f"import os; os.mkdir({path!r})").stderr, path


def test_a_mount_is_read_only_unless_it_is_said_to_be_writable(inside: Inside, app: Path):
    finished = inside("open('/app/x', 'w')", Mount(app, "/app"))
    assert "Read-only file system" in finished.stderr
    assert list(app.iterdir()) == []


def test_a_single_file_and_a_folder_within_a_folder_can_be_mounted(inside: Inside, app: Path, home: Path):
    (app / "dist").mkdir()
    (home / "dist").mkdir()
    (home / "note.txt").write_text("hello")
    mounts = (Mount(home / "dist", "/app/dist", True), Mount(home / "note.txt", "/note.txt"), Mount(app, "/app"))
    finished = inside("import shutil; shutil.copy('/note.txt', '/app/dist'); open('/app/x', 'w')", *mounts)
    assert "Read-only file system: '/app/x'" in finished.stderr
    assert (home / "dist" / "note.txt").read_text() == "hello"


def test_there_is_no_network(inside: Inside):
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    code = """
import socket, sys
for family, address in ((2, ("127.0.0.1", PORT)), (2, ("192.0.2.1", 80)), (10, ("2001:db8::1", 80))):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        try:
            s = socket.socket(family, kind); s.settimeout(2); s.connect(address); s.send(b"x"); s.send(b"x")
            print("sent", address, kind)
        except OSError as error:
            pass
print(open("/proc/net/route").read().count("\\n"), sorted(name for _, name in socket.if_nameindex()))
"""
    code = code.replace("sorted(name for _, name in socket.if_nameindex())", "''")
    finished = inside(code.replace("PORT", str(port)))
    listener.close()
    assert finished.stdout == "1 \n", finished  # the heading alone: no route


def test_abstract_sockets_of_the_machine_are_out_of_reach(inside: Inside):
    name = f"\0protodex-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(name)
        listener.listen()
        assert "ConnectionRefusedError" in inside(f"import socket; socket.socket(1).connect({name!r})").stderr


def test_nothing_of_the_machine_or_of_other_projects_can_be_read(inside: Inside, home: Path, app: Path):
    secret = home / "projects" / "two" / "secret.txt"
    secret.parent.mkdir()
    secret.write_text("secret")
    (app / "link").symlink_to(secret)
    (app / "up").symlink_to("../../two")
    here = Path(__file__).resolve()
    paths = [secret, home, home / "state", here, "/etc/shadow", "/etc/ssh", "/etc/machine-id", "/home", "/var", "/run"]
    paths += ["/app/link", "/app/up", "/app/../projects", "/proc/1/root/etc/shadow", "/proc/1/cwd/etc/shadow", "/boot"]
    code = """
import os, json, sys
def readable(path):
    try:
        os.listdir(path) if os.path.isdir(path) else open(path).read()
        return True
    except OSError:
        return False
print(json.dumps([path for path in json.loads(sys.stdin.read() or PATHS) if readable(path)]))
"""
    finished = inside(code.replace("PATHS", repr(json.dumps([str(path) for path in paths]))), Mount(app, "/app", True))
    assert json.loads(finished.stdout) == [], finished
    listing = inside("import os; print(os.listdir('/root') if os.path.isdir('/root') else [])").stdout
    assert set(json.loads(listing.replace("'", '"'))) <= {".pyenv", ".local"}  # only the way to the Python it runs


def test_other_processes_cannot_be_seen_or_signalled(inside: Inside):
    code = f"""
import os
print(sorted(int(name) for name in os.listdir("/proc") if name.isdigit()))
try:
    os.kill({os.getpid()}, 0); print("reached")
except ProcessLookupError:
    print("gone")
"""
    pids, reached = inside(code).stdout.splitlines()
    assert max(json.loads(pids)) < 10
    assert reached == "gone"


REFUSED = {
    "mount": "libc.mount(b'none', b'/tmp', b'tmpfs', 0, None)",
    "ptrace": "libc.ptrace(16, os.getppid(), 0, 0)",
    "unshare user": "libc.unshare(0x10000000)",
    "unshare mount": "libc.unshare(0x00020000)",
    "clone user": "libc.syscall(NR_CLONE, 0x10000011, 0, 0, 0, 0)",
    "clone3": "libc.syscall(435, 0, 0)",
    "setns": "libc.setns(os.open('/proc/self/ns/net', 0), 0)",
    "chroot": "libc.chroot(b'/tmp')",
    "pivot_root": "libc.syscall(NR_PIVOT_ROOT, b'/tmp', b'/tmp')",
    "bpf": "libc.syscall(NR_BPF, 0, 0, 0)",
    "io_uring": "libc.syscall(425, 1, 0)",
    "keyctl": "libc.syscall(NR_KEYCTL, 0, 0, 0)",
    "process_vm_readv": "libc.process_vm_readv(os.getpid(), 0, 0, 0, 0, 0)",
    "shmget": "libc.shmget(1, 4096, 0o1600)",
    "perf_event_open": "libc.syscall(NR_PERF, 0, 0, -1, -1, 0)",
}
NUMBERS = {
    "x86_64": {"NR_CLONE": 56, "NR_PIVOT_ROOT": 155, "NR_BPF": 321, "NR_KEYCTL": 250, "NR_PERF": 298},
    "aarch64": {"NR_CLONE": 220, "NR_PIVOT_ROOT": 41, "NR_BPF": 280, "NR_KEYCTL": 219, "NR_PERF": 241},
}


def test_dangerous_system_calls_are_refused(inside: Inside):
    lines = ["import ctypes, os", "libc = ctypes.CDLL(None, use_errno=True)"]
    lines += [f"{name} = {number}" for name, number in NUMBERS[os.uname().machine].items()]
    for name, call in REFUSED.items():
        lines.append(f"print({name!r}, {call}, ctypes.get_errno(), flush=True); ctypes.set_errno(0)")
    finished = inside("\n".join(lines))
    assert finished.ok, finished
    assert finished.stdout.splitlines() == [f"{name} -1 {errno.ENOSYS}" for name in REFUSED]


def test_the_other_ways_into_the_kernel_are_shut(inside: Inside):
    if os.uname().machine != "x86_64":
        pytest.skip("Only x86-64 has system call tables of older kinds beside its own.")
    as_x32 = "import ctypes; print(ctypes.CDLL(None).syscall(0x40000000 + 39))"
    as_i386 = """
import ctypes, mmap
page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
page.write(bytes.fromhex("53b814000000cd805bc3"))  # push rbx; mov eax, getpid; int 0x80; pop rbx; ret
print(ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))())
"""
    for code in (as_x32, as_i386):
        finished = inside(code)
        assert (finished.code, finished.stdout) == (128 + 31, ""), finished  # killed by SIGSYS


def test_only_ordinary_socket_families_can_be_opened(inside: Inside):
    code = """
import socket
opened = []
for family in [*range(0, 46), 2**31, 2**32 + 16]:
    try:
        socket.socket(family, socket.SOCK_RAW if family == 17 else socket.SOCK_DGRAM).close()
        opened.append(family)
    except (OSError, OverflowError):
        pass
print(opened)
"""
    assert inside(code).stdout == "[1, 2, 10]\n"


# A supplementary group of the person who runs the tests can't be dropped; it is nobody's inside.
USERS = ("1000 1000 []\n", "1000 1000 [1000]\n", "1000 1000 [65534]\n")


def test_no_power_is_left_inside(inside: Inside):
    status = dict(
        line.split(":\t", 1)
        for line in inside("print(open('/proc/self/status').read())").stdout.splitlines()
        if ":\t" in line
    )
    assert {status[name] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {"0" * 16}
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")
    assert inside("import os; print(os.getuid(), os.getgid(), os.getgroups())").stdout in USERS


def test_the_environment_is_clean_and_carries_what_the_command_says(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PROTODEX_MODEL_KEY", "secret")
    finished = sandbox.run(
        Command(("env",), env={"DATABASE_URL": "sqlite:////data/app.sqlite", "QUOTED": "a b\n'c'"}, cwd="/")
    )
    names = {line.partition("=")[0] for line in finished.stdout.splitlines() if "=" in line}
    assert names == {"PATH", "HOME", "TMPDIR", "LANG", "USER", "PWD", "DATABASE_URL", "QUOTED"}
    assert "QUOTED=a b\n'c'\n" in finished.stdout


def test_no_text_becomes_an_argument_of_the_sandbox(sandbox: Sandbox, home: Path):
    with pytest.raises(ValueError, match="zero byte"):
        sandbox.run(Command(("true",), env={"NAME": f"x\0--bind\0{home}\0/host"}, cwd="/"))
    finished = sandbox.run(Command(("echo", "--bind", str(home), "$HOME", ";id"), env={"NAME": "--bind / /x"}, cwd="/"))
    assert finished.stdout == f"--bind {home} $HOME ;id\n"
    assert not sandbox.run(Command(("--pid", "1"), cwd="/")).ok


def test_only_the_inherited_descriptors_are_open_inside(sandbox: Sandbox, home: Path):
    code = "import os; print([n for n in range(512) if os.path.exists(f'/proc/self/fd/{n}')])"
    with socket.socket(socket.AF_UNIX) as listener, (home / "noise").open("w") as noise:
        os.set_inheritable(noise.fileno(), True)
        listener.bind(str(home / "app.sock"))
        listener.listen()
        numbers = (listener.fileno(), 77)
        os.dup2(listener.fileno(), 77, inheritable=False)
        results: list[str] = []

        def run() -> None:
            results.append(sandbox.run(python_command(code, inherit=numbers)).stdout)

        threads = [threading.Thread(target=run) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        os.close(77)
    expected = str(sorted({0, 1, 2, *numbers}))
    assert results == [f"{expected}\n"] * 6


def test_an_inherited_listener_serves_the_machine_from_inside(sandbox: Sandbox, home: Path):
    path = home / "app.sock"
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as client:
        listener.bind(str(path))
        listener.listen()
        code = f"import socket; s = socket.socket(fileno={listener.fileno()}); s.accept()[0].send(b'hello')"
        process = sandbox.start(python_command(code, inherit=(listener.fileno(),)))
        client.settimeout(20)
        client.connect(str(path))
        assert client.recv(5) == b"hello"
        assert process.wait(20).ok


def test_two_projects_run_at_once_and_never_meet(sandbox: Sandbox, home: Path):
    code = "import time, os; open('/app/mine', 'w').write('x'); print(os.listdir('/app'), flush=True); time.sleep(30)"
    folders = [home / name for name in ("a", "b")]
    for folder in folders:
        folder.mkdir()
    processes = [sandbox.start(python_command(code, Mount(folder, "/app", True))) for folder in folders]
    try:
        for process in processes:
            while not process.output():
                assert process.poll() is None
            assert process.output() == "['mine']\n"
        if os.getuid() == 0:
            owners = {folder.stat().st_uid for folder in folders}
            assert len(owners) == 2
            assert 0 not in owners
    finally:
        for process in processes:
            process.stop()
    assert {folder.stat().st_uid for folder in folders} == {os.getuid()}


def test_two_sandboxes_may_share_a_writable_folder(inside: Inside, sandbox: Sandbox, app: Path):
    mount = Mount(app, "/app", True)
    server = sandbox.start(
        python_command("import time\nwhile True: open('/app/beat', 'w').close(); time.sleep(0.01)", mount)
    )
    assert inside("open('/app/other', 'w').write('x')", mount).ok
    (app / "beat").unlink(missing_ok=True)
    assert inside("import os, time\nwhile not os.path.exists('/app/beat'): time.sleep(0.01)", mount).ok
    assert server.poll() is None
    server.stop()


def test_an_environment_brings_the_interpreter_it_was_made_from(sandbox: Sandbox):
    mounts = tuple(mount for mount in python_mounts() if (mount.source / "pyvenv.cfg").exists())
    if not mounts:
        pytest.skip("These tests don't run in a virtual environment.")
    python = str(mounts[0].source / "bin" / "python")
    finished = sandbox.run(
        Command((python, "-c", "import sqlite3, ssl; print('ok')"), mounts, cwd="/", limits=Limits())
    )
    assert finished.stdout == "ok\n", finished


def test_an_app_cannot_ask_for_an_interpreter_of_the_machine(inside: Inside, app: Path, home: Path):
    python = home / "python"
    (python / "lib" / "python3.11").mkdir(parents=True)
    (python / "lib" / "python3.11" / "os.py").write_text("secret")
    (app / "pyvenv.cfg").write_text(f"home = {python}/bin\n")
    for mount in (Mount(app, "/app"), Mount(app, str(app), True)):
        assert "FileNotFoundError" in inside(f"open('{python}/lib/python3.11/os.py')", mount).stderr
