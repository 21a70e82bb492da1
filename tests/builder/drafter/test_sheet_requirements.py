"""Each fact of a sheet's prompt is a requirement, proven by its standing there; a deck's slides turn."""

from pathlib import Path

import pytest

from builder.agent.flow import FlowStep, check_flow
from builder.checks.bench import Bench, read_flow
from builder.checks.prove import FLOW_SECONDS, as_dicts
from builder.drafter import BlueprintDrafter, Draft
from builder.sandbox import open_sandbox
from builder.stack import render_stack
from builder.toolchain import Toolchain

DECK = "A pitch deck about Solari: Problem: 40 % of roofs stay empty; Solution: thin panels, an app. Dark green."
POSTER = "Poster for a flea market, Saturday 4 May, 9:00 to 15:00, market square; print view. Navy background."
RUSSIAN = "Плакат: концерт 5 мая в 19:00, Дом культуры, вход 300 ₽"
TEXTS = {
    DECK: [
        "Pitch deck about Solari",
        "Problem: 40 % of roofs stay empty",
        "Solution: thin panels, an app",
        "Dark green",
    ],
    POSTER: [
        "Poster for a flea market",
        "Saturday 4 May",
        "9:00 to 15:00",
        "Market square",
        "Print view",
        "Navy background",
    ],
    RUSSIAN: ["Плакат: концерт", "5 мая", "19:00", "Дом культуры", "Вход 300 ₽"],
}


@pytest.mark.parametrize("prompt", TEXTS)
def test_each_fact_is_asked_for_in_the_words_of_the_prompt(prompt: str) -> None:
    found = BlueprintDrafter().draft(prompt).requirements
    assert [one.text for one in found] == TEXTS[prompt]
    for one in found:
        start, end = one.source or (0, 0)
        assert " ".join(prompt[start:end].split()).lower() == one.text.lower()
        assert check_flow(one.flow) is None, one


@pytest.mark.browser
@pytest.mark.slow
def test_facts_stand_there_until_they_are_taken_away(toolchain: Toolchain, tmp_path: Path) -> None:
    draft = BlueprintDrafter().draft(DECK)
    assert _findings(draft, "", "", toolchain, tmp_path / "whole") == [None] * 4
    _, lacking, *others = _findings(draft, "40 %", "41 %", toolchain, tmp_path / "broken")
    assert lacking
    assert others == [None] * 2


def _findings(draft: Draft, old: str, new: str, toolchain: Toolchain, folder: Path) -> list[str | None]:
    app, data = folder / "app", folder / "data"
    for path, content in render_stack(draft.spec).items():
        (app / path).parent.mkdir(parents=True, exist_ok=True)
        (app / path).write_bytes(content.replace(old.encode(), new.encode()) if path == "index.html" else content)
    data.mkdir()
    bench = Bench(app, data, toolchain, open_sandbox("bubblewrap", folder / "sandbox"), built=True)

    def finding(flow: tuple[FlowStep, ...]) -> str | None:
        told = bench.call("run_flow", {"steps": as_dicts(flow), "patience": 0.5}, FLOW_SECONDS)
        return read_flow(told).finding

    try:
        return [finding(one.flow) for one in draft.requirements]
    finally:
        bench.stop()
