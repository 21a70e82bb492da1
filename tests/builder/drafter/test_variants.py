"""Prompts as people type them, written before the drafter was read: most of what each asks for is in its draft."""

import pytest

from tests.builder.drafter.variants import VARIANTS, Score, score

AT_LEAST = {"entity": 0.95, "field": 0.95, "type": 0.97, "relation": 0.9, "feature": 0.95, "color": 1, "mode": 1}


@pytest.fixture(scope="module")
def result() -> Score:
    return score()


@pytest.mark.parametrize("part", [*AT_LEAST, "rows"])
def test_most_of_what_is_asked_for_is_drafted(result, part):
    print(f"{part}: {result.hits[part]} of {result.wanted[part]} in {len(VARIANTS)} prompts")
    assert result.wanted[part]
    assert result.recall(part) >= AT_LEAST.get(part, 1), result.missed
