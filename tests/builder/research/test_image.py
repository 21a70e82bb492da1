import struct

import pytest

from builder.research.image import MAX_SIDE, ImageError, check_image

PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + struct.pack(">II", 640, 480)
GIF = b"GIF89a" + struct.pack("<HH", 320, 200)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"\0" * 10 + b"\xff\xc0\x00\x11\x08" + struct.pack(">HH", 480, 640)
WEBP_LOSSY = b"RIFF\0\0\0\0WEBPVP8 " + b"\0" * 7 + b"\x9d\x01\x2a" + struct.pack("<HH", 640, 480)
WEBP_LOSSLESS = b"RIFF\0\0\0\0WEBPVP8L" + b"\0" * 4 + b"\x2f" + struct.pack("<I", 639 | 479 << 14)
WEBP_EXTENDED = b"RIFF\0\0\0\0WEBPVP8X" + b"\0" * 8 + (639).to_bytes(3, "little") + (479).to_bytes(3, "little")


@pytest.mark.parametrize(
    ("data", "kind"),
    [(PNG, "png"), (JPEG, "jpeg"), (WEBP_LOSSY, "webp"), (WEBP_LOSSLESS, "webp"), (WEBP_EXTENDED, "webp")],
)
def test_a_picture_is_known_by_its_content(data, kind):
    assert check_image(data) == (kind, 640, 480)


def test_a_gif_too():
    assert check_image(GIF) == ("gif", 320, 200)


@pytest.mark.parametrize(
    "data",
    [b"<svg onload=alert(1)>", b"\xef\xbb\xbf  <?xml version='1.0'?><svg/>", b"<!DOCTYPE html>", b"<!-- --><SVG>"],
)
def test_a_drawing_with_code_is_refused(data):
    with pytest.raises(ImageError, match="code in it"):
        check_image(data)


@pytest.mark.parametrize("data", [b"", b"GIF", b"%PDF-1.7", b"\0" * 100, b"BM" + b"\0" * 60])
def test_what_is_no_picture_is_refused(data):
    with pytest.raises(ImageError):
        check_image(data)


@pytest.mark.parametrize("whole", [PNG, GIF, JPEG, WEBP_LOSSY, WEBP_LOSSLESS, WEBP_EXTENDED])
def test_a_cut_off_picture_is_refused_wherever_it_is_cut(whole):
    for end in range(len(whole)):
        with pytest.raises(ImageError):
            check_image(whole[:end])


@pytest.mark.parametrize("size", [(0, 10), (10, 0), (MAX_SIDE + 1, 10), (MAX_SIDE, MAX_SIDE)])
def test_a_picture_too_large_to_show_is_refused(size):
    with pytest.raises(ImageError, match="pixels"):
        check_image(PNG[:16] + struct.pack(">II", *size))
