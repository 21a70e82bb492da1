"""The stand-ins for a model keep the promises of a real one."""

import itertools
import json

import pytest

from builder.checks.probe import CancelledError
from builder.model.chat import ChatRequest, Delta, ModelUnavailableError, Reply, Restarted, Usage, ask
from builder.testing import (
    ReplayModel,
    ScriptedModel,
    ScriptEndedError,
    calls,
    reply_from,
    says,
    write_transcript,
)
from builder.testing.transcripts import TranscriptError, read_transcript

ASKED = ChatRequest([{"role": "user", "content": "Make a list."}])


def test_the_script_is_answered_in_order_and_piece_by_piece():
    text = "A sentence that is longer than one piece of a stream."
    model = ScriptedModel([calls(("finish", {"summary": text}), reasoning=text), says(text)])
    *deltas, reply = model.stream(ASKED)
    assert isinstance(reply, Reply)
    assert "".join(d.text for d in deltas if isinstance(d, Delta) and d.channel == "call") == reply.calls[0].arguments
    assert "".join(d.text for d in deltas if isinstance(d, Delta) and d.channel == "reasoning") == text
    assert len(deltas) > 4
    assert ask(model, ASKED).text == text
    assert model.calls == 2


def test_a_reply_may_depend_on_the_request_and_requests_are_kept_as_they_were():
    model = ScriptedModel([lambda request: says(f"{len(request.messages)} messages")])
    messages = [{"role": "user", "content": "a"}]
    assert ask(model, ChatRequest(messages)).text == "1 messages"
    messages[0]["content"] = "changed"
    messages.append({})
    assert model.requests[0].messages == [{"role": "user", "content": "a"}]


def test_it_restarts_fails_and_stops_like_a_model_at_an_endpoint():
    down = ModelUnavailableError("No model answers.")
    model = ScriptedModel([Restarted("cut"), says("again"), down, says("word " * 50)])
    assert [type(item) for item in model.stream(ASKED)] == [Restarted, Delta, Reply]
    with pytest.raises(ModelUnavailableError, match="No model answers"):
        ask(model, ASKED)
    seen: list[object] = []
    with pytest.raises(CancelledError):
        seen.extend(model.stream(ASKED, lambda: len(seen) >= 2))
    assert len(seen) == 2


def test_ids_of_calls_differ_though_the_same_reply_is_given_for_ever():
    model = ScriptedModel(itertools.repeat(calls(("read_file", {}), ("read_file", {}))))
    ids = [call.id for _ in range(3) for call in ask(model, ASKED).calls]
    assert len(set(ids)) == 6


def test_tokens_are_counted_and_the_shared_beginning_is_cached():
    model = ScriptedModel([says("x" * 40), says("y", "z" * 39), Reply("told", usage=Usage(7, 8, 9))])
    first, second, third = (ask(model, ASKED).usage for _ in range(3))
    assert (first.completion, first.cached, second.completion) == (10, 0, 10)
    assert second.cached == second.prompt == first.prompt
    assert third == Usage(7, 8, 9)


def test_a_script_that_ends_too_early_is_the_tests_mistake_not_the_models():
    model = ScriptedModel([says("one")])
    ask(model, ASKED)
    with pytest.raises(ScriptEndedError, match="request 2"):
        ask(model, ASKED)


REPLIES = [
    calls(("write_file", {"path": "ä.py", "content": "x\n"}), text="I write.", reasoning="Hm."),
    calls(("write_file", '{"path": oops')),
    Reply("cut", finish="length"),
    says("Done."),
]


def test_a_transcript_plays_back_what_was_written(tmp_path):
    path = tmp_path / "list.jsonl"
    write_transcript(path, REPLIES)
    replay = ReplayModel(path)
    for wanted in REPLIES:
        got = ask(replay, ASKED)
        assert (got.text, got.reasoning, got.finish) == (wanted.text, wanted.reasoning, wanted.finish)
        assert [(c.name, c.arguments) for c in got.calls] == [(c.name, c.arguments) for c in wanted.calls]
    with pytest.raises(ScriptEndedError, match=r"list\.jsonl.*request 5"):
        ask(replay, ASKED)


def test_a_transcript_may_be_written_by_hand(tmp_path):
    path = tmp_path / "hand.jsonl"
    form = {"content": None, "tool_calls": [{"name": "finish", "arguments": {"done": True}}, {"name": "list_files"}]}
    path.write_text(json.dumps({"comment": "the end", "reply": form}) + "\n\n")
    (reply,) = read_transcript(path)
    assert reply == reply_from(form, 1)
    assert [(c.name, c.arguments) for c in reply.calls] == [("finish", '{"done": true}'), ("list_files", "{}")]


@pytest.mark.parametrize("line", ["{", "[]", "{}", '{"reply": 3}', '{"reply": {"tool_calls": [{}]}}', "null"])
def test_a_line_that_is_no_reply_is_named(tmp_path, line):
    path = tmp_path / "bad.jsonl"
    path.write_text('{"reply": {"content": "fine"}}\n' + line + "\n")
    with pytest.raises(TranscriptError, match=r"bad\.jsonl:2"):
        read_transcript(path)
