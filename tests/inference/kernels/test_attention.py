"""Attention over pages against plain softmax in double precision, for every kind of sequence in one step."""

import random

import pytest
import torch

from inference.kernels import attention
from tests.inference.kernels.agree import assert_near

SIZE = 4
# counts of queries and positions: decoding, verifying, pieces of prompts; ends at and beside edges of blocks and tiles
STEPS = {
    "alone": [(1, 300)],
    "short": [(1, 1)],
    "drafts": [(4, 131), (2, 64), (3, 3)],
    "prompts": [(9, 9), (130, 140), (1, 5), (128, 128)],
}


def reference(q, keys, values, blocks, counts, lengths):
    out, first = [], 0
    group = q.shape[1] // keys.shape[1]
    for own, count, length in zip(blocks, counts, lengths, strict=True):
        slots = [own[p // SIZE] * SIZE + p % SIZE for p in range(length)]
        k, v = (x[0][:, slots].double().repeat_interleave(group, 0) for x in (keys, values))
        rows = q[first : first + count].double().transpose(0, 1)
        scores = rows @ k.mT * q.shape[2] ** -0.5
        future = torch.arange(length)[None] > torch.arange(length - count, length)[:, None]
        out.append((scores.masked_fill(future, float("-inf")).softmax(-1) @ v).transpose(0, 1))
        first += count
    return torch.cat(out)


@pytest.mark.parametrize(
    ("step", "dtype", "group", "dim"),
    [
        ("alone", torch.float32, 3, 16),
        ("alone", torch.bfloat16, 12, 24),
        ("short", torch.float32, 1, 16),
        ("drafts", torch.float32, 3, 16),
        ("drafts", torch.float16, 5, 8),
        ("prompts", torch.float32, 2, 16),
    ],
)
def test_attention_over_pages(step, dtype, group, dim):
    torch.manual_seed(0)
    counts, lengths = zip(*STEPS[step], strict=True)
    needed = [-(-length // SIZE) for length in lengths]
    free = random.Random(0).sample(range(sum(needed) + 5), sum(needed))
    blocks = [[free.pop() for _ in range(count)] for count in needed]
    keys, values = (torch.full((1, 2, SIZE * (sum(needed) + 5), dim), float("nan"), dtype=dtype) for _ in range(2))
    for own, length in zip(blocks, lengths, strict=True):  # what no sequence holds is NaN
        slots = [own[p // SIZE] * SIZE + p % SIZE for p in range(length)]
        keys[:, :, slots] = torch.randn(1, 2, length, dim).to(dtype)
        values[:, :, slots] = torch.randn(1, 2, length, dim).to(dtype)
    q = torch.randn(sum(counts), 2 * group, dim).to(dtype)
    plan = attention.plan(blocks, counts, lengths, SIZE, torch.device("cpu"))
    assert_near(attention.attend(q, keys, values, plan), reference(q, keys, values, blocks, counts, lengths))
