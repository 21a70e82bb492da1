"""The gate's probe before it has an app: everything is loaded and open, then a line says of which kind the app is."""

import contextlib
import os
import subprocess
import sys
from pathlib import Path

from . import contract, gate  # the contract's libraries too are loaded before anybody waits
from .programs import Programs

INSIDE = Path("/out/inside")  # the sandbox is made; from now on its folders may be filled

__all__ = ["contract"]


def main() -> None:
    INSIDE.touch()
    programs = Programs()
    programs.warm()
    eyes = subprocess.Popen([sys.executable, "-m", "inside.paint", "wait"], stdin=subprocess.PIPE)
    assert eyes.stdin is not None
    with contextlib.closing(programs):
        line = os.read(int(os.environ["LINE"]), 100)
        eyes.stdin.write(line)
        eyes.stdin.close()
        if line == b"fullstack\n":
            gate.look_at_app(programs)
        eyes.wait()


if __name__ == "__main__":
    main()
