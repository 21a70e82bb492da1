"""A control is found as a person names it, also while its page is still coming up."""

from dataclasses import dataclass, field
from typing import Any

from builder.checks.inside import find


@dataclass
class ComingUp:
    """A page that has nothing until it was looked at `empty` times, and then a link and a button."""

    empty: int
    looks: int = 0
    shown: tuple[tuple[str, str], ...] = (("link", "Monty"), ("button", "Water Monty"))

    def get_by_role(self, role: str, name: Any = None) -> "Place":
        return Place(self, [each for each in self.shown if each[0] == role and _called(each[1], name)])

    def get_by_label(self, _name: str) -> "Place":
        return Place(self)

    get_by_title = get_by_label

    def get_by_text(self, _name: str, exact: bool = False) -> "Place":
        return Place(self)


@dataclass
class Place:
    page: ComingUp
    found: list[tuple[str, str]] = field(default_factory=list)

    def filter(self, **_: bool) -> "Place":
        return self

    def count(self) -> int:
        self.page.looks += 1
        return len(self.found) if self.page.looks > self.page.empty else 0

    def nth(self, n: int) -> tuple[str, str]:
        return self.found[n]


def _called(text: str, name: Any) -> bool:
    return name in text if isinstance(name, str) else bool(name.match(text))


def test_what_is_asked_for_goes_before_what_it_may_be_as_well():
    for empty in range(4):
        assert find.to_click(ComingUp(empty), "link", "Monty", 0) == ("link", "Monty")  # type: ignore[arg-type]
    assert find.to_click(ComingUp(0), "button", "Monty", 0) == ("button", "Water Monty")  # type: ignore[arg-type]
    assert find.to_click(ComingUp(99), "link", "Monty", 0) is None  # type: ignore[arg-type]
