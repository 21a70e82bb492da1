"""The bench on a tiny random checkpoint, which says nothing of speed: that all is measured, told and written down."""

import argparse
import json
import time

import pytest
import torch

from inference.bench import add_arguments, main, theirs_gpu
from inference.bench.command import entry
from inference.bench.measure import Bench, Sizes
from inference.bench.prompts import SOURCE, Prompts
from inference.bench.share import large_config
from inference.bench.table import machine, table
from inference.bench.timing import Run, alike, faster, fastest, interleaved, speed
from inference.errors import CheckpointError, EngineError
from inference.network.glm4_moe import Glm4Moe
from inference.pocket.train import pocket_config
from tests.inference.checkpoints import make_checkpoint, tiny_config
from tests.inference.tokenizers import VOCAB_SIZE, make_tokenizer

EDIT = {"function": {"name": "edit_file", "arguments": {"path": "a.py"}}}
RUN = [
    {"role": "user", "content": "Make it."},
    {"role": "assistant", "content": "I look."},
    {"role": "user", "content": "Go on."},
    {"role": "assistant", "content": "", "tool_calls": [EDIT]},
    {"role": "tool", "content": "Edited."},
    {"role": "assistant", "content": "Done."},
]
PROMPTS = [{"path": "a.py", "text": f"{n} = 1\n" * (n + 2)} for n in range(3)] + [{"messages": RUN}]


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    folder = make_tokenizer(tmp_path_factory.mktemp("bench"))
    make_checkpoint(folder, tiny_config(vocab_size=VOCAB_SIZE))
    prompts = folder / "prompts.jsonl"
    prompts.write_text("".join(json.dumps(row) + "\n" for row in PROMPTS))
    sizes = Sizes(rounds=1, tokens=4, turn=3, steps=2, batch=2, prompts=prompts, large=lambda config: config)
    return list(Bench(folder, sizes).rows())


def test_the_prompts_of_the_bench_are_enough_for_it(tmp_path):
    """Eight files at once, ten turns of an agent, edits; and small enough to be committed."""
    prompts = Prompts.load(make_tokenizer(tmp_path))
    assert len(set(prompts.files)) >= 8
    assert {len(ids) for ids in prompts.files} == {256}
    assert all(len(run) > 10 for run in prompts.runs)
    assert all(
        run[n][: len(run[n - 1]) // 2] == run[n - 1][: len(run[n - 1]) // 2] for run in prompts.runs for n in (1, 9)
    )
    assert len(prompts.edits) > 10
    assert SOURCE.stat().st_size < 200_000


def test_all_is_measured(rows):
    told = [row.what.partition(" (")[0] for row in rows]
    assert told[:6] == [
        "one request, no drafts",
        "one request, drafts: auto",
        "one request, the other experts of transformers",
        "eight at once, no drafts",
        "eight at once, drafts: auto",
        "eight at once, the other experts of transformers",
    ]
    assert told[6:12] == [
        "draft layer, 1 draft",
        "draft layer, auto",
        "an agent's edit, look-up",
        "an agent's edit, draft layer",
        "an agent's edit, look-up, else draft layer",
        "first token at agent turn 3",
    ]
    assert [what.rpartition(", ")[2] for what in told[12:]] == ["greedy", "top-p 0.95"]


def test_every_goal_is_judged(rows):
    judged = [row for row in rows if row.goal]
    assert len(judged) == 7
    assert {row.reached for row in judged} <= {True, False}
    assert {row.reached for row in rows if not row.goal} == {None}


def test_replies_are_those_of_transformers(rows):
    assert [row.result for row in rows if "the other experts" in row.what] == [
        "1 of 1 replies equal ours",
        "8 of 8 replies equal ours",
    ]


def test_an_entry_has_all_rows_and_no_name_of_the_machine(rows):
    said = entry(rows, 1.0, 1)
    assert said.endswith(table(rows) + "\n")
    assert all(f"| {row.what} |" in said for row in rows)
    assert machine() in said
    assert "/" not in machine().replace("tokens/s", "")


def test_contenders_take_turns_and_the_first_round_does_not_count():
    asked = []

    def contender(name, seconds):
        def run(number):
            asked.append((number, name))
            return Run(seconds, 10, ((number,),))

        return run

    runs = interleaved({"a": contender("a", 1.0), "b": contender("b", 2.0)}, 2)
    assert asked == [(0, "a"), (0, "b"), (1, "b"), (1, "a"), (2, "a"), (2, "b")]
    assert [len(each) for each in runs.values()] == [2, 2]
    assert speed(runs["a"]) == 10.0
    assert faster(runs["a"], runs["b"]) == 2.0
    assert fastest(runs, ["b", "a"]) == "a"


def test_a_ratio_is_that_of_the_same_round():
    """A machine that gets slower by the round makes no contender look faster."""
    ours, theirs = [Run(s, 1) for s in (1.0, 2.0, 4.0)], [Run(2 * s, 1) for s in (1.0, 2.0, 4.0)]
    assert faster(ours, theirs) == 2.0


def test_replies_are_compared_one_by_one():
    ours, theirs = [Run(1, 4, ((1, 2), (3, 4)))], [Run(1, 4, ((1, 2), (3, 5)))]
    assert alike(ours, theirs) == (1, 2)


def test_large_means_about_a_hundred_million_parameters():
    config = large_config(pocket_config(4096, [0]))
    network = Glm4Moe(config, device="meta")
    assert 90e6 < sum(parameter.numel() for parameter in network.parameters()) < 110e6


def test_a_checkpoint_without_a_draft_layer_is_refused(tmp_path):
    folder = make_tokenizer(tmp_path)
    make_checkpoint(folder, tiny_config(vocab_size=VOCAB_SIZE), mtp=False)
    with pytest.raises(CheckpointError, match=r"no draft \(MTP\) layer"):
        Bench(folder, Sizes())


def test_a_file_that_cannot_be_written_is_told_first(tmp_path):
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    with pytest.raises(EngineError, match="--append"):
        main(parser.parse_args(["--threads", "1", "--append", str(tmp_path / "no" / "such.md")]))


def test_their_steps_are_measured_in_each_way(monkeypatch):
    monkeypatch.setattr(theirs_gpu, "STEPS", 1)
    monkeypatch.setattr(torch, "compile", lambda forward, mode: forward)
    for name in ("reset", "cudagraph_mark_step_begin"):
        monkeypatch.setattr(torch.compiler, name, lambda: None)
    config, cpu = tiny_config(num_hidden_layers=2), torch.device("cpu")
    found = list(theirs_gpu.measure(config, cpu, torch.float32, (2,), 5, float("inf")))
    assert [their.way for their in found][::2] == [f"batched_mm, {how}" for how in ("launched", "recorded", "compiled")]
    assert [their.error for their in found] == [""] * 6
    assert all(their.seconds for their in found)
    [late, _] = list(theirs_gpu.measure(config, cpu, torch.float32, (2,), 5, time.monotonic() - 1))[:2]
    assert late.error == "no time was left"
