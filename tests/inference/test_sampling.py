import math
import random

import numpy as np
import pytest
import torch

from inference import choice
from inference.grammar.matcher import pack
from inference.request import Request, Sampling
from inference.sampling import Row, Rule, State, distribution, draw, told
from tests.inference.frequencies import chi_square

NEVER = float("-inf")


def rule(sampling, prompt=(), drawn=(), spare=()):
    made = Rule(Request("r", tuple(prompt), sampling, 9, frozenset(), spare=frozenset(spare)))
    for token in drawn:
        made.drew(token)
    return made


def some_sampling(chance, vocab):
    pick = chance.choice
    bias = {chance.randrange(vocab): chance.uniform(-5, 5) for _ in range(chance.randrange(4))}
    return Sampling(
        temperature=pick((0.0, 0.3, 1.0, 1.7)),
        top_p=pick((1.0, 0.95, 0.5, 0.01)),
        top_k=pick((0, 1, 5, 128, 200)),
        frequency_penalty=pick((0.0, 0.7, -0.4)),
        presence_penalty=pick((0.0, 0.9)),
        repetition_penalty=pick((1.0, 1.3)),
        logit_bias=pick(({}, bias)),
        seed=chance.randrange(2**63),
    )


def slowly(logits, sampling, prompt, drawn, allowed):
    """The distribution as its definition says it, one id after another."""
    x = [float(value) for value in logits]
    for token in range(len(x)):
        times = drawn.count(token)
        if token in prompt or times:
            x[token] *= sampling.repetition_penalty if x[token] < 0 else 1 / sampling.repetition_penalty
        x[token] -= sampling.frequency_penalty * times + sampling.presence_penalty * bool(times)
        x[token] += sampling.logit_bias.get(token, 0.0)
        if token not in allowed:
            x[token] = NEVER
    if sampling.temperature == 0:
        return [float(token == x.index(max(x))) for token in range(len(x))]
    weights = [math.exp((value - max(x)) / sampling.temperature) for value in x]
    order = sorted(range(len(x)), key=lambda token: -weights[token])
    if sampling.top_k:
        order = order[: sampling.top_k]
    total, sum_before, kept = sum(weights[token] for token in order), 0.0, []
    for token in order:
        if kept and sum_before >= sampling.top_p * total:
            break
        kept.append(token)
        sum_before += weights[token]
    return [weights[token] / sum_before if token in kept else 0.0 for token in range(len(x))]


@pytest.mark.parametrize("vocab", [7, 64, 160, 700])
def test_all_rows_at_once_are_each_as_its_definition_says(vocab):
    chance = random.Random(vocab)
    rows, expected = [], []
    logits = torch.randn(60, vocab, generator=torch.Generator().manual_seed(vocab)) * 2
    for row in logits:
        sampling = some_sampling(chance, vocab)
        prompt, drawn, ahead = ([chance.randrange(vocab) for _ in range(size)] for size in (6, 8, chance.randrange(4)))
        allowed, mask, spare = set(range(vocab)), None, set()
        if chance.random() < 0.5:
            allowed = set(chance.sample(range(vocab), vocab // 2))
            mask = pack(allowed, vocab)
        if chance.random() < 0.5:
            spare = {vocab - 1, vocab - 2}
        rows.append(Row(rule(sampling, prompt, drawn, spare), 20, ahead, mask))
        expected.append(slowly(row.tolist(), sampling, prompt, drawn + ahead, allowed - spare))
    assert torch.allclose(distribution(logits, rows), torch.tensor(expected), atol=2e-6)


def test_ties_stand_together():
    logits = torch.zeros(2, 300)
    logits[:, 200:] = -9.0
    both = [Row(rule(Sampling(top_k=3)), 0), Row(rule(Sampling(top_p=0.1)), 0)]
    assert (distribution(logits, both)[:, :200] == 1 / 200).all()


def test_a_row_draws_alone_what_it_draws_in_a_batch():
    chance = random.Random(3)
    logits = torch.randn(40, 160, generator=torch.Generator().manual_seed(3))
    rows = [Row(rule(some_sampling(chance, 160), (1, 2), (3, 4)), position) for position in range(40)]
    together = draw(logits.clone(), rows).tokens
    order = chance.sample(range(40), 40)
    shuffled = draw(logits[order], [rows[index] for index in order]).tokens
    alone = [draw(logits[index : index + 1].clone(), [row]).tokens[0] for index, row in enumerate(rows)]
    assert together == alone == [shuffled[order.index(index)] for index in range(40)]


def test_drawn_as_often_as_is_likely():
    count = 40_000
    logits = torch.randn(1, 50, generator=torch.Generator().manual_seed(5)) * 1.5
    for sampling in (Sampling(seed=1), Sampling(seed=2, temperature=0.6), Sampling(seed=3, top_p=0.9, top_k=40)):
        rows = [Row(rule(sampling), position) for position in range(count)]
        drawn = torch.tensor(draw(logits.repeat(count, 1), rows).tokens)
        assert chi_square(torch.bincount(drawn, minlength=50), distribution(logits, rows[:1])) < 1


def test_looking_at_the_likely_ids_alone_picks_what_sorting_all_of_them_leaves():
    """Sharp rows and flat ones, of which next to nothing is likely; limits that leave one id, or all but a few."""
    random = torch.Generator().manual_seed(7)
    logits = torch.randn(200, 3000, generator=random) * torch.rand(200, 1, generator=random) * 8
    top_k = torch.randint(1, 200, (200,), generator=random)
    top_k[::2] = 3000
    top_p = torch.tensor([1.0, 0.999999, 0.95, 0.3, 1e-9], dtype=torch.float64).repeat(40)
    top_p[(top_k == 3000) & (top_p == 1)] = 0.99
    p = choice.probabilities(logits, torch.ones(200, 1))
    for u in torch.rand(20, 200, generator=random, dtype=torch.float64):
        expected = choice.pick(choice.cut(p, top_k, top_p), u)
        assert torch.equal(choice.pick_cut(p, top_k, top_p, u), expected)


@pytest.mark.parametrize("width", [5, 64, 65, 1000])
def test_no_number_picks_what_weighs_nothing(width):
    weights = torch.zeros(3, width)
    weights[0, 0] = weights[1, -1] = weights[2, width // 2] = 1e-20
    for u in (0.0, 0.3, 1 - 2.0**-52):
        places = choice.pick(weights, torch.full((3,), u, dtype=torch.float64))
        assert places.tolist() == [0, width - 1, width // 2]


def test_random_numbers_are_those_of_splitmix64():
    assert choice._mix(0) == 0xE220A8397B1DCDAF  # the reference implementation's first output for the seed 0


def test_random_numbers_of_seeds_positions_and_draws_differ():
    streams, places = [choice.stream(seed) for seed in range(200)], range(200)
    u = np.array([choice.uniform(one, place, number) for number in range(4) for one in streams for place in places])
    assert len(set(u.tolist())) == len(u)
    assert u.min() >= 0
    assert u.max() < 1
    assert abs(np.histogram(u, 16, (0, 1))[0] / len(u) - 1 / 16).max() < 2e-3
    grid = u.reshape(4, 200, 200)
    for axis in range(3):  # neighbours know nothing of each other
        a, b = np.moveaxis(grid, axis, 0)[:-1].ravel(), np.moveaxis(grid, axis, 0)[1:].ravel()
        assert abs(np.corrcoef(a, b)[0, 1]) < 0.02


@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_a_broken_row_is_told_and_harms_no_other(temperature):
    logits = torch.randn(5, 90, generator=torch.Generator().manual_seed(1))
    rows = [Row(rule(Sampling(temperature=temperature, top_p=0.9)), place) for place in range(5)]
    fine = draw(logits.clone(), rows)
    logits[1, 3], logits[3, 5] = float("nan"), float("inf")
    rows[4].mask = pack([], 90)
    drawn = draw(logits, rows)
    assert drawn.states == [State.FINE, State.BROKEN, State.FINE, State.BROKEN, State.STUCK]
    assert [drawn.tokens[index] for index in (0, 2)] == [fine.tokens[index] for index in (0, 2)]


def test_a_short_mask_allows_nothing_beyond_it():
    logits = torch.zeros(1, 100)
    logits[0, 99] = 9.0
    assert draw(logits, [Row(rule(Sampling(temperature=0)), 0, mask=pack([7], 64))]).tokens == [7]


def test_logprobs_are_those_of_the_raw_logits():
    logits = torch.randn(2, 40, generator=torch.Generator().manual_seed(2))
    raw = logits.log_softmax(-1)
    banned = int(logits[1].argmax())
    asked = Sampling(temperature=0, logprobs=3, logit_bias={banned: -100.0}, frequency_penalty=1.0)
    drawn = draw(logits.clone(), [Row(rule(Sampling(temperature=0)), 0), Row(rule(asked), 0)])
    assert set(drawn.logprobs) == {1}
    said = told(drawn.logprobs[1], drawn.tokens[1], 3)
    assert said.token == drawn.tokens[1] != banned
    assert said.logprob == pytest.approx(float(raw[1, said.token]))
    assert [token for token, _ in said.top] == raw[1].topk(3).indices.tolist()
    assert said.top[0][0] == banned
    assert [value for _, value in said.top] == pytest.approx(raw[1].topk(3).values.tolist())


def test_counts_grow_with_the_reply():
    made = rule(Sampling(frequency_penalty=1.0), drawn=[token % 37 for token in range(500)])
    ids, drawn = made.counts.after([5, 40, 40])
    assert dict(zip(ids.tolist(), drawn.tolist(), strict=True)) == {
        token: 500 // 37 + (token < 500 % 37) + (token == 5) for token in range(37)
    } | {40: 2}
