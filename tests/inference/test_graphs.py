"""Recorded steps, which a CPU runs as they are and a GPU replays, say what the plain runner says."""

import pytest

from inference.drafting.both import BothDrafter
from inference.drafting.mtp import MTPDrafter
from inference.drafting.ngram import NgramDrafter
from inference.graphs import rounded
from inference.request import Finish, Sampling
from tests.inference.checkpoints import random_network, tiny_config
from tests.inference.serving import GREEDY, Knowing, ask, serve
from tests.inference.test_runner import DeadEnd, mixed_requests, poisoned

CRAMPED = {"blocks": 16, "max_tokens": 13, "max_batch": 4}  # prompts in pieces, sequences that make way
SPARE = frozenset({158, 159})
PLAIN = (GREEDY, Sampling(0.8, top_p=0.9, seed=1), Sampling(0.6, top_k=5, seed=2), Sampling(1.0, seed=3))


@pytest.fixture(scope="module")
def network():
    return random_network(tiny_config(num_hidden_layers=2), 0)


@pytest.fixture(scope="module")
def requests():
    """Of different lengths, so that sequences enter and leave; some with spare ids."""
    prompts = [range(n, n + 3 + 5 * n) for n in range(6)]
    return [
        ask(prompt, PLAIN[n % 4], max_tokens=7 + 4 * n, spare=SPARE if n % 2 else frozenset())
        for n, prompt in enumerate(prompts)
    ]


@pytest.fixture(scope="module")
def plain(network, requests):
    return serve(network, requests)


@pytest.mark.parametrize("limits", [{}, CRAMPED])
@pytest.mark.parametrize(
    ("kind", "drafts"), [("mtp", 0), ("mtp", 1), ("mtp", 3), ("both", 3), ("ngram", 2), ("now and then", 3)]
)
def test_recorded_steps_say_what_plain_ones_say(network, requests, plain, kind, drafts, limits):
    drafter = {
        "mtp": lambda: MTPDrafter(network),
        "both": lambda: BothDrafter(network, 2),
        "ngram": lambda: NgramDrafter(2),
        "now and then": lambda: Knowing(requests, plain.replies, 160, lambda at: at * 7 % 5 > 1),
    }[kind]()
    served = serve(network, requests, drafter, drafts, recorded=True, **limits)
    assert served.replies == plain.replies
    assert served.preemptions or not limits
    assert served.replayed > served.steps // 4


def test_the_draft_layer_guesses_what_it_guesses_unrecorded(network, requests):
    """Its keys, too, are those it would have kept: over counts that come and go, owed tokens included."""
    runs = [
        serve(network, requests[:3], MTPDrafter(network), lambda step: step * 5 % 4, recorded=on)
        for on in (True, False)
    ]
    assert runs[0].replies == runs[1].replies
    assert runs[0].guesses == runs[1].guesses
    assert runs[0].replayed


def test_who_needs_more_than_a_plain_draw_is_run_plainly(network):
    requests = mixed_requests(8, 9)
    told = [ask([1, 2, 3], Sampling(0.0, logprobs=2), 5), ask([4, 5], matcher=DeadEnd(), max_tokens=5)]
    for batch in (requests, [*requests[:2], told[0]]):
        plain = serve(network, batch, MTPDrafter(network), 2)
        served = serve(network, batch, MTPDrafter(network), 2, recorded=True)
        assert served.replies == plain.replies
        assert served.replayed < served.steps
    assert "No token is left" in serve(network, [told[1]], recorded=True).ends[0].error


@pytest.mark.parametrize("drafts", [0, 3])
def test_broken_logits_end_their_own_sequence_only(network, requests, plain, drafts):
    clean = [index for index, request in enumerate(requests) if 70 not in (*request.prompt, *plain.replies[index])]
    bad = ask([1, 2, 70, 3], max_tokens=5)
    mixed = [one for index in clean for one in (bad, requests[index])]
    broken = poisoned(network, 70)
    served = serve(broken, mixed, MTPDrafter(broken), drafts, max_batch=3, blocks=40, recorded=True)
    assert served.replies[1::2] == [plain.replies[index] for index in clean]
    assert all(end.finish is Finish.FAILED for end in served.ends[::2])
    assert served.replayed


def test_near_the_end_of_the_context_steps_are_plain(network):
    short = random_network(tiny_config(num_hidden_layers=2, max_position_embeddings=16), 0)
    request = ask(range(9), max_tokens=20)
    plain = serve(short, [request], MTPDrafter(short), 3)
    served = serve(short, [request], MTPDrafter(short), 3, recorded=True)
    assert served.replies == plain.replies
    assert 0 < served.replayed < served.steps


def test_what_cannot_be_recorded_is_run_as_it_is(network, requests, plain, monkeypatch, caplog):
    def refusing(*_):
        raise RuntimeError("operation not permitted when stream is capturing")

    monkeypatch.setattr("inference.graphs.recorded", refusing)
    assert serve(network, requests[:2], recorded=True).replies == plain.replies[:2]
    assert "can't be recorded" in caplog.text


def test_batches_are_rounded_to_few_sizes():
    assert [rounded(rows, 32) for rows in (1, 2, 3, 5, 8, 9, 17, 31, 32)] == [1, 2, 4, 8, 8, 16, 24, 32, 32]
    assert rounded(5, 6) == 6
