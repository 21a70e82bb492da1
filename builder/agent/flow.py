"""Browser steps that prove a requirement: what a person does by role and label, then what must have changed.

One flat form for the model, the probe in the sandbox and the studio. Knows nothing of browsers.
"""

from collections.abc import Sequence
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

ACTIONS = ("open", "click", "fill", "choose", "check", "press", "drag", "swipe", "reload", "wait", "call_api")
EXPECTATIONS = (
    "expect_text", "expect_no_text", "expect_control", "expect_no_control", "expect_count", "expect_value",
    "expect_url", "expect_api", "expect_rows", "expect_change", "expect_motion", "expect_color",
)  # fmt: skip
MAX_FLOW_STEPS = 30

Do = Literal[
    "open", "click", "fill", "choose", "check", "press", "drag", "swipe", "reload", "wait", "call_api",
    "expect_text", "expect_no_text", "expect_control", "expect_no_control", "expect_count", "expect_value",
    "expect_url", "expect_api", "expect_rows", "expect_change", "expect_motion", "expect_color",
]  # fmt: skip
_NEEDS: dict[str, tuple[str, ...]] = {
    "open": ("path",),
    "click": ("role", "name"),
    "fill": ("name", "value"),
    "choose": ("name", "value"),
    "check": ("name",),
    "press": ("key",),
    "drag": ("name", "to"),
    "swipe": ("value",),
    "call_api": ("method", "path"),
    "expect_text": ("text",),
    "expect_no_text": ("text",),
    "expect_control": ("role", "name"),
    "expect_no_control": ("role", "name"),
    "expect_count": ("role", "count"),
    "expect_value": ("name", "value"),
    "expect_url": ("path",),
    "expect_api": ("path",),
    "expect_rows": ("sql", "count"),
    "expect_color": ("value",),
}


class FlowStep(BaseModel):
    """One action or expectation. `role` and `name` are ARIA's; `name` is matched as a part, case ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    do: Do
    path: str | None = Field(default=None, max_length=400, description="open, expect_url, call_api, expect_api")
    role: str | None = Field(default=None, max_length=40, description="button, link, textbox, listitem, article …")
    name: str | None = Field(default=None, max_length=200, description="accessible name or label")
    nth: int = Field(default=0, ge=0, le=500, description="which of several, from 0")
    value: str | None = Field(
        default=None,
        max_length=4000,
        description="what to type or choose, or what must be in it; swipe: left, right, up or down; "
        "expect_color: #rrggbb",
    )
    key: str | None = Field(
        default=None, max_length=40, description="a key as Playwright names it: Enter, ArrowLeft, a"
    )
    to: str | None = Field(default=None, max_length=200, description="drag: the name of what to drop on")
    text: str | None = Field(default=None, max_length=1000, description="text on the page, matched as a part")
    count: int | None = Field(default=None, ge=0, description="expect_count, expect_rows: exactly so many")
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] | None = None
    body: dict[str, Any] | None = Field(default=None, description="JSON body of call_api or expect_api")
    status: int | None = Field(default=None, ge=100, le=599, description="expected status; 200 unless told")
    contains: str | None = Field(default=None, max_length=1000, description="expect_api: text in the answer")
    sql: str | None = Field(default=None, max_length=1000, description="expect_rows: a SELECT whose rows are counted")
    percent: int = Field(
        default=5, ge=1, le=100, description="expect_color: at least so much of the named thing, or of the screen"
    )
    seconds: float = Field(default=1.0, gt=0, le=10, description="wait, expect_motion: how long")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        missing = [name for name in _NEEDS.get(self.do, ()) if getattr(self, name) is None]
        if missing:
            raise ValueError(f"{self.do} needs {' and '.join(missing)}")
        return self

    @property
    def expects(self) -> bool:
        return self.do in EXPECTATIONS

    def told(self) -> str:
        """The step in words, for the ledger."""
        values = {k: v for k, v in self.model_dump(exclude_defaults=True).items() if k != "do"}
        who = " ".join(
            str(values.pop(k)) if k == "role" else f"“{values.pop(k)}”" for k in ("role", "name") if k in values
        )
        rest = ", ".join(f"{k} {v}" for k, v in values.items())
        return " ".join(part for part in (self.do.replace("_", " "), who, rest) if part)


def check_flow(steps: Sequence[FlowStep]) -> str | None:
    """Why these steps can't prove anything, or None: something is done, and something must hold after it."""
    if not steps:
        return "there are no steps"
    if len(steps) > MAX_FLOW_STEPS:
        return f"there are more than {MAX_FLOW_STEPS} steps"
    if not any(step.do not in {"wait", "reload"} and not step.expects for step in steps):
        return "nothing is opened, clicked, typed or called"
    if not steps[-1].expects:
        return "the last step must be an expectation: what has changed?"
    return None
