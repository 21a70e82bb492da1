"""The draw of the kernel is the draw of plain torch, which sorts: every limit, ties, and numbers at the ends."""

import pytest
import torch

from inference import choice, kernels


@pytest.mark.parametrize("limited", [True, False], ids=["top-k", "no top-k"])
def test_it_draws_what_torch_draws(limited):
    torch.manual_seed(0)
    p = torch.randn(10, 150).mul(2).softmax(-1)
    p[7] = 1 / 150  # all as likely
    p[8] = torch.nn.functional.one_hot(torch.tensor(149), 150)
    top_p = torch.tensor([1.0, 0.9, 0.5, 1e-6, 0.95, 0.9, 0.8, 0.5, 0.3, 0.99], dtype=torch.float64)
    top_k = torch.tensor([1, 150, 3, 40, 150, 150, 7, 4, 2, 149]) if limited else None
    for u in (0.0, 0.31, 1 - 2**-52):
        numbers = torch.full((10, 2), u, dtype=torch.float64)[:, 0]
        found = choice.pick_cut(p, top_k, top_p, numbers)
        with kernels.serving(False):
            cut = choice.cut(p, top_k, top_p)
            assert torch.equal(found, choice.pick(cut, numbers))
        assert (cut.gather(1, found[:, None]) > 0).all()


def test_a_row_without_numbers_draws_an_id_that_exists():
    found = choice.pick_cut(torch.full((1, 20), float("nan")), None, torch.ones(1).double(), torch.ones(1).double() / 2)
    assert 0 <= int(found) < 20
