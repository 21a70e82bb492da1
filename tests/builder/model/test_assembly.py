"""Chunks in every known form make the same reply: by index or without, in pieces or whole, in fields or in tags."""

import json
from typing import Any

import pytest

from builder.model.assembly import MAX_CALLS, Assembly
from builder.model.chat import Delta, ModelError, Reply, Usage

TOOLS = [
    {"type": "function", "function": {"name": name, "parameters": {"type": "object", "properties": properties}}}
    for name, properties in (
        ("write_file", {"path": {"type": "string"}, "content": {"anyOf": [{"type": "string"}, {"type": "null"}]}}),
        ("read_file", {"path": {"type": "string"}, "first": {"type": "integer"}, "tags": {"type": "array"}}),
        ("finish", {}),
    )
]


def chunk(finish: str | None = None, **delta: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def call(arguments: Any = None, name: str | None = None, **rest: Any) -> dict[str, Any]:
    function = {key: value for key, value in (("name", name), ("arguments", arguments)) if value is not None}
    return chunk(tool_calls=[{**rest, "function": function}])


def assemble(*chunks: dict[str, Any], finish: str | None = "stop") -> tuple[list[Delta], Reply]:
    assembly = Assembly(TOOLS)
    deltas = [delta for one in chunks for delta in assembly.feed(one)]
    deltas += assembly.feed(chunk(finish))
    deltas += assembly.end()
    return deltas, assembly.reply(400, 1.0, 0.5)


def made(reply: Reply) -> list[tuple[str, Any]]:
    return [(c.name, json.loads(c.arguments)) for c in reply.calls]


TWO = [("write_file", {"path": "a"}), ("read_file", {"path": "b"})]


@pytest.mark.parametrize(
    "chunks",
    [
        [call("", "write_file", index=0, id="a"), call('{"path": ', index=0), call('"a"}', index=0),
         call("", "read_file", index=1, id="b"), call('{"path": "b"}', index=1)],  # OpenAI, SGLang, vLLM
        [call("", "write_file", index=0, id="a"), call("", "read_file", index=1, id="b"),
         call('{"path"', index=0), call('{"path": "b"}', index=1), call(': "a"}', index=0)],  # in turns
        [call('{"path": "a"}', "write_file", index=0, id="a"), call('{"path": "b"}', "read_file", index=0, id="b")],
        [call('{"path": "a"}', "write_file"), call('{"path": "b"}', "read_file")],  # neither index nor id
        [call("", "write_file"), call('{"path": '), call('"a"}'), call('{"path": "b"}', "read_file")],
        [call({"path": "a"}, "write_file", index=0), call({"path": "b"}, "read_file", index=1)],  # as objects
        [chunk(tool_calls=[{"function": {"name": "write_file", "arguments": {"path": "a"}}},
                           {"function": {"name": "read_file", "arguments": '{"path": "b"}'}}])],
        [call('{"pa', "write_file", index=0, id="a"), call('th": "a"}', "write_file", index=0, id="a"),
         call('{"path": "b"}', "read_file", index=1, id="b")],  # name and id again in each piece
    ],
)  # fmt: skip
def test_calls_come_in_many_forms(chunks):
    deltas, reply = assemble(*chunks)
    assert made(reply) == TWO
    assert reply.finish == "tool_calls"
    assert len({c.id for c in reply.calls} - {""}) == 2
    for index, (name, _) in enumerate(TWO):
        of_call = [d for d in deltas if d.channel == "call" and d.index == index]
        assert "".join(d.text for d in of_call) == reply.calls[index].arguments
        assert {d.name for d in of_call} == {name}


def test_garbage_stays_as_the_model_wrote_it_for_the_loop_to_refuse():
    _, reply = assemble(call('{"path": oops', "write_file", index=0, id="a"), call(None, "finish", index=1, id="b"))
    assert [c.arguments for c in reply.calls] == ['{"path": oops', "{}"]


@pytest.mark.parametrize(
    "chunks",
    [
        [chunk(reasoning_content="I thi"), chunk(reasoning_content="nk."), chunk(content="Done.")],
        [chunk(reasoning="I thi"), chunk(reasoning="nk."), chunk(content="Done.")],
        [chunk(reasoning="I think.", reasoning_content="I think."), chunk(content="Done.")],
        [chunk(content="\n<think>I think.</think>\nDone.")],
        [chunk(content="I think.</think>Done.")],  # the template began the thinking
    ],
)
def test_reasoning_comes_in_many_forms(chunks):
    _, reply = assemble(*chunks)
    assert (reply.reasoning, reply.text) == ("I think.", "Done.")


GLM = (
    "<think>Two files.</think>\nI write.\n"
    "<tool_call>write_file\n<arg_key>path</arg_key>\n<arg_value>a<b.py</arg_value>\n"
    "<arg_key>content</arg_key>\n<arg_value> true\n\tif a < b: # <think> ä🙂</arg_value>\n</tool_call>"
    "<tool_call>read_file<arg_key>path</arg_key><arg_value>7</arg_value>"
    '<arg_key>first</arg_key><arg_value>3</arg_value><arg_key>tags</arg_key><arg_value>["x"]</arg_value></tool_call>'
    '\n<tool_call>\n{"name": "finish", "arguments": {}}\n</tool_call>'
)
GLM_CALLS = [
    ("write_file", {"path": "a<b.py", "content": " true\n\tif a < b: # <think> ä🙂"}),
    ("read_file", {"path": "7", "first": 3, "tags": ["x"]}),
    ("finish", {}),
]


def test_calls_written_as_text_are_calls_wherever_the_text_is_split():
    for at in range(len(GLM) + 1):
        deltas, reply = assemble(chunk(content=GLM[:at]), chunk(content=GLM[at:]))
        assert made(reply) == GLM_CALLS, at
        assert (reply.reasoning, reply.text.strip(), reply.finish) == ("Two files.", "I write.", "tool_calls")
        assert "<tool" not in "".join(d.text for d in deltas if d.channel == "text")
    _, reply = assemble(*(chunk(content=character) for character in GLM))
    assert made(reply) == GLM_CALLS


def test_a_call_ends_the_thinking_that_has_no_end():
    _, reply = assemble(chunk(content="<think>Now.<tool_call>finish</tool_call>"))
    assert (reply.reasoning, made(reply)) == ("Now.", [("finish", {})])


def test_a_tag_that_is_only_thought_about_does_not_end_the_thinking():
    text = "<think>I may write <tool_call>name</tool_call> later.</think>Done."
    for at in range(len(text) + 1):
        _, reply = assemble(chunk(content=text[:at]), chunk(content=text[at:]))
        assert (reply.reasoning, reply.text) == ("I may write <tool_call>name</tool_call> later.", "Done.")


def test_a_long_file_in_small_pieces_is_a_call():
    content = "x = '</tool' # é\n" * 20_000
    body = f"<tool_call>write_file\n<arg_key>content</arg_key>\n<arg_value>{content}</arg_value>\n</tool_call>"
    _, reply = assemble(*(chunk(content=body[at : at + 4]) for at in range(0, len(body), 4)))
    assert made(reply) == [("write_file", {"content": content})]


@pytest.mark.parametrize(
    "text",
    [
        "Write <tool_call>rm -rf</tool_call> to call.",  # no such tool
        "In HTML <b>bold</b> and a <think> that is no beginning",
        "ends with <tool_ca",
        "ends with <tool_call>",
        "x < y",
        "<thin",
        '<tool_call>{"name": []}</tool_call>',
    ],
)
def test_text_that_looks_like_a_tag_stays_text_wherever_it_is_split(text):
    for at in range(len(text) + 1):
        deltas, reply = assemble(chunk(content=text[:at]), chunk(content=text[at:]))
        assert (reply.text, reply.reasoning, reply.calls) == (text, "", ())
        assert "".join(d.text for d in deltas) == text


def test_a_call_that_is_cut_off_is_never_half_done():
    cut = GLM[: GLM.index("if a <")]
    _, reply = assemble(chunk(content=cut), finish="length")
    assert reply.finish == "length"
    assert [c.name for c in reply.calls] == ["write_file"]
    with pytest.raises(ValueError, match="Expecting"):
        json.loads(reply.calls[0].arguments)


def test_without_tools_tags_of_calls_are_text():
    assembly = Assembly()
    assert [d.text for d in assembly.feed(chunk(content="<tool_call>finish</tool_call>"))] == [
        "<tool_call>finish</tool_call>"
    ]


@pytest.mark.parametrize(
    ("told", "usage"),
    [
        ({"usage": {"prompt_tokens": 9, "completion_tokens": 5}}, Usage(9, 5)),
        ({"usage": {"prompt_tokens": 9, "completion_tokens": 5, "prompt_tokens_details": {"cached_tokens": 4},
                    "completion_tokens_details": {"accepted_prediction_tokens": 3, "rejected_prediction_tokens": 1}}},
         Usage(9, 5, 4, 4, 3)),
        ({"usage": {"prompt_tokens": 9, "completion_tokens": 5, "prompt_tokens_details": None},
          "timings": {"cache_n": 6, "draft_n": 8, "draft_n_accepted": 5}}, Usage(9, 5, 6, 8, 5)),
        ({"usage": {"prompt_tokens": 9, "completion_tokens": 5},
          "metrics": {"speculative_decoding": {"num_draft_tokens": 8, "num_accepted_tokens": 5}}},
         Usage(9, 5, 0, 8, 5)),
        ({"usage": {"prompt_tokens": "many", "completion_tokens": True}, "timings": 3}, Usage()),
        ({"usage": None}, Usage(100, 0)),  # not told: counted from the characters
    ],
)  # fmt: skip
def test_usage_is_told_in_many_forms(told, usage):
    assert assemble({"choices": [], **told})[1].usage == usage


@pytest.mark.parametrize(
    "odd", [{}, {"choices": None}, {"choices": [None]}, {"choices": [{"delta": []}]}, {"choices": 3},
            chunk(content=3, tool_calls="x", reasoning={}), chunk(tool_calls=[None, {"function": 3, "index": "x"}])],
)  # fmt: skip
def test_chunks_without_sense_change_no_text(odd):
    _, reply = assemble(chunk(content="a"), odd, chunk(content="b"))
    assert reply.text == "ab"


def test_an_aborted_answer_is_not_complete():
    for finish in ("abort", "network_error", None):
        assembly = Assembly()
        list(assembly.feed(chunk(finish, content="half")))
        assert assembly.finish is None


def test_calls_are_bounded():
    with pytest.raises(ModelError, match="more than"):
        assemble(*(call("{}", "finish") for _ in range(MAX_CALLS + 1)))
