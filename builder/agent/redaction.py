"""What must not leave with a trajectory: secrets and this machine's paths always, a person's words on request.

The same text becomes the same placeholder everywhere, so that what is left still makes sense.
"""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SECRET, MAIL, HOME = "[secret]", "[mail]", "[home]"
MIN_SECRET, MIN_WORDS, MIN_PHRASE = 6, 2, 8
_TOKENS = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
    r"|\b(?:sk|pk|rk)[-_][A-Za-z0-9_-]{16,}"
    r"|\b(?:ghp|gho|ghu|ghs|ghr|glpat|hf|npm|pypi|xox[abprs])[-_][A-Za-z0-9_-]{16,}"
    r"|\bgithub_pat_[A-Za-z0-9_]{20,}"
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"
    r"|\bAIza[0-9A-Za-z_-]{30,}"
    r"|\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}",
    re.DOTALL,
)
_BEARER = re.compile(r"(?i)(\b(?:bearer|basic)\s+)[A-Za-z0-9._~+/=-]{16,}")
_USERINFO = re.compile(r"([a-z][a-z0-9+.-]{1,20}://)[^\s/@:\"']{0,100}:[^\s/@\"']{1,200}@")
_ASSIGNED = re.compile(
    r"(?i)((?:api[_-]?key|access[_-]?key|secret(?:[_-]?key)?|token|passw(?:or)?d)\\?[\"']?\s*[:=]\s*\\?[\"']?)"
    r"(?=[A-Za-z0-9_./+=-]*\d)(?=[A-Za-z0-9_./+=-]*[A-Za-z])[A-Za-z0-9_./+=-]{16,}"
)
_HOMES = re.compile(r"(?<![\w.])/(?:home|Users)/[^/\s\"'\\:]+|(?<![\w./])/root(?=[/\s\"'\\:]|$)")
_MAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,5}")
_QUOTED = re.compile(r"[“„«\"]([^“”„«»\"\n]{3,200})[”“»\"]")
_PIECES = re.compile(r"[\n.!?;:]+\s*")


@dataclass(frozen=True)
class Redaction:
    """`secrets` are the values of settings, `roots` folders of this machine, `words` what a person wrote, if it is to
    go; `phrases` are the parts of it that were quoted elsewhere, as requirements and the AppSpec do.
    """

    secrets: Sequence[str] = ()
    roots: Sequence[Path] = ()
    words: Sequence[str] = ()
    phrases: Sequence[str] = ()

    def cleaner(self) -> Callable[[Any], Any]:
        """What takes it all out of a value, however deep it lies."""
        exact = _pattern(dict.fromkeys((s for s in self.secrets if len(s) >= MIN_SECRET), SECRET), as_words=False)
        roots = {str(root): f"[folder {n}]" for n, root in enumerate(self.roots, 1) if len(root.parts) > 1}
        places = _pattern(roots, as_words=False)
        person = _pattern(_placeholders(self.words, self.phrases), as_words=True)

        def clean_text(text: str) -> str:
            for step in (exact, person, _without_tokens, places):
                text = step(text)
            text = _HOMES.sub(HOME, text)
            return _MAIL.sub(MAIL, text) if self.words else text

        return lambda value: _each(value, clean_text)


def _without_tokens(text: str) -> str:
    text = _TOKENS.sub(SECRET, text)
    text = _USERINFO.sub(rf"\1{SECRET}@", text)
    text = _BEARER.sub(rf"\1{SECRET}", text)
    return _ASSIGNED.sub(rf"\1{SECRET}", text)


def _each(value: Any, clean: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(str(key)): _each(inner, clean) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_each(inner, clean) for inner in value]
    return value


def _placeholders(messages: Sequence[str], phrases: Sequence[str]) -> dict[str, str]:
    """Whole messages, their sentences, what they put in quotes, and the phrases that were quoted of them."""
    named: dict[str, str] = {}
    for number, message in enumerate(dict.fromkeys(m.strip() for m in messages if m.strip()), 1):
        named.setdefault(message, f"[message {number}]")
    parts = [piece.strip() for message in messages for piece in _PIECES.split(message)]
    quoted = [found for message in messages for found in _QUOTED.findall(message)]
    telling = [part for part in (*parts, *(p.strip() for p in phrases)) if _tells(part)]
    for text in (*quoted, *telling):
        named.setdefault(text, f"[words {len(named) + 1}]")
    return named


def _tells(text: str) -> bool:
    """Whether a part is someone's own words: single ones are everybody's, and code is full of them."""
    return len(text) >= MIN_PHRASE and len(text.split()) >= MIN_WORDS


def _pattern(named: dict[str, str], *, as_words: bool) -> Callable[[str], str]:
    """Replaces each by its placeholder, the longest first, also where JSON has escaped it."""
    spelled = {form: placeholder for text, placeholder in named.items() for form in _spellings(text)}
    if not spelled:
        return lambda text: text
    longest_first = sorted(spelled, key=len, reverse=True)
    edges = (r"(?<!\w)", r"(?!\w)") if as_words else ("", "")
    flags = re.IGNORECASE if as_words else 0
    pattern = re.compile(edges[0] + "(?:" + "|".join(map(re.escape, longest_first)) + ")" + edges[1], flags)
    folded = {form.casefold() if as_words else form: placeholder for form, placeholder in spelled.items()}

    def replace(match: re.Match[str]) -> str:
        found = match[0].casefold() if as_words else match[0]
        return folded.get(found, SECRET if not as_words else "[words]")

    return lambda text: pattern.sub(replace, text)


def _spellings(text: str) -> Iterable[str]:
    yield text
    yield json.dumps(text, ensure_ascii=False)[1:-1]
    yield json.dumps(text)[1:-1]
