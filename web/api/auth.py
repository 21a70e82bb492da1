"""Who is asking: the token of the installation as a bearer, or a signed session cookie that came from it.

Without a token the studio is open, on loopback only; the launcher refuses any other bind. Previews may lie under the
studio's own domain, where a script can set cookies for the studio: over https the cookie's name keeps those out, and
in any case one that is not ours changes nothing for one that is.
"""

import hashlib
import hmac
import time
from collections.abc import Iterator
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from web.api.errors import ApiError
from web.words import sentence

SESSION_SECONDS = 30 * 24 * 3600
OWN_HOST = "__Host-"  # browsers take such a cookie over https only, from the very host that it is for


class Credentials(BaseModel):
    token: str


@dataclass(frozen=True)
class Auth:
    """`port` is part of the cookie's name: browsers share cookies between the ports of one machine."""

    token: str | None
    port: int

    @property
    def cookie(self) -> str:
        return f"protodex_session_{self.port}"

    def allows(self, request: Request, now: float | None = None) -> bool:
        if self.token is None:
            return True
        scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return self.knows(bearer.strip())
        moment = time.time() if now is None else now
        return any(self.reads(value, moment) for value in self._sessions(request))

    def name(self, request: Request) -> str:
        return OWN_HOST + self.cookie if is_secure(request) else self.cookie

    def knows(self, token: str) -> bool:
        return self.token is not None and hmac.compare_digest(token.encode(), self.token.encode())

    def issue(self, now: float) -> str:
        until = str(int(now) + SESSION_SECONDS)
        return f"{until}.{self._sign(until)}"

    def reads(self, value: str, now: float) -> bool:
        until, _, signature = value.partition(".")
        genuine = hmac.compare_digest(signature.encode(), self._sign(until).encode())
        return genuine and until.isascii() and until.isdigit() and int(until) > now

    def _sessions(self, request: Request) -> Iterator[str]:
        """Every cookie of that name: browsers send one that was set for a parent domain as well, before or after."""
        names = {self.cookie, OWN_HOST + self.cookie}
        for header in request.headers.getlist("cookie"):
            for part in header.split(";"):
                name, _, value = part.strip().partition("=")
                if name in names:
                    yield value.strip()

    def _sign(self, until: str) -> str:
        key = hashlib.sha256(f"protodex session {self.token}".encode()).digest()
        return hmac.new(key, until.encode(), "sha256").hexdigest()


def auth_router(auth: Auth) -> APIRouter:
    router = APIRouter(prefix="/api/session", tags=["session"])

    @router.post("", status_code=204)
    def sign_in(credentials: Credentials, request: Request, response: Response) -> None:
        """Exchange the token for a session cookie."""
        if auth.token is None:
            return
        if not auth.knows(credentials.token):
            raise ApiError(401, "unauthorized", sentence("error.wrong_token"))
        response.set_cookie(
            auth.name(request),
            auth.issue(time.time()),
            max_age=SESSION_SECONDS,
            httponly=True,
            samesite="strict",
            secure=is_secure(request),
        )

    @router.delete("", status_code=204)
    def sign_out(request: Request, response: Response) -> None:
        """End the session of this browser."""
        response.delete_cookie(auth.name(request), httponly=True, samesite="strict", secure=is_secure(request))

    return router


def is_secure(request: Request) -> bool:
    """Whether the browser speaks https, also to a proxy in front: its own word for that is the page's origin."""
    return request.url.scheme == "https" or request.headers.get("origin", "").startswith("https://")
