"""Source text to coloured lines, as a program: `[path, text]` comes in as JSON, the lines go out as JSON.

A program, because the grammars are regular expressions that some texts keep busy for hours: whoever asks can end it.
It imports nothing of ours, to be there quickly.
"""

import json
import sys

from pygments.lexers import get_lexer_for_filename
from pygments.lexers.special import TextLexer
from pygments.token import STANDARD_TYPES, _TokenType
from pygments.util import ClassNotFound

Line = list[tuple[str, str]]
KINDS = ("k", "s", "c", "m", "nf", "nc", "nd", "nt", "na", "nb", "bp", "o", "p", "gd", "gi", "gh")


def lines_of(path: str, text: str) -> list[Line]:
    """One list of (css class, text) a line; a token over several lines is cut at each line's end."""
    try:
        lexer = get_lexer_for_filename(path, stripnl=False, ensurenl=False)
    except ClassNotFound:
        lexer = TextLexer(stripnl=False, ensurenl=False)
    lines: list[Line] = [[]]
    for token, value in lexer.get_tokens(text):
        first, *rest = value.split("\n")
        _add(lines[-1], _kind(token), first)
        for part in rest:
            lines.append([])
            _add(lines[-1], _kind(token), part)
    if len(lines) > 1 and not lines[-1]:
        lines.pop()
    return lines


def _add(line: Line, kind: str, text: str) -> None:
    if not text:
        return
    if line and line[-1][0] == kind:
        line[-1] = (kind, line[-1][1] + text)
    else:
        line.append((kind, text))


def _kind(token: _TokenType) -> str:
    """The theme colours few kinds: the nearest of them, from the token's own short name outwards."""
    short = STANDARD_TYPES.get(token, "")
    return next((short[:n] for n in (2, 1) if short[:n] in KINDS), "")


if __name__ == "__main__":
    json.dump(lines_of(*json.load(sys.stdin)), sys.stdout)
