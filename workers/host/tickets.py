"""Who may see a preview when a token guards the service: a short-lived ticket in a link buys a cookie.

The secret is drawn from the token, so that web and host agree without talking.
"""

import base64
import hashlib
import hmac
from datetime import timedelta

TICKET_LIFE = timedelta(minutes=2)
COOKIE_LIFE = timedelta(hours=12)


def preview_secret(token: str) -> bytes:
    return hmac.digest(token.encode(), b"protodex preview guard", hashlib.sha256)


def make_ticket(secret: bytes, slug: str, now: float) -> str:
    """A ticket for the preview of one project: `http://SLUG.DOMAIN/__protodex/enter?ticket=…`."""
    return _sign(secret, "ticket", slug, int(now + TICKET_LIFE.total_seconds()))


def is_ticket(secret: bytes, slug: str, ticket: str, now: float) -> bool:
    return _is_signed(secret, "ticket", slug, ticket, now)


def make_pass(secret: bytes, slug: str, now: float) -> str:
    """The cookie's value. It is no ticket, and no ticket is one."""
    return _sign(secret, "pass", slug, int(now + COOKIE_LIFE.total_seconds()))


def is_pass(secret: bytes, slug: str, value: str, now: float) -> bool:
    return _is_signed(secret, "pass", slug, value, now)


def _sign(secret: bytes, purpose: str, slug: str, until: int) -> str:
    signature = hmac.digest(secret, f"{purpose} {slug} {until}".encode(), hashlib.sha256)
    return f"{until}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


def _is_signed(secret: bytes, purpose: str, slug: str, value: str, now: float) -> bool:
    until = value.partition(".")[0]
    if not (until.isascii() and until.isdigit() and len(until) <= 12 and now < int(until)):
        return False
    return hmac.compare_digest(_sign(secret, purpose, slug, int(until)).encode(), value.encode())
