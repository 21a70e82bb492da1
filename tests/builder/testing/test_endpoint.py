"""The endpoint with faults speaks the protocol as the official client reads it, and fails as it was told."""

import openai
import pytest

from builder.testing import FaultyEndpoint, calls, says
from builder.testing.endpoint import Fault, answers, rate_limited, refuses

ASKED = [{"role": "user", "content": "hi"}]


def client(endpoint: FaultyEndpoint) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{endpoint.url}/v1", api_key="key", max_retries=0, timeout=5)


def test_the_official_client_reads_its_streams_and_its_whole_answers():
    reply = calls(("finish", {"summary": "x" * 60}), text="Done, I think.", reasoning="Hm.")
    with FaultyEndpoint([answers(reply), answers(reply)]) as endpoint, client(endpoint) as asking:
        assert [model.id for model in asking.models.list()] == ["faulty"]
        chunks = list(asking.chat.completions.create(model="m", messages=ASKED, stream=True))
        deltas = [chunk.choices[0].delta for chunk in chunks if chunk.choices]
        assert "".join(delta.content or "" for delta in deltas) == reply.text
        pieces = [call.function.arguments for delta in deltas for call in delta.tool_calls or []]
        assert "".join(pieces) == reply.calls[0].arguments
        assert len(pieces) > 2
        assert chunks[-1].usage.prompt_tokens == 100
        whole = asking.chat.completions.create(model="m", messages=ASKED).choices[0]
        assert (whole.message.content, whole.finish_reason) == (reply.text, "tool_calls")


def test_the_script_comes_first_and_then_every_answer_is_fine():
    with FaultyEndpoint([rate_limited("7"), refuses(500, "broken")]) as endpoint, client(endpoint) as asking:
        with pytest.raises(openai.RateLimitError) as limited:
            asking.chat.completions.create(model="m", messages=ASKED)
        assert limited.value.response.headers["retry-after"] == "7"
        with pytest.raises(openai.InternalServerError, match="broken"):
            asking.chat.completions.create(model="m", messages=ASKED)
        assert asking.chat.completions.create(model="m", messages=ASKED).choices[0].message.content == "ok"
        assert [body["model"] for body in endpoint.requests] == ["m"] * 3
        assert endpoint.keys == ["Bearer key"] * 3


def test_a_cut_stream_has_a_beginning_and_no_end():
    with FaultyEndpoint([Fault(says("word " * 20), cut=3)]) as endpoint, client(endpoint) as asking:
        chunks = list(asking.chat.completions.create(model="m", messages=ASKED, stream=True))
    assert len(chunks) == 3
    assert all(chunk.choices[0].finish_reason is None for chunk in chunks)
