"""What answers on the preview port: the app that the Host header names, guarded, or a page that says why not."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qs

from workers.host import pages
from workers.host.app import App, AppDownError
from workers.host.files import NoFileError, NotReadOnlyError, send_file
from workers.host.gate import HeldTooLongError
from workers.host.headers import PASS_COOKIE, cookie, safety_headers, with_safety
from workers.host.host import Host
from workers.host.instance import Instance
from workers.host.machine import Policy
from workers.host.pages import Notice
from workers.host.proxy import (
    NO_BODY,
    CutShortError,
    Message,
    Receive,
    Scope,
    Send,
    SilentError,
    TooLargeError,
    forward,
    has_body,
)
from workers.host.tickets import COOKIE_LIFE, is_pass, is_ticket, make_pass
from workers.host.upstream import UpstreamGoneError
from workers.host.websocket import forward_websocket

logger = logging.getLogger(__name__)

ENTER = "/__protodex/enter"


@dataclass(frozen=True)
class Address:
    """Where previews live, who may frame them, and with a secret: that a pass is needed."""

    domain: str
    studio_origins: Sequence[str]
    secret: bytes | None = None

    def slug(self, host: str) -> str | None:
        name = host.partition(":")[0].lower().rstrip(".")
        slug = name.removesuffix(f".{self.domain}")
        return slug if slug != name and "." not in slug and slug else None


class Previews:
    """An ASGI app. Every answer leaves through `with_safety`, the host's own pages as well."""

    def __init__(self, host: Host, address: Address):
        self._host, self._address = host, address
        self._safety = safety_headers(address.studio_origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return

        async def safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = with_safety(message.get("headers", ()), self._safety)
            await send(message)

        try:
            await self._answer(scope, receive, safely)
        except CutShortError:
            logger.info("An app broke off its answer to %s", scope["path"])
        except _NotAnsweredError as error:
            await _notify(scope, safely, error.notice)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        slug = self._address.slug(_header(scope, b"host"))
        app = self._host.by_slug(slug) if slug else None
        if self._address.secret and slug and not await self._is_let_in(scope, send, slug, self._address.secret):
            return
        if not app:
            raise _NotAnsweredError(pages.UNKNOWN)
        _check(scope)
        if app.served.release.is_static:
            await self._send_file(scope, send, app)
            return
        try:
            await self._forward(scope, receive, send, app)
        except AppDownError as error:
            crash = error.crash
            notice = pages.down(crash.message, crash.log, crash.retry_at - time.monotonic())
            raise _NotAnsweredError(notice) from error
        except HeldTooLongError as error:
            raise _NotAnsweredError(pages.UPDATING) from error
        except UpstreamGoneError as error:
            raise _NotAnsweredError(pages.GONE) from error
        except SilentError as error:
            raise _NotAnsweredError(pages.SILENT) from error
        except TooLargeError as error:
            raise _NotAnsweredError(pages.TOO_LARGE) from error

    async def _send_file(self, scope: Scope, send: Send, app: App) -> None:
        app.last_request_at = datetime.now(UTC)
        if scope["type"] == "websocket":
            raise _NotAnsweredError(pages.NO_FILE)
        try:
            await send_file(scope, send, app.served.release, self._host.machine)
        except NoFileError as error:
            raise _NotAnsweredError(pages.NO_FILE) from error
        except NotReadOnlyError as error:
            raise _NotAnsweredError(pages.READ_ONLY) from error

    async def _forward(self, scope: Scope, receive: Receive, send: Send, app: App) -> None:
        policy = self._host.machine.policy
        if scope["type"] == "websocket":
            async with app.request(writes=False) as (instance, passage):
                passage.settle()
                _check_room(instance, policy)
                await forward_websocket(scope, receive, send, instance, app.gate)
            return
        safe = scope["method"] in NO_BODY
        again = safe and not has_body(scope)
        while True:
            async with app.request(writes=not safe) as (instance, passage):
                _check_room(instance, policy)
                try:
                    await forward(scope, receive, send, instance, passage, policy)
                    return
                except UpstreamGoneError:
                    if not (again and instance.stopped):
                        raise
            again = False  # it was put to sleep or replaced just then; whoever comes next serves it

    async def _is_let_in(self, scope: Scope, send: Send, slug: str, secret: bytes) -> bool:
        now = time.time()
        if scope["path"] == ENTER and scope["type"] == "http":
            ticket = parse_qs(scope["query_string"].decode("latin-1")).get("ticket", [""])[0]
            if not is_ticket(secret, slug, ticket, now):
                raise _NotAnsweredError(pages.SIGN_IN)
            await _enter(send, make_pass(secret, slug, now))
            return False
        if not is_pass(secret, slug, cookie(scope["headers"], PASS_COOKIE) or "", now):
            raise _NotAnsweredError(pages.SIGN_IN)
        return True


class _NotAnsweredError(Exception):
    def __init__(self, notice: Notice):
        super().__init__(notice.code)
        self.notice = notice


def _check_room(instance: Instance, policy: Policy) -> None:
    if instance.active > policy.requests_per_app:
        raise _NotAnsweredError(pages.BUSY)


def _check(scope: Scope) -> None:
    """Refuse what no honest page of the app asks for."""
    if not scope["raw_path"].startswith(b"/"):
        raise _NotAnsweredError(pages.BAD_TARGET)
    if _header(scope, b"service-worker"):
        raise _NotAnsweredError(pages.NO_SERVICE_WORKER)
    origin = _header(scope, b"origin")
    changes = scope["type"] == "websocket" or scope["method"] not in NO_BODY
    if changes and origin and origin.partition("://")[2] != _header(scope, b"host"):
        raise _NotAnsweredError(pages.OTHER_ORIGIN)


async def _enter(send: Send, value: str) -> None:
    kept = f"{PASS_COOKIE}={value}; Path=/; Max-Age={COOKIE_LIFE.total_seconds():.0f}; HttpOnly; Secure"
    headers = [
        (b"location", b"/"),
        (b"cache-control", b"no-store"),
        (b"set-cookie", f"{kept}; SameSite=None; Partitioned".encode()),
    ]
    await send({"type": "http.response.start", "status": 303, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


async def _notify(scope: Scope, send: Send, notice: Notice) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1013 if notice.status >= 500 else 1008})
        return
    wants_page = "text/html" in _header(scope, b"accept") and not scope["path"].startswith("/api/")
    content_type, body = pages.render(notice, as_json=not wants_page)
    headers = [
        (b"content-type", content_type),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    if notice.reload:
        headers.append((b"retry-after", str(notice.reload).encode()))
    await send({"type": "http.response.start", "status": notice.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


def _header(scope: Scope, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")
