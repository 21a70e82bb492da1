"""Real parts that several tests share: the toolchain, installed once into the checkout's data folder."""

from pathlib import Path

import pytest

from builder.toolchain import Toolchain, ensure_toolchain

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def toolchain() -> Toolchain:
    return ensure_toolchain(ROOT / "data")
