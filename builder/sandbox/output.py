"""Keep what a program prints within bounds: its first and last part, or only the newest. Knows nothing of processes."""

from collections import deque

HEAD = TAIL = 512 * 1024
NEWEST = 64 * 1024


class NewestBytes:
    """The last `limit` bytes of a stream."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.dropped = 0
        self._chunks: deque[bytes] = deque()
        self._size = 0

    def append(self, chunk: bytes) -> None:
        self._chunks.append(chunk)
        self._size += len(chunk)
        while self._size - len(self._chunks[0]) >= self.limit:
            oldest = self._chunks.popleft()
            self._size -= len(oldest)
            self.dropped += len(oldest)

    def read(self) -> tuple[bytes, int]:
        """The bytes, and how many came before them."""
        whole = b"".join(list(self._chunks))
        newest = whole[-self.limit :]
        return newest, self.dropped + len(whole) - len(newest)

    def text(self) -> str:
        return self.read()[0].decode(errors="replace")


class FirstAndLast:
    """The first and the last part of a stream, and how much is left out between them."""

    def __init__(self, head: int = HEAD, tail: int = TAIL) -> None:
        self._room = head
        self._head: list[bytes] = []
        self._tail = NewestBytes(tail)

    def append(self, chunk: bytes) -> None:
        first, rest = chunk[: self._room], chunk[self._room :]
        if first:
            self._head.append(first)
            self._room -= len(first)
        if rest:
            self._tail.append(rest)

    def text(self) -> str:
        tail, missing = self._tail.read()
        gap = f"\n[{missing} bytes left out]\n".encode() if missing else b""
        return b"".join([*self._head, gap, tail]).decode(errors="replace")
