"""Messages are appended to; a full window is folded once; what no server could parse is kept in a form it can."""

import json

from builder.agent.conversation import Conversation, estimate, kept
from builder.model.chat import ChatRequest, Message, ModelUnavailableError, Reply, ToolCall, Usage
from builder.testing import ScriptedModel

OPENING: list[Message] = [{"role": "system", "content": "rules"}, {"role": "user", "content": "# The request\nA diary"}]


def test_the_window_is_measured_by_what_the_endpoint_tells() -> None:
    talk = Conversation(list(OPENING))
    talk.counted(Reply(usage=Usage(prompt=700, completion=100)))
    assert talk.is_full(1_300)
    assert not talk.is_full(1_400)


def test_the_window_is_estimated_where_nothing_is_told() -> None:
    talk = Conversation([*OPENING, {"role": "user", "content": "x" * 32_000}])
    talk.counted(Reply())
    assert 9_000 < talk.tokens < 11_000


def test_folding_keeps_the_opening_and_the_summary_of_the_model() -> None:
    talk = Conversation([*OPENING, {"role": "assistant", "content": "long " * 5_000}])
    talk.fold(OPENING, ScriptedModel([Reply(text="I made the list page.")]), ChatRequest(talk.messages), [])
    assert talk.messages[0] == OPENING[0]
    assert len(talk.messages) == 2
    assert talk.messages[1]["content"].startswith("# The request\nA diary")
    assert "I made the list page." in talk.messages[1]["content"]
    assert talk.tokens == estimate(talk.messages) < 200


def test_folding_works_without_the_model() -> None:
    def gone(_: object) -> Reply:
        raise ModelUnavailableError("gone")

    talk = Conversation([*OPENING, {"role": "assistant", "content": "x"}])
    talk.fold(OPENING, ScriptedModel([gone]), ChatRequest(talk.messages), ["Edited a.py", "Ran the checks"])
    assert "Edited a.py" in talk.messages[1]["content"]


def test_arguments_that_are_no_json_become_json() -> None:
    reply = Reply(calls=(ToolCall("c1", "write_file", '{"path": "a'),))
    arguments = kept(reply, frozenset())["tool_calls"][0]["function"]["arguments"]
    assert json.loads(arguments) == {"not_json": '{"path": "a'}


def test_long_arguments_are_kept_in_short_only_when_they_were_refused() -> None:
    long = json.dumps({"path": "a.txt", "content": "x" * 500_000})
    reply = Reply(calls=(ToolCall("c1", "write_file", long),))
    assert kept(reply, frozenset())["tool_calls"][0]["function"]["arguments"] == long
    short = kept(reply, frozenset({"c1"}))["tool_calls"][0]["function"]["arguments"]
    assert len(short) < 2_000
    assert json.loads(short)["path"] == "a.txt"


def test_reasoning_stays_with_its_message() -> None:
    assert kept(Reply(text="t", reasoning="because"), frozenset())["reasoning_content"] == "because"
