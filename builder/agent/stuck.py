"""When a run goes in circles: the same failure again, the same call with the same result, contents that alternate.

The first repeat is told to the model and counted; the next one of its kind is *stuck*.
"""

import hashlib
import re

from pydantic import BaseModel, Field

SAME_FAILURE, SAME_CALL, SAME_CONTENT = 3, 3, 3
_VARYING = re.compile(r"0x[0-9a-f]+|\d+|[0-9a-f]{12,}|\s+", re.IGNORECASE)
CALL_AGAIN = "You made this very call before, on these very files, with this very result. Do something else."


class Habits(BaseModel):
    """What was seen how often. After an edit, looking again is no repeat."""

    calls: dict[str, int] = Field(default_factory=dict)
    contents: dict[str, int] = Field(default_factory=dict)
    failures: dict[str, int] = Field(default_factory=dict)
    stuck: str | None = None
    repeating: bool = False

    def called(self, name: str, arguments: str, result: str) -> str | None:
        """Note a call; what to tell the model when it repeats itself."""
        key = _digest(name, arguments, result)
        self.calls[key] = times = self.calls.get(key, 0) + 1
        if times == 1:
            return None
        self.repeating = True
        if times >= SAME_CALL:
            self.stuck = f"it called {name} {times} times with the same arguments and got the same result"
        return CALL_AGAIN

    def edited(self, path: str, content: bytes | None) -> str | None:
        """Note what a file became; a content that comes back means that edits undo each other."""
        self.calls.clear()
        key = _digest(path, (content or b"").hex() if content is not None else "deleted")
        self.contents[key] = times = self.contents.get(key, 0) + 1
        if times == 1:
            return None
        self.repeating = True
        if times >= SAME_CONTENT:
            self.stuck = f"its edits of {path} undo each other"
        return f"{path} had this very content before: your edits undo each other. Find the cause first."

    def failed(self, what: str, said: str) -> str | None:
        """Note what a check, a test run or a proof said when it failed; what to tell the model when it repeats."""
        key = f"{what}:{_digest(_VARYING.sub(' ', said))}"
        self.failures[key] = times = self.failures.get(key, 0) + 1
        if times == 1:
            return None
        self.repeating = True
        if times >= SAME_FAILURE:
            self.stuck = f"{what} failed {times} times in the same way"
        return "This failed in the same way before, so what you changed since did not touch the cause."

    def passed(self, what: str) -> None:
        for key in [key for key in self.failures if key.startswith(what + ":")]:
            del self.failures[key]

    def start_over(self) -> None:
        """After a return to the best checkpoint: what was seen before counts no more."""
        self.calls.clear()
        self.contents.clear()
        self.failures.clear()
        self.stuck = None


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode(errors="replace")).hexdigest()[:20]
