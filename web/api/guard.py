"""The door: every request is held to known hosts, a size, same-origin writes and a session, before any route sees it.

A generated app runs scripts in the person's browser, so a request from the browser proves nothing by itself.
"""

from collections.abc import Collection
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from builder.settings import Settings
from web.api.auth import Auth
from web.api.errors import MAX_BODY_BYTES, TOO_LARGE, ApiError, error_response
from web.words import sentence
from workers.studio import is_address, studio_names

SIGN_IN = "/signin"
OPEN_PATHS = frozenset({"/health", SIGN_IN, "/api/session", "/favicon.ico", "/favicon.svg"})
JSON_PATHS = ("/api/", "/metrics", "/openapi.json", "/health")
READS = frozenset({"GET", "HEAD", "OPTIONS"})


class Guard:
    def __init__(self, app: ASGIApp, settings: Settings, auth: Auth) -> None:
        self.app, self.auth = app, auth
        self.hosts = studio_names(settings)
        self.headers = security_headers(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return
        request, path = Request(scope), str(scope["path"])  # not the request's URL: that is made of the Host header
        try:
            check_path(path)
            check_host(request, self.hosts)
            check_size(request)
            check_origin(request, path)
            answer = self._check_session(request, path)
        except ApiError as error:
            answer = error_response(request, error.status, error.code, error.message)
        app = answer or self.app
        await app(scope, _limited(receive), self._with_headers(path, send))

    def _check_session(self, request: Request, path: str) -> Response | None:
        request.state.signed_in = self.auth.allows(request)
        if request.state.signed_in or path in OPEN_PATHS or path.startswith("/static/"):
            return None
        if path.startswith(JSON_PATHS) or request.method not in READS:
            raise ApiError(401, "unauthorized", sentence("error.unauthorized"))
        return RedirectResponse(SIGN_IN, 303)

    def _with_headers(self, path: str, send: Send) -> Send:
        caching = "no-cache" if path.startswith("/static/") else "no-store"

        async def wrapped(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", caching)  # asked for anew each time: versions never mix
            await send(message)

        return wrapped


def check_path(path: str) -> None:
    if "\0" in path:
        raise ApiError(404, "not_found", sentence("error.not_found"))


def check_host(request: Request, hosts: Collection[str]) -> None:
    """A name that was rebound to this machine is refused; an address can't be rebound."""
    host = _host_name(request)
    if host is None or not (host in hosts or is_address(host)):
        raise ApiError(421, "unknown_host", sentence("error.unknown_host"))


def check_size(request: Request) -> None:
    length = request.headers.get("content-length", "0")
    if not length.isdigit() or int(length) > MAX_BODY_BYTES:
        raise ApiError(413, *TOO_LARGE)


def check_origin(request: Request, path: str) -> None:
    site = request.headers.get("sec-fetch-site", "none")
    if request.method in READS:
        navigates = request.headers.get("sec-fetch-mode") == "navigate"
        if site not in {"none", "same-origin"} and path.startswith("/api/") and not navigates:
            raise ApiError(403, "cross_site", sentence("error.cross_site_read"))
        return
    origin = request.headers.get("origin")
    own = {f"http://{request.headers.get('host')}", f"https://{request.headers.get('host')}"}
    if site not in {"none", "same-origin"} or (origin is not None and origin not in own):
        raise ApiError(403, "cross_site", sentence("error.cross_site_write"))
    has_body = request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and (has_body or kind):
        raise ApiError(415, "json_required", sentence("error.json_required"))


def security_headers(settings: Settings) -> dict[str, str]:
    scheme, port = ("http", f":{settings.preview_port}") if settings.preview_domain == "localhost" else ("https", "")
    policy = (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        f"frame-src 'self' {scheme}://*.{settings.preview_domain}{port}",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
    return {
        "Content-Security-Policy": "; ".join(policy),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    }


def _limited(receive: Receive) -> Receive:
    """A body without a length is counted as it comes."""
    seen = 0

    async def wrapped() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > MAX_BODY_BYTES:
            raise HTTPException(413)
        return message

    return wrapped


def _host_name(request: Request) -> str | None:
    hosts = request.headers.getlist("host")
    if len(hosts) != 1 or set(hosts[0]) & set("@/?#\\ "):
        return None
    try:
        return urlsplit("//" + hosts[0]).hostname
    except ValueError:  # a bracket without its other half
        return None
