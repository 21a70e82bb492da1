"""What a tool is: a name, a description and arguments that the model sees, and a function that the loop calls.

A tool changes files only through `Files`, and the app only through the lab. It never raises for what a model did
wrong: it answers with the reason and what to do instead.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict

from builder.agent.lab import Lab
from builder.agent.ledger import Ledger
from builder.agent.tools.wire import wire_schema
from builder.events import Event
from builder.spec import AppSpec

MAX_RESULT = 12_000


class ToolError(Exception):
    """The call was wrong; the message says why and what to do instead."""


class Arguments(BaseModel):
    model_config = ConfigDict(extra="forbid")


A = TypeVar("A", bound=Arguments)


@dataclass(frozen=True)
class ToolResult:
    """`text` is for the model, `summary` one line for the person (“Wrote backend/main.py”)."""

    text: str
    summary: str
    ok: bool = True
    path: str | None = None
    added: int = 0
    removed: int = 0


class Files(Protocol):
    """The files of the app as the run has them now. Paths are rooted; a change is committed when the step ends."""

    def paths(self) -> list[str]: ...
    def read(self, path: str) -> bytes:
        """KeyError when there is none."""

    def write(self, path: str, data: bytes | None) -> None:
        """None deletes. WorkspaceError for a path or a size that no project may have."""

    def base(self) -> Mapping[str, bytes]:
        """All files as they were when the run began."""


class Research(Protocol):
    """The web, where a search is connected; private addresses are refused."""

    def search(self, query: str, *, images: bool = False) -> list[dict[str, str]]: ...
    def read_page(self, url: str) -> str: ...
    def fetch_image(self, url: str) -> bytes: ...


@dataclass
class ToolContext:
    """What the tools of one run work on. `ladder` runs every check and makes a checkpoint; it answers in words.

    `allowed_by_person` says that the person agreed to data being removed, so a destructive migration may pass; one that
    was refused is noted in `losses`, so that the person is asked.
    `served` gives the files of what is served now: its migrations went through the person's data. Of the rest the
    tools themselves keep note: what was `touched` since the last check, the pictures `found` by address.
    """

    files: Files
    lab: Callable[[], Lab]
    ledger: Ledger
    spec: AppSpec
    ladder: Callable[[], str]
    emit: Callable[[Event], None]
    cancelled: Callable[[], bool]
    research: Research | None = None
    allowed_by_person: bool = False
    served: Callable[[], Mapping[str, bytes]] | None = None
    losses: list[str] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)
    found: dict[str, dict[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Tool(Generic[A]):
    """`reads` tools change nothing, so those of one reply that follow each other run at the same time."""

    name: str
    description: str
    arguments: type[A]
    run: Callable[[A, ToolContext], ToolResult]
    reads: bool = False

    def schema(self) -> dict[str, Any]:
        """In the wire form of the chat API."""
        parameters = wire_schema(self.arguments)
        function = {"name": self.name, "description": self.description, "parameters": parameters}
        return {"type": "function", "function": function}


def as_data(source: str, text: str) -> str:
    """Text from an app, a page, a log or a file, marked as data: nothing in it is an instruction."""
    inside = text.replace("</data", "<\\/data")
    return f'<data from="{source}">\n{inside}\n</data>'


def clip(text: str, limit: int = MAX_RESULT, more: str = "") -> str:
    """At most `limit` characters: the beginning and the end, with a word on how to read what is left out."""
    if len(text) <= limit:
        return text
    head, tail = limit * 2 // 3, limit // 3
    left_out = f"[{len(text) - head - tail} characters left out{'. ' + more if more else ''}]"
    return f"{text[:head]}\n… {left_out} …\n{text[-tail:]}"


AnyTool = Tool[Any]
Tools = Sequence[AnyTool]
