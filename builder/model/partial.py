"""What the arguments of a tool call say so far, while they are still being written."""

from typing import Any

from pydantic_core import from_json

SMALL = 4_000
GROWTH = 1.25


def partial_arguments(text: str) -> dict[str, Any]:
    """The arguments that the beginning of their JSON tells; a string that is being written counts as far as it goes."""
    try:
        value = from_json(text, allow_partial="trailing-strings")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


class PartialCall:
    """Arguments as they grow. A long text is parsed again only when it has grown by a quarter, so that all of the
    parsing together costs a few times the text, however small the pieces are."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._length = 0
        self._parsed_at = -1
        self._arguments: dict[str, Any] = {}

    def add(self, piece: str) -> None:
        self._pieces.append(piece)
        self._length += len(piece)

    @property
    def text(self) -> str:
        if len(self._pieces) > 1:
            self._pieces = ["".join(self._pieces)]
        return self._pieces[0] if self._pieces else ""

    @property
    def arguments(self) -> dict[str, Any]:
        if self._length > self._parsed_at and (self._length < SMALL or self._length > self._parsed_at * GROWTH):
            self._arguments, self._parsed_at = partial_arguments(self.text), self._length
        return self._arguments

    def complete(self) -> dict[str, Any]:
        """The arguments as of now, however little was added since they were last looked at."""
        if self._length > self._parsed_at:
            self._arguments, self._parsed_at = partial_arguments(self.text), self._length
        return self._arguments
