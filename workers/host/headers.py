"""What crosses between a browser and an app in headers, both ways. The app's own wishes about safety don't count."""

from collections.abc import Iterable

Headers = list[tuple[bytes, bytes]]

PASS_COOKIE = "__Host-protodex-preview"  # noqa: S105 - a name; the prefix keeps every other origin from setting it
PRIVATE_COOKIES = (PASS_COOKIE.encode(), b"protodex_session", b"__Host-protodex_session")  # how their names begin

HOP_BY_HOP = frozenset(
    b"connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer transfer-encoding "
    b"upgrade".split()
)
NOT_FORWARDED = HOP_BY_HOP | frozenset(
    b"expect forwarded x-forwarded-for x-forwarded-host x-forwarded-proto x-forwarded-port x-forwarded-prefix "
    b"x-real-ip cookie".split()
)
NOT_RETURNED = HOP_BY_HOP | frozenset(
    b"server service-worker-allowed clear-site-data strict-transport-security alt-svc public-key-pins "
    b"public-key-pins-report-only content-security-policy-report-only report-to reporting-endpoints nel "
    b"origin-agent-cluster x-frame-options refresh sourcemap x-sourcemap".split()
)

# Answers to other sites, and orders that a proxy in front would carry out: nginx serves any file it is told to.
OTHERS_WORDS = (b"access-control-", b"x-accel-", b"x-sendfile", b"x-lighttpd-", b"x-reproxy-")

NO_RIGHTS = (b"content-security-policy", b"sandbox")

# Only features that browsers know by name: an unknown one is an error in the console.
DENIED_FEATURES = (
    "camera microphone geolocation usb serial hid midi payment display-capture publickey-credentials-get "
    "screen-wake-lock xr-spatial-tracking".split()
)


def safety_headers(studio_origins: Iterable[str]) -> Headers:
    """What every answer of a preview says, whatever the app said. Inline scripts are fine on an origin of its own."""
    policy = "; ".join((
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "media-src 'self' data: blob:",
        "connect-src 'self'",
        "worker-src blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        f"frame-ancestors {' '.join(studio_origins)}",
    ))  # fmt: skip
    return [
        (b"content-security-policy", policy.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
        (b"x-robots-tag", b"noindex"),
        (b"x-dns-prefetch-control", b"off"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"cross-origin-resource-policy", b"same-origin"),
        (b"permissions-policy", ", ".join(f"{feature}=()" for feature in DENIED_FEATURES).encode()),
    ]


def with_safety(headers: Iterable[tuple[bytes, bytes]], safety: Headers) -> Headers:
    """An answer's headers with ours added, in place of the same by the app. An app may take all rights from an answer,
    as it does from files that people sent: a browser holds to that policy besides ours.
    """
    headers, ours = list(headers), {name for name, _ in safety}
    others = [(name, value) for name, value in headers if name.lower() not in ours]
    return others + safety + [NO_RIGHTS for name, value in headers if (name.lower(), value) == NO_RIGHTS][:1]


def returned(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    """The headers of an app's answer, less what it may not say."""
    headers = list(headers)
    dropped = NOT_RETURNED | _named_by_connection(headers)
    kept: Headers = []
    for name, value in headers:
        lowered = name.lower()
        if lowered in dropped or lowered.startswith(OTHERS_WORDS):
            continue
        if lowered == b"set-cookie" and not _is_own_cookie(value):
            continue
        kept.append((lowered, value))
    return kept


def framed(headers: Headers, scheme: str, host: bytes) -> Headers:
    """An app's cookies as a browser keeps them in the studio's frame: apart for each site around it, so that no other
    site's frame or form comes with them. An app that sets a plain cookie would forget its visitors there.
    """
    name = host.rpartition(b":")[0] or host
    if scheme != "https" and name != b"localhost" and not name.endswith(b".localhost"):
        return headers  # a browser keeps such cookies over a trusted connection only
    return [(key, _framed(value) if key == b"set-cookie" else value) for key, value in headers]


def forwarded(headers: Iterable[tuple[bytes, bytes]], client: str, scheme: str) -> Headers:
    """The headers of a request as the app gets it: nothing of the studio's, and only our word on who asks."""
    headers = list(headers)
    dropped = NOT_FORWARDED | _named_by_connection(headers)
    kept = [(name, value) for name, value in headers if name not in dropped]
    cookies = b"; ".join(
        part for name, value in headers if name == b"cookie" for part in _cookies(value) if _is_public(part)
    )
    if cookies:
        kept.append((b"cookie", cookies))
    host = next((value for name, value in headers if name == b"host"), b"")
    return [
        *kept,
        (b"x-forwarded-for", client.encode()),
        (b"x-forwarded-host", host),
        (b"x-forwarded-proto", scheme.encode()),
    ]


def cookie(headers: Iterable[tuple[bytes, bytes]], name: str) -> str | None:
    wanted = name.encode()
    for header, value in headers:
        if header == b"cookie":
            for part in _cookies(value):
                key, _, content = part.partition(b"=")
                if key.strip() == wanted:
                    return content.strip().decode("latin-1")
    return None


def _cookies(value: bytes) -> list[bytes]:
    return [part.strip() for part in value.split(b";") if part.strip()]


def _is_public(part: bytes) -> bool:
    return not part.partition(b"=")[0].strip().startswith(PRIVATE_COOKIES)


def _is_own_cookie(value: bytes) -> bool:
    """Whether an app may set it: for its own host alone, and none of ours."""
    parts = _cookies(value)
    names = {part.partition(b"=")[0].strip().lower() for part in parts[1:]}
    # One without a name is sent back as its bare value, which may read like one of ours.
    return bool(parts) and not parts[0].startswith(b"=") and b"domain" not in names and _is_public(parts[0])


def _framed(value: bytes) -> bytes:
    first, *others = _cookies(value)
    kept = [p for p in others if p.partition(b"=")[0].strip().lower() not in {b"samesite", b"secure", b"partitioned"}]
    return b"; ".join([first, *kept, b"SameSite=None", b"Secure", b"Partitioned"])


def _named_by_connection(headers: Iterable[tuple[bytes, bytes]]) -> set[bytes]:
    return {
        part.strip().lower() for name, value in headers if name.lower() == b"connection" for part in value.split(b",")
    }
