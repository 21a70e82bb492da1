"""Schemas on the wire are small and whole, and say the same as the types they come from."""

import json

import pytest
from pydantic import BaseModel

from builder.agent.tools import toolset
from builder.agent.tools.base import AnyTool
from builder.agent.tools.wire import wire_schema
from builder.spec import AppKind

TOOLS = toolset(AppKind.FULLSTACK, research=True)


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_a_schema_has_no_reference_and_no_choice_of_null(tool: AnyTool) -> None:
    text = json.dumps(tool.schema())
    assert not any(noise in text for noise in ("$ref", "$defs", '"null"'))


def test_all_tools_together_stay_small() -> None:
    assert len(json.dumps([tool.schema() for tool in TOOLS])) < 16_000


def test_names_limits_and_descriptions_are_kept() -> None:
    class Part(BaseModel):
        title: str
        count: int | None = None

    class Whole(BaseModel):
        parts: list[Part]

    item = wire_schema(Whole)["properties"]["parts"]["items"]
    assert item["properties"] == {"title": {"type": "string"}, "count": {"type": "integer"}}
    assert item["required"] == ["title"]
