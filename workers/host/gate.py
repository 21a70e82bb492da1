"""Let requests through to an app, or hold them back while its data moves on. Knows nothing of HTTP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass


class HeldTooLongError(Exception):
    """The app is being updated, and that takes longer than a request waits."""


@dataclass
class Passage:
    """A request inside. One that turns out to be an endless stream settles: nobody waits for its end."""

    gate: "Gate"
    writes: bool
    inside: bool = True

    def settle(self) -> None:
        if self.inside:
            self.inside = False
            self.gate.leave(self.writes)


class Gate:
    def __init__(self) -> None:
        self._reads, self._writes = asyncio.Event(), asyncio.Event()
        self._inside = {True: 0, False: 0}
        self.open()

    def open(self) -> None:
        self._reads.set()
        self._writes.set()

    def hold_writes(self) -> None:
        self._writes.clear()

    def hold_all(self) -> None:
        self._writes.clear()
        self._reads.clear()

    async def wait(self, writes: bool) -> None:
        await (self._writes if writes else self._reads).wait()

    @asynccontextmanager
    async def passing(self, writes: bool, patience: float) -> AsyncIterator[Passage]:
        try:
            async with asyncio.timeout(patience):
                await self.wait(writes)
        except TimeoutError:
            raise HeldTooLongError from None
        self._inside[writes] += 1
        passage = Passage(self, writes)
        try:
            yield passage
        finally:
            passage.settle()

    def leave(self, writes: bool) -> None:
        self._inside[writes] -= 1

    async def drained(self, patience: float, *, reads: bool) -> bool:
        """Wait until nobody is inside any more; False when some stayed longer than `patience`."""
        deadline = asyncio.get_running_loop().time() + patience
        while self._inside[True] or (reads and self._inside[False]):
            if asyncio.get_running_loop().time() >= deadline:
                return False
            await asyncio.sleep(0.01)
        return True
