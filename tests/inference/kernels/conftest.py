"""Kernels run in Triton's interpreter, on the CPU, and count as the engine's own meanwhile."""

import pytest
import torch

from inference import kernels

collect_ignore_glob = [] if kernels.FOUND else ["test_*.py"]


@pytest.fixture(autouse=True)
def interpreted():
    with kernels.serving(True):
        yield


@pytest.fixture(autouse=True)
def spoiled(monkeypatch):
    """New memory holds NaN, so that what a kernel leaves out shows."""
    empty = torch.empty

    def filled(*shape, **options):
        made = empty(*shape, **options)
        return made.fill_(float("nan")) if made.is_floating_point() else made.fill_(-7)

    monkeypatch.setattr(torch, "empty", filled)
