"""Who is asking: the token of the installation as a bearer, or a signed session cookie that came from it.

Without a token the studio is open, on loopback only; the launcher refuses any other bind.
"""

import hashlib
import hmac
import time
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from web.api.errors import ApiError

SESSION_SECONDS = 30 * 24 * 3600


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
        return self.reads(request.cookies.get(self.cookie, ""), time.time() if now is None else now)

    def knows(self, token: str) -> bool:
        return self.token is not None and hmac.compare_digest(token.encode(), self.token.encode())

    def issue(self, now: float) -> str:
        until = str(int(now) + SESSION_SECONDS)
        return f"{until}.{self._sign(until)}"

    def reads(self, value: str, now: float) -> bool:
        until, _, signature = value.partition(".")
        genuine = hmac.compare_digest(signature.encode(), self._sign(until).encode())
        return genuine and until.isascii() and until.isdigit() and int(until) > now

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
            raise ApiError(401, "unauthorized", "This is not the token of this installation. Check it and try again.")
        response.set_cookie(
            auth.cookie,
            auth.issue(time.time()),
            max_age=SESSION_SECONDS,
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )

    @router.delete("", status_code=204)
    def sign_out(response: Response) -> None:
        """End the session of this browser."""
        response.delete_cookie(auth.cookie, httponly=True, samesite="strict")

    return router
