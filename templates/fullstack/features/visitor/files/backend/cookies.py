"""Cookies that reach the app inside another site's frame, too, where a browser allows that."""

import fastapi


def put(request: fastapi.Request, response: fastapi.Response, name: str, value: str, seconds: int) -> None:
    """Inside a frame a browser sends a cookie only if it is set like this, and only over https or on localhost."""
    # Starlette knows no Partitioned before Python 3.14, so the header is written out.
    cookie = f"{name}={value}; Max-Age={seconds}; Path=/; HttpOnly; "
    cookie += "SameSite=None; Secure; Partitioned" if _is_secure(request) else "SameSite=Lax"
    response.headers.append("Set-Cookie", cookie)


def _is_secure(request: fastapi.Request) -> bool:
    scheme = request.headers.get("x-forwarded-proto", request.url.scheme).split(",")[0].strip()
    host = (request.url.hostname or "").lower()
    return scheme == "https" or host == "localhost" or host.endswith(".localhost")
