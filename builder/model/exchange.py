"""One request and its streamed answer, read on a thread, so that waiting can be given up at any moment.

Knows bytes, time-outs and cancelling; nothing of what the answer says.
"""

import contextlib
import queue
import socket
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Any, TypeVar

import openai

from builder.checks.probe import CancelledError
from builder.model.address import Address
from builder.model.chat import ModelError, ModelRequestError
from builder.model.failures import FailureError, Patience, failure_of, unavailable

POLL_SECONDS = 0.1
MAX_WIRE_BYTES = 256_000_000  # a token of four characters costs some 250 bytes of event
MAX_EVENT_BYTES = 16_000_000
MAX_WHOLE_BYTES = 16_000_000

T = TypeVar("T")


class Exchange:
    """`events()` yields the data of each server-sent event, or the whole body of an answer that isn't streamed.

    `begun` is set by who reads when the first token has come; until then the endpoint may be busy with the prompt.
    """

    def __init__(self, client: openai.OpenAI, body: dict[str, Any], address: Address, patience: Patience) -> None:
        self._client, self._body, self._address, self._patience = client, body, address, patience
        self._queue: queue.SimpleQueue[list[str] | Exception | None] = queue.SimpleQueue()
        self._socket: socket.socket | None = None
        self.begun = False
        self._closed = False
        self._heard = 0.0
        self._started = 0.0
        self._asked = 0.0

    def events(self, cancelled: Callable[[], bool]) -> Generator[str, None, None]:
        """Raises FailureError, ModelError, or CancelledError."""
        self._started = time.monotonic()
        threading.Thread(target=self._read, name="model-answer", daemon=True).start()
        try:
            while (item := self._wait(cancelled)) is not None:
                if isinstance(item, Exception):
                    raise item
                yield from item
        finally:
            self.close()

    def close(self) -> None:
        """Hang up: the endpoint stops decoding, and the thread's read returns."""
        self._closed = True
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def _wait(self, cancelled: Callable[[], bool]) -> list[str] | Exception | None:
        while True:
            now = time.monotonic()
            if now - self._asked >= POLL_SECONDS:  # no more often: whoever is asked may look it up in a database
                self._asked = now
                if cancelled():
                    raise CancelledError
            if now - self._started > self._patience.whole:
                raise ModelError(f"The model's answer took longer than {self._patience.whole / 60:.0f} minutes.")
            try:
                return self._queue.get(timeout=POLL_SECONDS)
            except queue.Empty:
                self._check_silence()

    def _check_silence(self) -> None:
        """Any byte counts as life, also a comment of an endpoint that has nothing to say yet."""
        silent = time.monotonic() - (self._heard or self._started)
        if silent > (self._patience.between if self.begun else self._patience.first):
            raise unavailable(f"The model at {self._address.shown} went silent for {silent:.0f} s.")

    def _read(self) -> None:
        try:
            with self._client.chat.completions.with_streaming_response.create(**self._body) as answer:
                self._deliver(answer.headers.get("content-type", ""), answer.iter_bytes())
            self._queue.put(None)
        except (FailureError, ModelError) as error:
            self._queue.put(error)
        except Exception as error:  # whatever a broken answer makes the client raise ends this try, not the worker
            self._queue.put(failure_of(error, self._address))
        finally:
            self._client.close()

    def _deliver(self, content_type: str, chunks: Iterable[bytes]) -> None:
        if "event-stream" in content_type:
            for data in sse_data(self._counted(chunks, MAX_WIRE_BYTES)):
                self._queue.put(data)
        elif "json" in content_type:
            whole = b"".join(self._counted(chunks, MAX_WHOLE_BYTES))
            self._queue.put([whole.decode("utf-8", "replace")])
        else:
            found = "a web page" if "html" in content_type else "something else"
            message = f"{self._address.shown} answers with {found}, not with a model. Check PROTODEX_MODEL_URL."
            raise FailureError(ModelRequestError(message), again=False)

    def _counted(self, chunks: Iterable[bytes], limit: int) -> Iterator[bytes]:
        count = 0
        for chunk in chunks:
            self._heard = time.monotonic()
            count += len(chunk)
            if count > limit:
                raise ModelError("The model's answer is longer than any app needs; it was cut off.")
            if self._closed:
                return
            yield chunk

    def trace(self, event: str, info: dict[str, Any]) -> None:
        """Remembers the connection's socket: closing it does not wake a thread that reads from it, a shutdown does."""
        if event in {"connection.connect_tcp.complete", "connection.start_tls.complete"}:
            self._socket = info["return_value"].get_extra_info("socket")
            if self._closed:
                self.close()


def sse_data(chunks: Iterable[bytes]) -> Iterator[list[str]]:
    """The data of the events that each chunk completes; comments and other fields are skipped."""
    begun: list[bytes] = []  # of a line: joined once when it ends, since a long one comes in very many chunks
    data: list[str] = []
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > MAX_EVENT_BYTES:
            raise ModelError("The model's answer has a line that never ends; it was cut off.")
        head, newline, tail = chunk.rpartition(b"\n")
        if not newline:
            begun.append(tail)
            continue
        lines = b"".join([*begun, head]).split(b"\n")
        begun = [tail]
        done: list[str] = []
        for line in lines:
            text = line.rstrip(b"\r").decode("utf-8", "replace")
            if text.startswith("data:"):
                data.append(text[5:].removeprefix(" "))
            elif not text and data:
                done.append("\n".join(data))
                data = []
        if done:
            size = len(tail)
            yield done
    if data:  # a last event whose empty line is missing
        yield ["\n".join(data)]


def on_thread(function: Callable[[], T], cancelled: Callable[[], bool]) -> T:
    """What `function` returns, or CancelledError as soon as `cancelled` says so; it ends by its own time-out then."""
    results: queue.SimpleQueue[tuple[T | None, Exception | None]] = queue.SimpleQueue()

    def work() -> None:
        try:
            results.put((function(), None))
        except Exception as error:
            results.put((None, error))

    threading.Thread(target=work, name="model-question", daemon=True).start()
    while True:
        if cancelled():
            raise CancelledError
        with contextlib.suppress(queue.Empty):
            value, error = results.get(timeout=POLL_SECONDS)
            if error is not None:
                raise error
            return value  # type: ignore[return-value]


def pause(seconds: float, cancelled: Callable[[], bool]) -> None:
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        if cancelled():
            raise CancelledError
        time.sleep(min(left, POLL_SECONDS))
