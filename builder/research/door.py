"""The one way out to the web: GET, of public addresses, with every size and time bounded.

A name is resolved once, its addresses are checked, and the connection goes to the very address that was checked, so
a name that answers differently a moment later reaches nothing. Redirects pass the same door. Proxies that the
environment names are not used: one could reach what must not be reached.
"""

import ssl
import time
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpcore
import httpx

from builder.agent.tools.base import ToolError
from builder.research.address import is_public, resolve

MAX_REDIRECTS = 4
MAX_URL = 2_000
CONNECT_SECONDS = 5.0
READ_SECONDS = 8.0
USER_AGENT = "Protodex/0.1 (app builder; research for one page)"
_REDIRECTS = {301, 302, 303, 307, 308}
_NO_TEXT = "The page sent something that can't be unpacked. Try another one."
SocketOptions = Iterable[tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]]


class ResearchError(ToolError):
    """The web did not give it; the message is for the model and says what to do instead."""


class RefusedAddressError(ResearchError):
    """The address is one that nobody may be sent to from here."""


@dataclass(frozen=True)
class Page:
    """`url` is where the redirects ended; `type` is the content type without its parameters."""

    url: str
    type: str
    charset: str | None
    body: bytes


@dataclass(frozen=True)
class Door:
    """Who may pass. The defaults are strict; `trusted` origins (scheme, host, port) are the operator's own choice."""

    resolve: Callable[[str, int, float], Sequence[str]] = resolve
    may_connect: Callable[[str], bool] = is_public
    ports: frozenset[int] = frozenset({80, 443})
    trusted: frozenset[tuple[str, str, int]] = frozenset()

    def get(self, url: str, *, accept: Sequence[str], max_bytes: int, seconds: float) -> Page:
        """The page at `url`, of a type that begins with one of `accept`. Raises ResearchError in at most `seconds`."""
        until = time.monotonic() + seconds
        target = self.checked(url)
        for _ in range(MAX_REDIRECTS + 1):
            answer = self._ask(target, accept, max_bytes, until)
            if isinstance(answer, Page):
                return answer
            target = self.checked(_joined(target, answer))
        raise ResearchError(f"{url} redirects more than {MAX_REDIRECTS} times. Try another page.")

    def checked(self, url: str) -> httpx.URL:
        """The URL, if its form may pass; where it leads is checked when it is connected to."""
        if len(url) > MAX_URL:
            raise RefusedAddressError(f"The address is longer than {MAX_URL} characters. Use a shorter one.")
        try:
            parsed = httpx.URL(url.strip())
        except (httpx.InvalidURL, ValueError, TypeError):
            raise RefusedAddressError(f"{url!r} is not an address. Use one that a search returned.") from None
        if parsed.scheme not in {"http", "https"} or not parsed.host:
            raise RefusedAddressError(f"{url!r} is not an address of the web. Use one with http:// or https://.")
        if parsed.userinfo:
            raise RefusedAddressError("An address with a name or password in it is not opened. Leave them out.")
        if _port(parsed) not in self.ports and _origin(parsed) not in self.trusted:
            raise RefusedAddressError(f"Port {_port(parsed)} is not opened. Only 80 and 443 are.")
        return parsed

    def _ask(self, url: httpx.URL, accept: Sequence[str], max_bytes: int, until: float) -> Page | str:
        """The page, or where it redirects to."""
        headers: dict[bytes | str, bytes | str] = {
            "Host": url.netloc.decode("ascii"),
            "User-Agent": USER_AGENT,
            "Accept": ", ".join(f"{kind}*" if kind.endswith("/") else kind for kind in accept),
            "Accept-Encoding": "gzip, deflate",
            "Accept-Language": "en, *;q=0.5",
        }
        backend = _GuardedBackend(self, _origin(url) in self.trusted, until)
        target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        try:
            with (
                httpcore.ConnectionPool(network_backend=backend, ssl_context=_trust(), retries=0) as pool,
                pool.stream("GET", target, headers=headers) as response,
            ):
                told = {key.decode("latin-1").lower(): value.decode("latin-1") for key, value in response.headers}
                if response.status in _REDIRECTS and "location" in told:
                    return told["location"]
                kind, charset = _content_type(told.get("content-type", ""))
                _check_answer(url, response.status, kind, accept)
                return Page(str(url), kind, charset, _read(response, told, max_bytes))
        except httpcore.TimeoutException:
            raise ResearchError(f"{url.host} takes too long to answer. Try another page.") from None
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            reason = str(error) or type(error).__name__
            raise ResearchError(f"{url.host} can't be reached ({reason[:200]}). Try another page.") from None


@cache
def _trust() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


def _port(url: httpx.URL) -> int:
    return url.port or (443 if url.scheme == "https" else 80)


def _origin(url: httpx.URL) -> tuple[str, str, int]:
    return url.scheme, url.host, _port(url)


def origin_of(url: str) -> tuple[str, str, int]:
    return _origin(httpx.URL(url))


def _joined(base: httpx.URL, location: str) -> str:
    try:
        return str(base.join(location))
    except (httpx.InvalidURL, ValueError):
        raise ResearchError(f"{base.host} redirects to something that is no address. Try another page.") from None


def _content_type(header: str) -> tuple[str, str | None]:
    kind, *parameters = header.lower().split(";")
    charsets = [p.partition("=")[2].strip(" \"'") for p in parameters if p.strip().startswith("charset=")]
    return kind.strip(), charsets[0] if charsets else None


def _check_answer(url: httpx.URL, status: int, kind: str, accept: Sequence[str]) -> None:
    if status != 200:
        raise ResearchError(f"{url.host} answered {status}. Try another page.")
    if not kind.startswith(tuple(accept)):
        raise ResearchError(f"{url.host} sent {kind[:80] or 'no type'}, not {' or '.join(accept)}. Try another page.")


def _read(response: httpcore.Response, headers: dict[str, str], max_bytes: int) -> bytes:
    """The body, unpacked piece by piece, so that a small bomb never becomes a large one."""
    too_large = ResearchError(f"It is larger than {max_bytes / 1e6:.0f} MB. Try another one.")
    length = headers.get("content-length", "")
    if length.isdigit() and int(length) > max_bytes:
        raise too_large
    unpack = _unpacker(headers.get("content-encoding", "identity").strip().lower(), max_bytes)
    body = bytearray()
    for chunk in response.iter_stream():
        body += unpack(chunk, max_bytes + 1 - len(body))
        if len(body) > max_bytes:
            raise too_large
    return bytes(body)


def _unpacker(encoding: str, max_bytes: int) -> Callable[[bytes, int], bytes]:
    """What unpacks a piece into at most so many bytes. What doesn't fit is left, since reading ends there."""
    if encoding in {"", "identity"}:
        return lambda chunk, room: chunk[:room]
    if encoding not in {"gzip", "x-gzip", "deflate"}:
        raise ResearchError(_NO_TEXT)
    packed = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)  # reads the header of gzip and of zlib
    raw = 0

    def unpack(chunk: bytes, room: int) -> bytes:
        nonlocal raw
        raw += len(chunk)
        if raw > max_bytes:
            raise ResearchError(_NO_TEXT)  # more packed than it may be unpacked
        try:
            return packed.decompress(chunk, max(room, 1))
        except zlib.error:
            raise ResearchError(_NO_TEXT) from None

    return unpack


class _GuardedBackend(httpcore.NetworkBackend):
    """Connects to the addresses that it has checked itself, and lets no read outlast the deadline."""

    def __init__(self, door: Door, trusted: bool, until: float) -> None:
        self._door, self._trusted, self._until = door, trusted, until
        self._real = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002  the deadline decides
        local_address: str | None = None,
        socket_options: SocketOptions | None = None,
    ) -> httpcore.NetworkStream:
        failed: httpcore.NetworkError | httpcore.TimeoutException | None = None
        for address in self._addresses(host, port)[:3]:
            try:
                seconds = _left(self._until, CONNECT_SECONDS)
                stream = self._real.connect_tcp(address, port, seconds, local_address, socket_options)
                return _DeadlineStream(stream, self._until)
            except (httpcore.NetworkError, httpcore.TimeoutException) as error:
                failed = error
        raise failed or httpcore.ConnectError("there is no such name")

    def _addresses(self, host: str, port: int) -> Sequence[str]:
        """All must be public: a name with one private address is up to something."""
        addresses = self._door.resolve(host, port, _left(self._until, CONNECT_SECONDS))
        if not self._trusted and not all(self._door.may_connect(address) for address in addresses):
            raise RefusedAddressError(f"{host} is not on the public web, so it is not opened. Use another page.")
        return addresses


class _DeadlineStream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, until: float) -> None:
        self._stream, self._until = stream, until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        return self._stream.read(max_bytes, _left(self._until, READ_SECONDS))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._stream.write(buffer, _left(self._until, READ_SECONDS))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        seconds = _left(self._until, CONNECT_SECONDS)
        return _DeadlineStream(self._stream.start_tls(ssl_context, server_hostname, seconds), self._until)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(until: float, at_most: float) -> float:
    left = min(until - time.monotonic(), at_most)
    if left <= 0:
        raise httpcore.ReadTimeout
    return left
