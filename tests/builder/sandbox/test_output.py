"""Whatever a program prints and however it arrives in pieces, what is kept is bounded and says what is missing."""

import pytest

from builder.sandbox.output import FirstAndLast, NewestBytes

TEXT = bytes(range(65, 91)) * 4


@pytest.mark.parametrize("size", [1, 2, 3, 7, 20, 26, 103, 104, 200])
def test_the_pieces_make_no_difference(size: int):
    pieces = [TEXT[start : start + size] for start in range(0, len(TEXT), size)]
    newest, both = NewestBytes(10), FirstAndLast(head=5, tail=7)
    for piece in pieces:
        newest.append(piece)
        both.append(piece)
    assert newest.text() == TEXT[-10:].decode()
    assert both.text() == f"{TEXT[:5].decode()}\n[92 bytes left out]\n{TEXT[-7:].decode()}"


@pytest.mark.parametrize("length", range(13))
def test_little_is_kept_whole(length: int):
    both = FirstAndLast(head=5, tail=7)
    for byte in TEXT[:length]:
        both.append(bytes([byte]))
    assert both.text() == TEXT[:length].decode()
