"""What a build says in a terminal, step by step."""

import json

from builder.events import Called, Noted, RequirementChanged, Stepped, StepStreamed
from web.build_display import JsonLines, Progress

CALLS = (
    Called("1", "read_file", "Read a.py", True),
    Called("2", "edit_file", "Edited [a].py", True, added=2, removed=1),
)


def step(*calls: Called, text: str = "") -> Stepped:
    return Stepped(3, "build", text, "Hm", calls, "c0ffee", bool(calls), 2.5)


def test_a_step_is_one_line(capsys):
    with Progress() as display:
        display.event(StepStreamed(3, "build", "Hm", "", ({"name": "edit_file", "path": "[a].py", "lines": 4},)))
        display.event(step(*CALLS))
        display.event(step(Called("1", "browse", "Opened /", False)))
        display.event(step(text="Now the page.\nThen the rest."))
        display.event(step())
        display.event(RequirementChanged("r1", "Plants [all] are listed", None, "proven"))
        display.event(Noted("It stopped early.", "warning"))
    lines = [line.strip() for line in capsys.readouterr().out.splitlines() if line.strip()]
    assert [" ".join(line.split()) for line in lines] == [
        "✓ Step 3 Edited [a].py and 1 more 2.5 s",
        "– Step 3 Opened / 2.5 s",
        "✓ Step 3 Now the page. 2.5 s",
        "✓ Step 3 Thought about it 2.5 s",
        "✓ Proven Plants [all] are listed",
        "It stopped early.",
    ]


def test_a_program_gets_steps_that_ended_and_no_pieces(capsys):
    with JsonLines() as display:
        display.event(StepStreamed(3, "build", "Hm", ""))
        display.event(step(*CALLS))
    (line,) = capsys.readouterr().out.splitlines()
    told = json.loads(line)
    assert (told["event"], told["n"], told["calls"][1]["added"]) == ("step", 3, 2)
