"""Whether bytes are a picture that a page may show, told by what they are and not by what they are called."""

import struct

MAX_SIDE = 8_000
MAX_PIXELS = 30_000_000


class ImageError(ValueError):
    """The bytes are no picture that may be used; the message is a sentence."""


def check_image(data: bytes) -> tuple[str, int, int]:
    """The kind (png, jpeg, webp, gif), the width and the height. SVG is refused: it is a program that draws."""
    head = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<svg", b"<?xml", b"<!doctype", b"<html", b"<!--")):
        raise ImageError("It is a drawing with code in it (SVG or HTML). Choose a PNG, JPEG, WebP or GIF.")
    try:
        kind, width, height = _measure(data)
    except (struct.error, IndexError):
        raise ImageError("It is cut off or damaged. Choose another picture.") from None
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE and width * height <= MAX_PIXELS):
        raise ImageError(
            f"It has {width} x {height} pixels; at most {MAX_SIDE} a side are shown. Choose a smaller one."
        )
    return kind, width, height


def _measure(data: bytes) -> tuple[str, int, int]:
    if data.startswith(b"\x89PNG\r\n\x1a\n") and data[12:16] == b"IHDR":
        return ("png", *struct.unpack(">II", data[16:24]))
    if data.startswith((b"GIF87a", b"GIF89a")):
        return ("gif", *struct.unpack("<HH", data[6:10]))
    if data.startswith(b"\xff\xd8\xff"):
        return ("jpeg", *_jpeg(data))
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return ("webp", *_webp(data))
    raise ImageError("It is no PNG, JPEG, WebP or GIF. Choose another picture.")


def _jpeg(data: bytes) -> tuple[int, int]:
    """Walk the segments to the frame header, where the size is."""
    at = 2
    while data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        if marker in {0xD9, 0xDA}:
            break
        at += 2 + struct.unpack(">H", data[at + 2 : at + 4])[0]
    raise ImageError("It is a JPEG without a size. Choose another picture.")


def _webp(data: bytes) -> tuple[int, int]:
    form = data[12:16]
    if form == b"VP8X":
        return 1 + int.from_bytes(_exactly(data, 24, 3), "little"), 1 + int.from_bytes(_exactly(data, 27, 3), "little")
    if form == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack("<HH", data[26:30])
        return width & 0x3FFF, height & 0x3FFF
    if form == b"VP8L" and data[20] == 0x2F:
        bits = struct.unpack("<I", data[21:25])[0]
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    raise ImageError("It is a WebP of an unknown form. Choose another picture.")


def _exactly(data: bytes, at: int, size: int) -> bytes:
    if len(data) < at + size:
        raise IndexError
    return data[at : at + size]
