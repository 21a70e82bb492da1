"""Carry one request to an app and its answer back, as they come: nothing is kept, nothing is waited for.

Knows nothing of which app it is. Both sides are parsed and written anew, so no request hides in another.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import h11

from workers.host.gate import Passage
from workers.host.headers import forwarded, framed, returned
from workers.host.instance import Instance
from workers.host.machine import Policy
from workers.host.upstream import Upstream, UpstreamGoneError

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

NO_BODY = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class TooLargeError(Exception):
    """The upload is larger than an app may be sent."""


class SilentError(Exception):
    """The app took too long to begin its answer."""


class CutShortError(Exception):
    """The answer broke off after it had begun: all that is left is to break off as well."""


async def forward(
    scope: Scope, receive: Receive, send: Send, instance: Instance, passage: Passage, policy: Policy
) -> None:
    length = _content_length(scope)
    if length is not None and length > policy.upload_bytes:
        raise TooLargeError
    upstream = await Upstream.open(instance.socket)
    try:
        exchange = _Exchange(scope, receive, send, upstream, passage, policy)
        await exchange.run()
    finally:
        upstream.close()


class _Exchange:
    def __init__(
        self, scope: Scope, receive: Receive, send: Send, upstream: Upstream, passage: Passage, policy: Policy
    ):
        self._scope, self._receive, self._send = scope, receive, send
        self._upstream, self._passage, self._policy = upstream, passage, policy
        self._has_body = has_body(scope)
        self._started = False
        self._patience: asyncio.Timeout | None = None

    async def run(self) -> None:
        await self._upstream.send(_request(self._scope))
        upload = asyncio.create_task(self._upload())
        download = asyncio.create_task(self._download())
        try:
            await asyncio.wait({upload, download}, return_when=asyncio.FIRST_COMPLETED)
            if upload.done() and not upload.exception() and upload.result() == "broken":
                await asyncio.wait({download})  # the app may answer before it has read all
            if download.done():
                download.result()
            elif upload.exception():
                self._raise_or_cut(upload.exception())
        finally:
            for task in (upload, download):
                task.cancel()
            await asyncio.gather(upload, download, return_exceptions=True)

    async def _upload(self) -> str:
        """Send the body on, then watch for the person to go away."""
        sent = 0
        if not self._has_body:  # nothing will be read for it, so that it could be sent again
            await self._upstream.send(h11.EndOfMessage())
        while (message := await self._receive())["type"] == "http.request":
            if not self._has_body:
                continue
            sent += len(message.get("body", b""))
            if sent > self._policy.upload_bytes:
                raise TooLargeError
            try:
                if message.get("body"):
                    await self._upstream.send(h11.Data(data=message["body"]))
                if not message.get("more_body"):
                    await self._upstream.send(h11.EndOfMessage())
            except UpstreamGoneError:
                return "broken"
            self._be_patient()
        return "disconnected"

    async def _download(self) -> None:
        try:
            async with asyncio.timeout(self._policy.answer_timeout) as self._patience:
                response = await self._upstream.receive()
        except TimeoutError:
            raise SilentError from None
        if not isinstance(response, h11.Response):
            raise UpstreamGoneError("The app answered out of order.")
        self._started = True
        host = next((value for name, value in self._scope["headers"] if name == b"host"), b"")
        headers = framed(returned(response.headers), self._scope["scheme"], host)
        if any(name == b"content-type" and value.startswith(b"text/event-stream") for name, value in headers):
            self._passage.settle()
        await self._send({"type": "http.response.start", "status": response.status_code, "headers": headers})
        while isinstance(event := await self._next(), h11.Data):
            await self._send({"type": "http.response.body", "body": bytes(event.data), "more_body": True})
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _next(self) -> h11.Response | h11.Data | h11.EndOfMessage:
        try:
            return await self._upstream.receive()
        except UpstreamGoneError as error:
            raise CutShortError from error

    def _be_patient(self) -> None:
        """The time to answer starts anew with each part of the request that the app took."""
        if self._patience and not self._started and not self._patience.expired():
            self._patience.reschedule(asyncio.get_running_loop().time() + self._policy.answer_timeout)

    def _raise_or_cut(self, error: BaseException | None) -> None:
        if error:
            raise CutShortError if self._started else error


def _request(scope: Scope) -> h11.Request:
    client = scope["client"][0] if scope.get("client") else "127.0.0.1"
    headers = forwarded(scope["headers"], client, scope["scheme"])
    chunked = any(name == b"transfer-encoding" for name, _ in scope["headers"])
    if chunked:
        headers = [(name, value) for name, value in headers if name != b"content-length"]
        headers.append((b"transfer-encoding", b"chunked"))
    headers.append((b"connection", b"close"))
    return h11.Request(method=scope["method"], target=target(scope), headers=headers)


def has_body(scope: Scope) -> bool:
    return any(name in (b"content-length", b"transfer-encoding") for name, _ in scope["headers"])


def target(scope: Scope) -> bytes:
    path: bytes = scope["raw_path"]
    query: bytes = scope["query_string"]
    return path + b"?" + query if query else path


def _content_length(scope: Scope) -> int | None:
    value = next((value for name, value in scope["headers"] if name == b"content-length"), None)
    return int(value) if value is not None and value.isdigit() else None
