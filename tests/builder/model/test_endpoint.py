"""What an endpoint is and how much fits into it is read from what it answers."""

import pytest

from builder.model.address import address_of
from builder.model.chat import ChatRequest, ModelRequestError, ModelUnavailableError
from builder.model.dialects import (
    DIALECTS,
    ENGINE,
    HOSTED_GLM,
    LLAMA_CPP,
    LM_STUDIO,
    OLLAMA,
    OTHER,
    SGLANG,
    VLLM,
    body_of,
)
from builder.model.endpoint import SAFE_CONTEXT, describe
from builder.testing.endpoint import FaultyEndpoint

ASKED = ChatRequest([{"role": "user", "content": "hi"}], thinking=False)


@pytest.mark.parametrize(
    ("entry", "pages", "dialect", "context"),
    [
        ({"owned_by": "protodex", "context_length": 32000}, {}, ENGINE, 32000),
        ({"owned_by": "sglang", "max_model_len": 131072}, {}, SGLANG, 131072),
        ({"owned_by": "sglang"},
         {"/server_info": {"context_length": None, "max_total_num_tokens": 99000}}, SGLANG, 99000),
        ({"owned_by": "sglang"}, {"/get_server_info": {"context_length": 65536}}, SGLANG, 65536),
        ({"owned_by": "vllm", "max_model_len": 65536}, {}, VLLM, 65536),
        ({"owned_by": "llamacpp", "meta": {"n_ctx_train": 131072}},
         {"/props": {"default_generation_settings": {"n_ctx": 16384}}}, LLAMA_CPP, 16384),
        ({"owned_by": "library"},
         {"/api/ps": {"models": [{"name": "x", "context_length": 9999}, {"name": "m", "context_length": 8192}]}},
         OLLAMA, 8192),
        ({"owned_by": "organization_owner"},
         {"/api/v0/models": {"data": [3, {"id": "m", "loaded_context_length": 4096}]}}, LM_STUDIO, 4096),
        ({"owned_by": "z-ai"}, {}, HOSTED_GLM, SAFE_CONTEXT),
        ({"owned_by": "someone"}, {}, OTHER, SAFE_CONTEXT),
        ({"max_model_len": True, "context_length": "much", "meta": [1]}, {}, OTHER, SAFE_CONTEXT),
        ({"max_model_len": -5, "context_length": 10**12}, {}, OTHER, SAFE_CONTEXT),
    ],
)  # fmt: skip
def test_kind_and_window_are_told_by_what_is_answered(entry, pages, dialect, context):
    with FaultyEndpoint(models=[{"id": "m", **entry}], pages=pages) as endpoint:
        found = describe(address_of(endpoint.url))
    assert (found.name, found.dialect, found.context) == ("m", dialect, context)
    assert found.told is (context != SAFE_CONTEXT)


def test_the_window_of_a_hosted_model_is_known_by_its_name():
    with FaultyEndpoint(models=[{"id": "glm-4.6", "owned_by": "z-ai"}]) as endpoint:
        assert describe(address_of(endpoint.url)).context == 202_752


def test_the_first_model_is_taken_unless_one_is_named():
    with FaultyEndpoint(models=[{"id": "a"}, {"id": "b", "max_model_len": 4096}, {"id": 3}, None]) as endpoint:
        address = address_of(endpoint.url)
        assert describe(address).models == ("a", "b")
        assert describe(address).name == "a"
        assert (describe(address, "b").name, describe(address, "b").context) == ("b", 4096)


def test_an_endpoint_that_lists_nothing_needs_a_name():
    with FaultyEndpoint(models=[]) as endpoint:
        with pytest.raises(ModelRequestError, match="PROTODEX_MODEL_NAME"):
            describe(address_of(endpoint.url))
        assert describe(address_of(endpoint.url), "m").name == "m"
    with pytest.raises(ModelUnavailableError, match="Check that it runs"):
        describe(address_of(endpoint.url))


@pytest.mark.parametrize("page", ["<html>", "[]", '{"data": 3}', "[" * 100_000])
def test_odd_lists_are_no_lists(page):
    with FaultyEndpoint(pages={"/v1/models": page}) as endpoint, pytest.raises(ModelRequestError):
        describe(address_of(endpoint.url))


def test_thinking_is_switched_as_each_endpoint_wants_it():
    switches = {
        d.kind: set(body_of(ASKED, "m", d)) - {"model", "messages", "stream", "stream_options"} for d in DIALECTS
    }
    template = {"chat_template_kwargs"}
    assert switches == {
        "protodex": template, "sglang": template, "vllm": template, "llama.cpp": template,
        "ollama": {"reasoning_effort"}, "lmstudio": set(), "glm": {"thinking"},
    }  # fmt: skip


def test_a_schema_is_held_to_by_the_endpoint_or_said_in_words():
    asked = ChatRequest(ASKED.messages, schema={"type": "object", "title": "Spec"})
    held = body_of(asked, "m", VLLM)
    assert held["response_format"]["json_schema"]["schema"] == asked.schema
    assert held["messages"] == list(ASKED.messages)
    told = body_of(asked, "m", HOSTED_GLM)
    assert told["response_format"] == {"type": "json_object"}
    assert '"title": "Spec"' in told["messages"][-1]["content"]
    refused = body_of(asked, "m", VLLM, without=["response_format"])
    assert "response_format" not in refused
    assert '"title": "Spec"' in refused["messages"][-1]["content"]
    assert ASKED.messages[0]["content"] == "hi"
