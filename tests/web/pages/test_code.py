import pytest

from web.pages.code import highlight, highlight_file
from web.pages.releases import ReleaseFile

TEXTS = {
    "a.py": 'def f():\n    """Two\n    lines."""\n    return 1  # one\n',
    "b.tsx": "const x = <b title={`a\n${y}`}>hi</b>\n",
    "c.unknown": "anything\n\n at all",
    "d.json": "{}",
    "e.md": "\n\n# Title\n",
}


@pytest.mark.parametrize("path", TEXTS)
def test_colouring_changes_no_character(path: str) -> None:
    lines = highlight(path, TEXTS[path])
    assert "\n".join("".join(text for _, text in line) for line in lines) == TEXTS[path].removesuffix("\n")


def test_keywords_and_strings_are_told_apart() -> None:
    (line,) = highlight("a.py", 'return "x"')
    assert [kind for kind, _ in line if kind] == ["k", "s"]


def test_what_is_not_text_gets_a_sentence() -> None:
    shown = highlight_file("a.bin", ReleaseFile(10, None))
    assert shown.lines == []
    assert shown.notice == "page.no_text"


def test_a_text_made_to_keep_the_highlighter_busy_is_shown_all_the_same() -> None:
    text = "a." * 200_000
    assert highlight("frontend/src/endless.ts", f"{text}\nb\n", patience=0.5) == [[("", text)], [("", "b")]]
