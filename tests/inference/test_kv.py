"""Paged keys and values against contiguous ones, however a sequence is cut into steps and its blocks are scattered."""

import random

import pytest
import torch

from inference.kv import FEW, ContiguousKV, KVPool, PagedKV, attend, by_key, causal_mask, heads_first
from inference.step import Work
from tests.inference.checkpoints import random_network, tiny_config

SIZE = 4


@pytest.fixture(scope="module")
def network():
    return random_network(tiny_config(), seed=3).requires_grad_(False)


@pytest.fixture
def pool(network):
    return KVPool(network.config, 64, SIZE)


def tokens(count: int, seed: int = 0) -> list[int]:
    return random.Random(seed).choices(range(160), k=count)


def whole(network, ids):
    return network(torch.tensor(ids), torch.arange(len(ids)), ContiguousKV([len(ids)]))


def paged(network, pool, works):
    kv = PagedKV(pool, works)
    return network(kv.ids, kv.positions, kv)


def scattered(count: int, seed: int = 0) -> list[int]:
    return random.Random(seed).sample(range(64), count)


def test_attend_is_causal_attention():
    torch.manual_seed(0)
    for n, length in ((1, 1), (1, 9), (5, 5), (5, 9), (FEW, 40), (FEW + 1, 40), (40, 40)):
        q, k, v = torch.randn(n, 6, 8), torch.randn(length, 2, 8), torch.randn(length, 2, 8)
        scores = torch.einsum("nhd,lhd->hnl", q, k.repeat_interleave(3, 1)) * 8**-0.5
        future = torch.arange(length)[None] > torch.arange(length - n, length)[:, None]
        weights = scores.masked_fill(future, float("-inf")).softmax(-1)
        expected = torch.einsum("hnl,lhd->nhd", weights, v.repeat_interleave(3, 1))
        out = attend(by_key(q, 2), heads_first(k), heads_first(v), causal_mask(n, length, 3, q))
        torch.testing.assert_close(out.reshape(q.shape), expected)


@pytest.mark.parametrize("blocks", [range(5, 15), scattered(10)], ids=["in a run", "scattered"])
@pytest.mark.parametrize("cuts", [[37], [1, 2, 37], [10, 11, 30, 33, 37], list(range(1, 38))])
def test_a_sequence_in_pieces_is_the_sequence_at_once(network, pool, blocks, cuts):
    ids = tokens(37)
    pieces = [
        paged(network, pool, [Work(0, ids[start:stop], start, blocks)])
        for start, stop in zip([0, *cuts[:-1]], cuts, strict=True)
    ]
    torch.testing.assert_close(torch.cat(pieces), whole(network, ids), atol=1e-4, rtol=1e-4)


def test_a_batch_is_each_sequence_alone(network, pool):
    """Pieces of prompts, single tokens and windows of drafts, all in one step."""
    rows = [(0, 20), (18, 19), (7, 11), (0, 1), (30, 33)]
    sequences = [tokens(stop, seed) for seed, (_, stop) in enumerate(rows)]
    blocks = scattered(64)
    mine = [blocks[10 * row : 10 * row + 10] for row in range(len(rows))]
    for row, (start, _) in enumerate(rows):
        if start:
            paged(network, pool, [Work(row, sequences[row][:start], 0, mine[row])])
    works = [Work(row, sequences[row][start:], start, mine[row]) for row, (start, _) in enumerate(rows)]
    bounds, hidden = PagedKV(pool, works).bounds, paged(network, pool, works)
    for row, (start, _) in enumerate(rows):
        expected = whole(network, sequences[row])[start:]
        torch.testing.assert_close(hidden[bounds[row] : bounds[row + 1]], expected, atol=1e-4, rtol=1e-4)


def test_a_shared_prefix_is_read_by_both(network, pool):
    prefix, ends = tokens(8), [tokens(5, 1), tokens(6, 2)]
    paged(network, pool, [Work(0, prefix, 0, [9, 2])])
    hidden = paged(network, pool, [Work(0, ends[0], 8, [9, 2, 30, 31]), Work(1, ends[1], 8, [9, 2, 4, 40])])
    expected = torch.cat([whole(network, prefix + end)[8:] for end in ends])
    torch.testing.assert_close(hidden, expected, atol=1e-4, rtol=1e-4)


def test_rejected_drafts_are_written_over(network, pool):
    ids, blocks = tokens(16), [7, 3, 20, 21]
    paged(network, pool, [Work(0, ids[:10], 0, blocks)])
    paged(network, pool, [Work(0, [ids[10], 1, 2, 3], 10, blocks, drafts=3)])
    hidden = paged(network, pool, [Work(0, ids[11:], 11, blocks)])
    torch.testing.assert_close(hidden, whole(network, ids)[11:], atol=1e-4, rtol=1e-4)


def test_nothing_outside_a_sequence_is_read(network, pool):
    """What other sequences leave in the pool, NaN included, changes nothing."""
    for held in (*pool.k, *pool.v):
        held.fill_(float("nan"))
    ids = tokens(10)
    hidden = paged(network, pool, [Work(0, ids, 0, [9, 2, 30])])
    torch.testing.assert_close(hidden, whole(network, ids), atol=1e-4, rtol=1e-4)


def test_the_draft_layer_has_keys_of_its_own(network, pool):
    ids, following, blocks = tokens(12), tokens(12, 5), [8, 1, 50]
    hidden = whole(network, ids)
    expected = network.draft(torch.tensor(following), hidden, torch.arange(12), ContiguousKV([12]))
    paged(network, pool, [Work(0, ids, 0, blocks)])
    for start, stop in ((0, 7), (7, 12)):
        kv = PagedKV(pool, [Work(0, following[start:stop], start, blocks)])
        out = network.draft(kv.ids, hidden[start:stop], kv.positions, kv)
        torch.testing.assert_close(out, expected[start:stop], atol=1e-4, rtol=1e-4)


def test_contiguous_sequences_go_on(network):
    """Two sequences of unlike lengths, each fed in two steps."""
    first, second = tokens(12), tokens(9, 1)
    kv = ContiguousKV([7, 9])
    network(torch.tensor(first[:7] + second), torch.cat((torch.arange(7), torch.arange(9))), kv)
    out = network(torch.tensor([*first[7:], 5]), torch.tensor([7, 8, 9, 10, 11, 9]), kv.extend([5, 1]))
    expected = torch.cat((whole(network, first)[7:], whole(network, [*second, 5])[9:]))
    torch.testing.assert_close(out, expected, atol=1e-4, rtol=1e-4)


def test_too_few_blocks_are_an_error(pool):
    with pytest.raises(ValueError, match="2 blocks of 4 have no room for position 8"):
        PagedKV(pool, [Work(0, [1, 2], 7, [0, 1])])
