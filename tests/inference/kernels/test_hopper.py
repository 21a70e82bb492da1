"""What the interpreter can't tell: that the kernels compile for an H200 and fit its shared memory."""

import os
import subprocess
import sys

import pytest


@pytest.mark.slow
def test_all_kernels_compile_for_an_h200(tmp_path):
    settings = {**os.environ, "TRITON_INTERPRET": "0", "TRITON_CACHE_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "tests.inference.kernels.hopper"], env=settings, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
