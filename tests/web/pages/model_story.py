"""A build with a model, told event by event: what the loop yields, without a model."""

from typing import Any

from builder.events import (
    Called,
    Checked,
    CheckStatus,
    Event,
    Finding,
    Noted,
    Phase,
    PhaseChanged,
    RequirementChanged,
    Scored,
    Served,
    Stepped,
    StepStreamed,
    UsageTold,
)

URL = "http://plant.localhost:8001/"
PROMPT = "A plant diary with a watering calendar. I want to search plants by room, and see overdue ones first."
QUESTIONS = (
    {"text": "Who uses it?", "choices": ["Only me", "My family", "A whole office"]},
    {"text": "What should be on the first screen?", "choices": []},
)
POST_MORTEM = """The model stopped early: the same check failed three times.

What it tried last:
- Edited backend/entities/plant.py
- Opened /plants and clicked “Water”

Likely cause:
- The button “Water” changes nothing: POST /api/waterings answers 422.

Its last change:
```diff
@@ -1,3 +1,3 @@
-    watered_at: datetime
+    watered_at: datetime | None = None
```

You can:
1. Ask for one thing at a time, such as: “Overdue plants come first”
2. Keep release 2, which works, and change it in the Design tab.
3. Say what you would try differently, and send it as your next message."""


def called(name: str, summary: str, *, ok: bool = True, result: str = "", added: int = 0, removed: int = 0) -> Called:
    return Called(f"c-{name}-{summary[:8]}", name, summary, ok, None, result, 0.4, added, removed)


def stepped(
    n: int, *calls: Called, phase: str = "build", text: str = "", commit: str = "c0ffee", seconds: float = 0.0
) -> Stepped:
    thought = "The calendar needs the date of the last watering, so the entity gets it first.\nThen the page."
    return Stepped(n, phase, text, thought, calls, commit, any(c.added or c.removed for c in calls), seconds)


def edited(n: int) -> Stepped:
    path = f"frontend/src/pages/Plant{n}.tsx"
    return stepped(
        n,
        called("read_file", f"Read {path}", result="export function Plant() {\n  return null\n}"),
        called("edit_file", f"Edited {path}", added=12 + n, removed=n, result=f"{path} was edited."),
    )


def streamed(n: int, lines: int = 64, *, reasoning: str = "", text: str = "") -> StepStreamed:
    tail = "\n".join(f"    watered_{i}: Mapped[datetime | None] = mapped_column(default=None)" for i in range(12))
    call = {"name": "write_file", "path": "backend/entities/watering.py", "lines": lines, "tail": tail}
    return StepStreamed(n, "build", reasoning or "A watering belongs to a plant. ", text, (call,) if lines else ())


def requirement(
    n: int, text: str, status: str = "open", *, source: str = "", prompt: str = PROMPT, **more: Any
) -> RequirementChanged:
    start = prompt.find(source) if source else -1
    span = (start, start + len(source)) if start >= 0 else None
    return RequirementChanged(f"r{n}", text, span, status, **more)


PROOF = {
    "steps": [
        "open /plants",
        "click button “Water”",
        "expect text “Watered today”",
        "reload",
        "expect text “Watered today”",
    ],
    "finding": None,
    "screenshot": "r1.png",
}
REQUIREMENTS = (
    requirement(1, "A plant is marked as watered", "proven", source="a watering calendar", proof=PROOF),
    requirement(2, "Plants are found by their room", "open", source="search plants by room"),
    requirement(
        3,
        "Overdue plants come first",
        "failed",
        source="see overdue ones first",
        proof={**PROOF, "finding": "“Fern” was expected first, “Aloe” is.", "screenshot": None},
    ),
    requirement(4, "Reminders come by text message", reason="Nothing here can send a text message."),
)


def checks(*, failed: bool = False) -> tuple[Checked, ...]:
    finding = (Finding("The button “Water” changes nothing.", "frontend/src/pages/Plant1.tsx", 3),)
    return (
        Checked("types", "Types fit", CheckStatus.PASSED, True, 1.2),
        Checked(
            "boot",
            "The app boots",
            CheckStatus.FAILED if failed else CheckStatus.PASSED,
            True,
            0.8,
            finding if failed else (),
        ),
        Checked("controls", "Every control does something", CheckStatus.FAILED, False, 2.0, finding),
    )


def working(stage: str = "build") -> PhaseChanged:
    return PhaseChanged(Phase.WORKING, stage)


def checkpoint(n: int, score: int = 88, stage: str = "verify") -> tuple[Event, ...]:
    return (
        PhaseChanged(Phase.CHECKING),
        *checks(),
        PhaseChanged(Phase.SCORING),
        Scored(n, score),
        Served(n, URL),
        working(stage),
    )


def usage(steps: int = 12, *, wasted: int = 0) -> UsageTold:
    return UsageTold(steps, 412_300, 18_240, 371_000, wasted, 74.2, 0.68, 0.31)


def asks() -> Noted:
    return Noted("A few answers make this better.", "question", QUESTIONS)
