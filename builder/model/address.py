"""Where a model is and how it is asked for small things. Never shows a credential."""

import json
import re
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx

from builder.model.chat import ModelRequestError

MAX_ANSWER = 2_000_000
LOOPBACK = ("localhost", "127.0.0.1", "::1")
HIDDEN = "…"


@dataclass(frozen=True)
class Address:
    """`base` ends with the version segment; `shown` may be told to anyone. A user in the URL becomes `basic`."""

    base: str
    key: str | None = field(default=None, repr=False)
    basic: tuple[str, str] | None = field(default=None, repr=False)

    @property
    def root(self) -> str:
        """Beside the versioned API, where servers have their health and metrics."""
        return re.sub(r"/v\d+$", "", self.base)

    @property
    def shown(self) -> str:
        return self.root

    @property
    def is_local(self) -> bool:
        return urlsplit(self.base).hostname in LOOPBACK

    def clean(self, text: str) -> str:
        """`text` without the credentials of this address."""
        for secret in (self.key, self.basic and self.basic[1]):
            text = text.replace(secret, HIDDEN) if secret else text
        return re.sub(r"\bsk-[\w*-]{6,}|(?<=[Bb]earer )[\w.~+/=-]{6,}", HIDDEN, text)

    @property
    def auth(self) -> tuple[str, str] | None:
        """A key goes before a user in the URL."""
        return None if self.key else self.basic

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"} if self.key else {}


def address_of(url: str, key: str | None = None) -> Address:
    """Of a base URL with or without its `/v1`; a version that it ends with stays."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ModelRequestError("PROTODEX_MODEL_URL is no address. It looks like http://127.0.0.1:30000.")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    path = parts.path.rstrip("/").removesuffix("/chat/completions")
    path = path if re.search(r"/v\d+$", path) else f"{path}/v1"
    basic = (parts.username or "", parts.password or "") if parts.username or parts.password else None
    return Address(urlunsplit((parts.scheme, f"{host}:{port}" if port else host, path, "", "")), key or None, basic)


def fetch(address: Address, url: str, seconds: float, limit: int = MAX_ANSWER) -> tuple[int, str]:
    """Status and text of a GET, bounded in time and size. Raises httpx.HTTPError."""
    until = time.monotonic() + seconds
    timeout = httpx.Timeout(seconds, connect=min(seconds, 3))
    with (
        httpx.Client(timeout=timeout, auth=address.auth, trust_env=not address.is_local) as client,
        client.stream("GET", url, headers=address.headers) as answer,
    ):
        content = b""
        for chunk in answer.iter_bytes():
            content += chunk
            if len(content) > limit or time.monotonic() > until:
                raise httpx.ReadTimeout("the answer is too long")
        return answer.status_code, content.decode(answer.encoding or "utf-8", "replace")


def fetch_json(address: Address, url: str, seconds: float) -> Any:
    """The JSON of a GET, or None for whatever else is answered. Raises httpx.HTTPError."""
    status, text = fetch(address, url, seconds)
    try:
        return json.loads(text) if status == 200 else None
    except (ValueError, RecursionError):
        return None
