"""What is being written is told at once, then in steady small portions, and files show while they grow."""

import json

from builder.agent.live import LiveStep
from builder.model.chat import Delta


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_first_delta_is_told_at_once_and_the_next_ones_together() -> None:
    clock = Clock()
    live = LiveStep(3, "build", clock)
    first = live.take(Delta("reasoning", "I will"))
    assert first
    assert (first.n, first.reasoning) == (3, "I will")
    assert live.take(Delta("reasoning", " look")) is None
    clock.now = 0.2
    later = live.take(Delta("text", "Looking."))
    assert later
    assert (later.reasoning, later.text) == ("I will look", "Looking.")


def test_a_file_shows_its_name_and_its_newest_lines_while_it_is_written() -> None:
    clock = Clock()
    live = LiveStep(1, "build", clock)
    text = json.dumps({"path": "backend/a.py", "content": "\n".join(f"line {n}" for n in range(50))})
    for at in range(0, len(text), 7):
        live.take(Delta("call", text[at : at + 7], 0, "write_file" if at == 0 else ""))
    (call,) = live.event().calls
    assert (call["name"], call["path"], call["lines"]) == ("write_file", "backend/a.py", 50)
    assert call["tail"].endswith("line 49")
    assert "line 1\n" not in call["tail"]


def test_a_restart_takes_everything_back() -> None:
    live = LiveStep(1, "build")
    live.take(Delta("text", "half a sen"))
    assert live.restart().text == ""
