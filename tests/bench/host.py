"""How fast previews wake and answer, and what an idle one holds: `python tests/bench/host.py [RELEASE]`.

Prints medians. RELEASE is the folder of a release; without it a small sample app is measured.
"""

import argparse
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "tests" / "workers" / "host" / "samples" / "demo"
LAUNCH = """
from builder.settings import read_settings
from workers.host import serve
from workers.host.machine import Policy
serve(read_settings(), Policy(idle_after=1))
"""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("release", nargs="?", type=Path)
    arguments.add_argument("--port", type=int, default=8690)
    arguments.add_argument("--times", type=int, default=9)
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="protodex-bench-") as folder:
        data = Path(folder)
        install(data, chosen.release)
        environment = {**os.environ, "PROTODEX_DATA": folder, "PROTODEX_PREVIEW_PORT": str(chosen.port)}
        host = subprocess.Popen([sys.executable, "-c", LAUNCH], cwd=ROOT, env={**environment, "PYTHONPATH": str(ROOT)})
        try:
            measure(data, chosen.port, chosen.times, host.pid)
        finally:
            host.send_signal(signal.SIGTERM)
            host.wait()


def install(data: Path, release: Path | None) -> None:
    from builder.toolchain import ensure_runtime

    runtime = ensure_runtime(ROOT / "data").parent
    (data / "runtime").symlink_to(runtime)
    target = data / "projects" / "bench" / "releases" / "1"
    if release:
        shutil.copytree(release, target)
    else:
        shutil.copytree(SAMPLE, target / "app")
        (target / "app" / "backend" / "version").write_text("1")


def measure(data: Path, port: int, times: int, pid: int) -> None:
    control = httpx.Client(transport=httpx.HTTPTransport(uds=str(data / "run" / "host.sock")), base_url="http://host")
    wait_until(lambda: answers(data / "run" / "host.sock"))
    order = {"slug": "bench", "release": 1, "path": str(data / "projects" / "bench" / "releases" / "1")}
    preview = httpx.Client(base_url=f"http://127.0.0.1:{port}", headers={"host": "bench.localhost"}, timeout=60)
    show("first release served", [timed(lambda: control.put("/apps/bench", json=order, timeout=60)) for _ in range(1)])
    before = processor_ms(pid)
    show("request through the proxy", [timed(lambda: preview.get("/health")) for _ in range(200)])
    print(f"{'the host at work on one':32} {(processor_ms(pid) - before) / 200:8.1f} ms")
    memory = control.get("/apps/bench").json()["memory_mb"]
    print(f"{'memory of an idle preview':32} {memory:8.1f} MB")
    wakes = []
    for _ in range(times):
        wait_until(lambda: control.get("/apps/bench").json()["state"] == "idle")
        wakes.append(timed(lambda: preview.get("/health")))
    show("wake of an idle preview", wakes)
    show("next release served", [timed(lambda: control.put("/apps/bench", json=order, timeout=60)) for _ in range(3)])
    control.close()
    preview.close()


def answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0


def processor_ms(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") * 1000


def timed(action: Callable[[], httpx.Response]) -> float:
    began = time.perf_counter()
    action().raise_for_status()
    return time.perf_counter() - began


def show(name: str, seconds: list[float]) -> None:
    print(f"{name:32} {statistics.median(seconds) * 1000:8.1f} ms (of {len(seconds)}, best {min(seconds) * 1000:.1f})")


def wait_until(condition: Callable[[], bool]) -> None:
    while not condition():
        time.sleep(0.1)


if __name__ == "__main__":
    main()
