"""Answer a request for a static release with a file of it. Serves regular files below its folder and nothing else."""

import os
import re
import stat
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from workers.host.machine import Machine
from workers.host.proxy import Scope, Send
from workers.host.served import Release

CHUNK = 256 * 1024
INDEX = "index.html"
DEEPEST = 20
_TYPES = {
    "html": "text/html; charset=utf-8", "htm": "text/html; charset=utf-8", "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8", "mjs": "text/javascript; charset=utf-8", "json": "application/json",
    "txt": "text/plain; charset=utf-8", "md": "text/plain; charset=utf-8", "csv": "text/csv; charset=utf-8",
    "svg": "image/svg+xml", "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif",
    "webp": "image/webp", "avif": "image/avif", "ico": "image/x-icon", "woff2": "font/woff2", "woff": "font/woff",
    "ttf": "font/ttf", "otf": "font/otf", "mp3": "audio/mpeg", "ogg": "audio/ogg", "wav": "audio/wav",
    "m4a": "audio/mp4", "mp4": "video/mp4", "webm": "video/webm", "vtt": "text/vtt; charset=utf-8",
    "pdf": "application/pdf", "wasm": "application/wasm", "xml": "application/xml",
    "webmanifest": "application/manifest+json",
}  # fmt: skip
_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


class NoFileError(Exception):
    """The release has no such file."""


class NotReadOnlyError(Exception):
    """Files are read; nothing else can be done with them."""


@dataclass(frozen=True)
class Part:
    """The bytes of a file that are sent, both ends included."""

    first: int
    last: int

    @property
    def length(self) -> int:
        return self.last - self.first + 1


async def send_file(scope: Scope, send: Send, release: Release, machine: Machine) -> None:
    if scope["method"] not in {"GET", "HEAD"}:
        raise NotReadOnlyError
    name = file_name(scope["path"])
    file = await machine.in_thread(_opened, release.code, name)
    with file:
        about = os.fstat(file.fileno())
        tag = f'"{release.n}-{about.st_size:x}-{about.st_mtime_ns:x}"'
        headers = _headers(name, tag)
        if tag in re.findall(r'"[^"]*"', _header(scope, b"if-none-match")):
            await _answer(send, 304, headers)
            return
        whole = Part(0, about.st_size - 1)
        part = _asked_part(scope, about.st_size)
        if part and part.length <= 0:
            await _answer(send, 416, [*headers, (b"content-range", f"bytes */{about.st_size}".encode())])
            return
        if part:
            headers.append((b"content-range", f"bytes {part.first}-{part.last}/{about.st_size}".encode()))
        headers.append((b"content-length", str((part or whole).length).encode()))
        await send({"type": "http.response.start", "status": 206 if part else 200, "headers": headers})
        if scope["method"] == "GET":
            await _send_part(send, file, part or whole, machine.in_thread)
        await send({"type": "http.response.body", "body": b""})


def file_name(path: str) -> str:
    """The file that a path of an address means, with `index.html` for a folder; NoFileError for any trick."""
    parts = path.removeprefix("/").split("/")
    if parts[-1] == "":
        parts[-1] = INDEX
    if len(parts) > DEEPEST or not all(map(_is_plain, parts)):
        raise NoFileError
    return "/".join(parts)


def _is_plain(part: str) -> bool:
    return bool(part) and len(part) < 200 and not part.startswith(".") and part.isprintable() and "\\" not in part


def _opened(root: Path, name: str) -> BinaryIO:
    """Opened step by step below `root`, so that no link on the way leads anywhere else."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    *folders, last = name.split("/")
    try:
        descriptor = os.open(root, flags | os.O_DIRECTORY)
        for folder in folders:
            descriptor = _below(descriptor, folder, flags | os.O_DIRECTORY)
        descriptor = _below(descriptor, last, flags)
    except (OSError, ValueError) as error:
        raise NoFileError from error
    file = os.fdopen(descriptor, "rb") if stat.S_ISREG(os.fstat(descriptor).st_mode) else None
    if file is None:
        os.close(descriptor)
        raise NoFileError
    return file


def _below(folder: int, name: str, flags: int) -> int:
    try:
        return os.open(name, flags, dir_fd=folder)
    finally:
        os.close(folder)


def _headers(name: str, tag: str) -> list[tuple[bytes, bytes]]:
    kind = _TYPES.get(name.rpartition(".")[2].lower(), "application/octet-stream")
    # A page is always asked for again, so that the next release shows; the rest is asked whether it changed.
    fresh = "no-store" if kind.startswith("text/html") else "no-cache"
    return [
        (b"content-type", kind.encode()),
        (b"etag", tag.encode()),
        (b"cache-control", fresh.encode()),
        (b"accept-ranges", b"bytes"),
    ]


def _asked_part(scope: Scope, size: int) -> Part | None:
    """What a player asks for when it seeks: one range. Anything else gets the whole file; none of it, no length."""
    found = _RANGE.fullmatch(_header(scope, b"range"))
    if not found or not (found[1] or found[2]):
        return None
    if not found[1]:
        return Part(max(size - int(found[2]), 0), size - 1)
    first, last = int(found[1]), min(int(found[2] or size), size - 1)
    return None if found[2] and int(found[2]) < first else Part(first, last)


async def _send_part(send: Send, file: BinaryIO, part: Part, in_thread: Callable[..., Any]) -> None:
    file.seek(part.first)
    left = part.length
    while left > 0:
        data = await in_thread(file.read, min(CHUNK, left))
        if not data:
            break
        left -= len(data)
        await send({"type": "http.response.body", "body": data, "more_body": True})


async def _answer(send: Send, status: int, headers: Iterable[tuple[bytes, bytes]]) -> None:
    await send({"type": "http.response.start", "status": status, "headers": list(headers)})
    await send({"type": "http.response.body", "body": b""})


def _header(scope: Scope, name: bytes) -> str:
    return ",".join(value.decode("latin-1") for key, value in scope["headers"] if key == name)
