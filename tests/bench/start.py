"""How long `make run` takes to a working studio when everything is installed: broker, host, worker and web all well.

python tests/bench/start.py [--times 5]
"""

import argparse
import os
import signal
import socket
import statistics
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=5)
    times = parser.parse_args().times
    with tempfile.TemporaryDirectory(prefix="pdx-") as data:
        environment = {
            **os.environ,
            "PROTODEX_DATA": data,
            "PROTODEX_PORT": str(free_port()),
            "PROTODEX_PREVIEW_PORT": str(free_port()),
        }
        print(f"first start, with its installation: {seconds_to_a_studio(environment):.2f} s")
        measured = [seconds_to_a_studio(environment) for _ in range(times)]
    print("later starts: " + " ".join(f"{seconds:.2f}" for seconds in measured))
    print(f"median: {statistics.median(measured):.2f} s (goal: 5 s)")


def seconds_to_a_studio(environment: dict[str, str]) -> float:
    """From typing the command until /health says that every part is well."""
    started = time.monotonic()
    with subprocess.Popen(["make", "--no-print-directory", "run"], cwd=ROOT, env=environment, start_new_session=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as studio:  # fmt: skip
        try:
            while not is_well(int(environment["PROTODEX_PORT"])):
                if studio.poll() is not None or time.monotonic() - started > 600:
                    raise SystemExit(f"The studio did not start:\n{studio.communicate(timeout=20)[0]}")
                time.sleep(0.02)
            return time.monotonic() - started
        finally:
            os.killpg(studio.pid, signal.SIGINT)  # as Ctrl-C does
            studio.communicate(timeout=60)


def is_well(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2) as answer:
            return answer.status == 200
    except (OSError, urllib.error.HTTPError):
        return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    main()
