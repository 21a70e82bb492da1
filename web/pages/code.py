"""A file as a person reads it: lines of coloured pieces. Tokens stay text: the template escapes them."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from web.pages.releases import MAX_SHOWN, ReleaseFile

Line = list[tuple[str, str]]
HIGHLIGHTER = Path(__file__).with_name("highlighter.py")
PATIENCE = 3.0


@dataclass(frozen=True)
class Highlighted:
    path: str
    size: int
    lines: list[Line]
    notice: str = ""


def highlight_file(path: str, file: ReleaseFile) -> Highlighted:
    if file.text is None:
        return Highlighted(path, file.size, [], "page.too_big" if file.size > MAX_SHOWN else "page.no_text")
    return Highlighted(path, file.size, highlight(path, file.text))


def highlight(path: str, text: str, patience: float = PATIENCE) -> list[Line]:
    """One list of (css class, text) a line. A text that takes the highlighter too long is shown without colours."""
    question = json.dumps([path, text]).encode()
    try:
        answer = subprocess.run(
            [sys.executable, "-I", str(HIGHLIGHTER)], input=question, capture_output=True, timeout=patience, check=True
        )
    except subprocess.SubprocessError:
        return _plain(text)
    return [[(kind, piece) for kind, piece in line] for line in json.loads(answer.stdout)]


def _plain(text: str) -> list[Line]:
    lines: list[Line] = [[("", line)] if line else [] for line in text.split("\n")]
    return lines[:-1] if len(lines) > 1 and not lines[-1] else lines
