"""What a person sees in place of an app: small pages by the host itself. Programs get the same as JSON."""

import html
import json
from dataclasses import dataclass

LAST_LINES = 25

STYLE = """
:root{color-scheme:light dark;--ink:#1d1d22;--soft:#5d5d68;--ground:#fafaf8;--line:#e2e2dd;--card:#fff}
@media(prefers-color-scheme:dark){:root{--ink:#eeeef0;--soft:#a3a3ad;--ground:#17171a;--line:#303036;--card:#1f1f23}}
body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--ground);color:var(--ink);
font:16px/1.55 system-ui,sans-serif}
main{box-sizing:border-box;width:min(44rem,100%);padding:2rem 1.5rem}
h1{font-size:1.4rem;line-height:1.25;margin:0 0 .5rem;text-wrap:balance}
p{margin:0 0 1rem;color:var(--soft);text-wrap:pretty}
pre{margin:1.5rem 0 0;padding:1rem;max-height:50vh;overflow:auto;background:var(--card);border:1px solid var(--line);
border-radius:.6rem;font:13px/1.5 ui-monospace,monospace;white-space:pre-wrap;overflow-wrap:anywhere}
"""


@dataclass(frozen=True)
class Notice:
    """`code` is for programs, `title` and `text` for people; with `reload` the page tries again by itself."""

    status: int
    code: str
    title: str
    text: str
    log: str = ""
    reload: int | None = None


UNKNOWN = Notice(
    404,
    "unknown_app",
    "No app lives at this address",
    "It may have been deleted or renamed. Open it from its project in the studio.",
)
SIGN_IN = Notice(
    401,
    "sign_in",
    "This preview is private",
    "Open it from its project in the studio. The link there lets you in.",
)
OTHER_ORIGIN = Notice(
    403,
    "other_origin",
    "This request came from another site",
    "Only the app's own pages may change its data. Open the app and try there.",
)
NO_SERVICE_WORKER = Notice(
    403, "no_service_worker", "No service workers here", "A preview can't install one. The app works without it."
)
BAD_TARGET = Notice(400, "bad_request", "This address can't be read", "Check the link and try again.")
NO_FILE = Notice(404, "not_found", "There is no such page", "Check the address, or go back to the first page.")
READ_ONLY = Notice(
    405, "read_only", "Nothing can be sent here", "This app is plain files: it has no server part that takes data."
)
TOO_LARGE = Notice(
    413, "too_large", "This upload is too large", "A preview takes up to 100 MB at once. Choose a smaller file."
)
GONE = Notice(
    502, "app_gone", "The app stopped in the middle of this", "It starts again by itself. Try once more.", reload=2
)
BUSY = Notice(
    503, "busy", "The app is busy", "Too many requests are open at once. This page tries again by itself.", reload=3
)
UPDATING = Notice(
    503,
    "updating",
    "The app is being updated",
    "Its data is moving to a new release. This page tries again by itself.",
    reload=3,
)
SILENT = Notice(504, "timeout", "The app did not answer in time", "Try again, or ask for a fix in the studio.")


def down(message: str, log: str, retry_in: float) -> Notice:
    text = f"{message} It is tried again in {max(1, round(retry_in))} seconds; ask for a fix in the studio."
    return Notice(503, "app_down", "The app can't start right now", text, log, reload=max(2, round(retry_in) + 1))


def render(notice: Notice, *, as_json: bool) -> tuple[bytes, bytes]:
    """Content type and body."""
    if as_json:
        error = {"error": {"code": notice.code, "message": f"{notice.title}. {notice.text}"}}
        return b"application/json", json.dumps(error).encode()
    return b"text/html; charset=utf-8", _page(notice).encode()


def _page(notice: Notice) -> str:
    reload = f'<meta http-equiv="refresh" content="{notice.reload}">' if notice.reload else ""
    lines = "\n".join(notice.log.strip().splitlines()[-LAST_LINES:])
    log = f'<pre tabindex="0" aria-label="Last lines of the log">{html.escape(lines)}</pre>' if lines else ""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width,initial-scale=1">{reload}'
        f"<title>{html.escape(notice.title)}</title><style>{STYLE}</style></head><body><main>"
        f"<h1>{html.escape(notice.title)}</h1><p>{html.escape(notice.text)}</p>{log}</main></body></html>"
    )
