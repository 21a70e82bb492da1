"""Under which licence a picture stands, as far as its source tells, and whether a deck may show it."""

import re

UNKNOWN = "unknown"
_URL = re.compile(
    r"creativecommons\.org/(?P<kind>licenses|publicdomain)/(?P<code>zero|mark|by(?:-(?:nc|nd|sa)){0,2})(?:/(?P<version>\d\.\d))?",
    re.IGNORECASE,
)
_BY = r"(?P<code>by(?:[\s-]+(?:nc|nd|sa)){0,2})(?:[\s-]+(?P<version>\d\.\d))?"
_WORDS = re.compile(rf"^\W*cc[\s-]+{_BY}\b", re.IGNORECASE)
_CODE = re.compile(_BY, re.IGNORECASE)
_ZERO = re.compile(r"^\W*cc[\s-]*0\b|^\W*cc[\s-]+zero\b", re.IGNORECASE)
_PUBLIC = re.compile(r"^\W*(?:public[\s-]+domain|pdm?\b)", re.IGNORECASE)
_USABLE = re.compile(r"^(?:CC0|Public domain|CC BY(?:-SA)?)(?: \d\.\d)?$")
_LINK = re.compile(r"<(?:a|link)\b[^>]{0,1000}>", re.IGNORECASE)
_REL = re.compile(r"""\brel\s*=\s*["']?[^"'>]*\blicense\b""", re.IGNORECASE)
_MEMBER = re.compile(r'"license"\s*:\s*"(?P<url>[^"]{1,300})"')


def read_license(told: str) -> str:
    """The short name of a licence that is told by its address or by its name; `unknown` for all else.

    >>> read_license("https://creativecommons.org/licenses/by-sa/4.0/")
    'CC BY-SA 4.0'
    """
    told = told.strip()[:300]
    if (found := _URL.search(told)) and (found["kind"].lower() == "licenses") == (found["code"].lower()[:2] == "by"):
        return _named(found["code"], found["version"])
    if _ZERO.match(told):
        return "CC0"
    if _PUBLIC.match(told):
        return "Public domain"
    if found := _WORDS.match(told) or _CODE.fullmatch(told):
        return _named(re.sub(r"\s+", "-", found["code"]), found["version"])
    return UNKNOWN


def may_be_used(license_name: str) -> bool:
    """Whether a picture may be shown in something that is passed on: with its author named, and changed or sold."""
    return bool(_USABLE.match(license_name))


def license_of_page(html: str) -> str:
    """The licence that a page about one work links to, by `rel=license` or as linked data."""
    linked = [tag for tag in _LINK.findall(html) if _REL.search(tag)]
    linked += [match["url"].replace("\\/", "/") for match in _MEMBER.finditer(html)]
    named = {found for text in linked if (found := _from_address(text)) != UNKNOWN}
    return named.pop() if len(named) == 1 else UNKNOWN  # two answers are none


def _from_address(text: str) -> str:
    found = _URL.search(text)
    return read_license(found[0]) if found else UNKNOWN


def _named(code: str, version: str | None) -> str:
    name = {"zero": "CC0", "mark": "Public domain"}.get(code.lower(), f"CC {code.upper()}")
    return f"{name} {version}" if version and name != "Public domain" else name
