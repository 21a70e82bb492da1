"""One request on its way through the scheduler: its tokens, its blocks, its counts."""

from dataclasses import dataclass, field

from inference.blocks import ROOT, chain
from inference.request import NOT_COUNTED, Finish, Logprob, Reply, Request, Usage
from inference.step import Work


@dataclass(slots=True, eq=False)
class Sequence:
    key: int
    request: Request
    limit: int  # how many tokens it may grow to: max_tokens, the context and the pool allow no more
    tokens: list[int]
    computed: int = 0  # KV of so many tokens stands; that of the newest is made by the step that feeds it
    guesses: tuple[int, ...] = ()  # at what follows the newest token
    blocks: list[int] = field(default_factory=list)
    digests: list[bytes] = field(default_factory=list)  # of the full blocks; each is hashed once
    remembered: int = 0  # so many of its blocks were offered to the prefix cache
    turn: int = 0  # when it last got its place in the batch; the greatest is the newest
    cached: int | None = None  # of the prompt, when it first got one
    drafted: int = 0
    accepted: int = 0

    @property
    def pending(self) -> int:
        """How many known tokens are still to be fed. One: the newest, or what is left of a prompt."""
        return len(self.tokens) - self.computed

    def digest(self, blocks: int, block_size: int) -> None:
        """Sees to it that the digests of the first `blocks` blocks are known."""
        done = len(self.digests)
        if done < blocks:
            parent = self.digests[-1] if done else ROOT
            self.digests += chain(parent, self.tokens[done * block_size : blocks * block_size], block_size)

    def newest(self) -> Work:
        """Feeds its newest token and the guesses at what follows."""
        tokens = (self.tokens[-1], *self.guesses)
        return Work(self.key, tokens, self.computed, self.blocks, len(self.guesses))

    def piece(self, size: int) -> Work:
        """Feeds the next `size` tokens that have no KV yet."""
        start, end = self.computed, self.computed + size
        following = self.tokens[end] if end < len(self.tokens) else None
        return Work(self.key, self.tokens[start:end], start, self.blocks, following=following)

    def draw(self, drawn: tuple[int, ...]) -> tuple[tuple[int, ...], Finish | None]:
        """Takes over what a step drew, up to the end of the reply; what of it the caller gets, and whether it ends."""
        stop_ids = self.request.stop_ids
        for index, token in enumerate(drawn):
            if token in stop_ids:
                self.tokens += drawn[: index + 1]
                return drawn[:index], Finish.STOP
        self.tokens += drawn
        return drawn, Finish.LENGTH if len(self.tokens) == self.limit else None

    def reply(
        self,
        tokens: tuple[int, ...] = (),
        logprobs: tuple[Logprob, ...] = (),
        finish: Finish | None = None,
        error: str = "",
    ) -> Reply:
        return Reply(tokens, logprobs, finish, self.usage() if finish else NOT_COUNTED, error)

    def usage(self) -> Usage:
        prompt = len(self.request.prompt)
        return Usage(prompt, self.cached or 0, len(self.tokens) - prompt, self.drafted, self.accepted)
