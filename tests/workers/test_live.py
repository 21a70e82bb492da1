"""The newest state wins, the first comes at once, and after a step nothing of it does."""

from typing import Any

import pytest

from builder.events import StepStreamed
from workers.live import MAX_TEXT, LiveFeed
from workers.queue import Queue


class Sent(list[Any]):
    def put(self, data: Any) -> bool:
        self.append(data)
        return True


@pytest.fixture
def sent() -> Sent:
    return Sent()


def state(text: str) -> StepStreamed:
    return StepStreamed(1, "build", "", text)


def test_the_first_state_comes_at_once_and_then_the_newest_when_it_is_due(sent: Sent) -> None:
    feed = LiveFeed(sent.put)
    for text in ("a", "ab", "abc"):
        feed.put(state(text))
    while len(sent) < 2:
        feed.pulse()
    feed.pulse()
    assert [data["text"] for data in sent] == ["a", "abc"]


def test_nothing_of_a_step_comes_after_it(sent: Sent) -> None:
    feed = LiveFeed(sent.put)
    feed.clear()
    feed.put(state("a"))
    feed.put(state("ab"))
    feed.clear()
    feed.pulse()
    feed.put(state("the next step"))
    assert [data and data["text"] for data in sent] == ["a", None, "the next step"]


def test_a_text_without_end_is_shown_from_behind(sent: Sent) -> None:
    LiveFeed(sent.put).put(state("x" * MAX_TEXT + "end \0"))
    assert len(sent[0]["text"]) == MAX_TEXT
    assert sent[0]["text"].endswith("end \ufffd")


def test_a_broker_that_is_gone_costs_nothing(tmp_path: Any) -> None:
    queue = Queue(f"redis+socket://{tmp_path}/none.sock")
    asked: list[Any] = []
    feed = LiveFeed(lambda data: asked.append(data) or queue.live("p", "b", data))
    for n in range(3):
        feed.put(StepStreamed(n, "build", "", ""))
        feed.clear()
    assert [data and data["n"] for data in asked] == [0, None], "it is left alone for a while"
    queue.close()
