"""Limits on every request: how large it is, and that no other site's page writes here."""

import typing
from urllib.parse import urlsplit

from backend import words
from backend.errors import error_response

LARGEST_BODY = 2_000_000
READING = {"GET", "HEAD", "OPTIONS"}

Scope = typing.MutableMapping[str, typing.Any]
Receive = typing.Callable[[], typing.Awaitable[typing.MutableMapping[str, typing.Any]]]
Send = typing.Callable[[typing.MutableMapping[str, typing.Any]], typing.Awaitable[None]]


class TooLarge(Exception):
    """More came than a body may have."""


class Limits:
    """`larger` names the paths that take more than the others, and how much."""

    def __init__(
        self,
        app: typing.Callable[[Scope, Receive, Send], typing.Awaitable[None]],
        larger: typing.Mapping[str, int] | None = None,
    ) -> None:
        self.app, self.larger = app, larger or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        headers = {name.lower(): value for name, value in scope["headers"]}
        if scope["method"] not in READING and _is_of_another_site(headers):
            refused = error_response(403, "forbidden", words.ERROR_OTHER_SITE)
            return await refused(scope, receive, send)
        length = headers.get(b"content-length", b"0")
        too_large = error_response(413, "too_large", words.ERROR_TOO_MUCH)
        largest = self.larger.get(scope["path"], LARGEST_BODY)
        if not length.isdigit() or int(length) > largest:
            return await too_large(scope, receive, send)
        try:
            return await self.app(scope, self._counted(receive, largest), self._with_headers(send))
        except TooLarge:
            return await too_large(scope, receive, send)

    def _counted(self, receive: Receive, largest: int) -> Receive:
        """A body that comes in chunks names no length."""
        received = 0

        async def counted() -> typing.MutableMapping[str, typing.Any]:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > largest:
                raise TooLarge
            return message

        return counted

    def _with_headers(self, send: Send) -> Send:
        async def with_headers(message: typing.MutableMapping[str, typing.Any]) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), (b"x-content-type-options", b"nosniff")]
            await send(message)

        return with_headers


def _is_of_another_site(headers: typing.Mapping[bytes, bytes]) -> bool:
    """As the browser says; one that doesn't say names at least where the page is from."""
    said = headers.get(b"sec-fetch-site")
    if said:
        return said not in (b"same-origin", b"none")
    origin = headers.get(b"origin")
    return origin is not None and urlsplit(origin).netloc != headers.get(b"host")
