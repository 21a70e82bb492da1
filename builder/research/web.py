"""Search, pages and pictures for the agent. Search is the operator's SearXNG; everything else is the public web.

All that comes back was written by strangers: plain text of a bounded size, data and never an instruction.
"""

import html
import json
import re
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlencode

import httpx

from builder.research.door import Door, Page, ResearchError, origin_of
from builder.research.image import ImageError, check_image
from builder.research.license import UNKNOWN, license_of_page, may_be_used, read_license

MAX_PAGE_BYTES = 2_000_000
MAX_IMAGE_BYTES = 5_000_000
MAX_RESULTS = 8
MAX_IMAGES = 12
MAX_QUERY = 300
MAX_TEXT = 40_000
LICENSE_SECONDS = 6.0
LICENSE_PAGES = 6
EXTRACT_SECONDS = 20.0
STRICT = Door()
_EXTRACT = Path(__file__).with_name("extract.py")
_HTML = ("text/html", "application/xhtml+xml")
_COMMONS = "commons.wikimedia.org"
_ONE_WORK = ("openverse", "flickr")  # engines whose result pages are about one work, so a licence on them is its own
_TAG = re.compile(r"<[^<>]{1,500}>")
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


@dataclass(frozen=True)
class WebResearch:
    """`search_url` is SearXNG's address, and the only one that may be private: the operator chose it."""

    search_url: str
    door: Door = STRICT
    seconds: float = 15.0

    def search(self, query: str, *, images: bool = False) -> list[dict[str, str]]:
        """Results with `title`, `url` and `snippet`. Images also have `image` (the file), `thumbnail`, `license`
        (`unknown` unless told), `author` and `source`, and those that may be used come first."""
        query = " ".join(query.split())[:MAX_QUERY]
        if not query:
            raise ResearchError("The query is empty. Say in a few words what to look for.")
        found = self._results(query, "images" if images else "general")
        if not images:
            return [self._shown(result) for result in found if self._opens(result.get("url"))][:MAX_RESULTS]
        pictures = [r for r in found if self._opens(r.get("url")) and self._opens(r.get("img_src"))][:MAX_IMAGES]
        licenses = self._licenses(pictures)
        shown = [self._pictured(picture, name) for picture, name in zip(pictures, licenses, strict=True)]
        return sorted(shown, key=lambda image: not may_be_used(image["license"]))

    def read_page(self, url: str) -> str:
        """Title, date, address and main text of a page."""
        page = self.door.get(url, accept=(*_HTML, "text/plain"), max_bytes=MAX_PAGE_BYTES, seconds=self.seconds)
        if page.type == "text/plain":
            return f"{page.url}\n\n{_plain(_decoded(page), MAX_TEXT)}"
        read = _extracted(page)
        if not read["text"].strip():
            raise ResearchError(f"{page.url} has no text that can be read without running it. Try another page.")
        head = [line for line in (_line(read["title"], 300), _line(read["date"], 40), page.url) if line]
        return "\n".join(head) + f"\n\n{_plain(read['text'], MAX_TEXT)}"

    def fetch_image(self, url: str) -> bytes:
        """The bytes of a PNG, JPEG, WebP or GIF of a size that a page can show."""
        page = self.door.get(url, accept=("image/",), max_bytes=MAX_IMAGE_BYTES, seconds=self.seconds)
        try:
            check_image(page.body)
        except ImageError as error:
            raise ResearchError(f"This picture can't be used. {error}") from None
        return page.body

    def _results(self, query: str, category: str) -> list[dict[str, Any]]:
        asked = urlencode({"q": query, "format": "json", "categories": category, "safesearch": "1"})
        url = f"{self.search_url.rstrip('/')}/search?{asked}"
        try:
            trusting = replace(self.door, trusted=frozenset({origin_of(self.search_url)}))
            page = trusting.get(url, accept=("application/json",), max_bytes=MAX_PAGE_BYTES, seconds=self.seconds)
            results = json.loads(page.body)["results"]
            return [result for result in results if isinstance(result, dict)]
        except (ResearchError, httpx.InvalidURL, ValueError, KeyError, TypeError, RecursionError) as error:
            reason = str(error) if isinstance(error, ResearchError) else "its answer can't be read."
            instead = "Go on with what you know, and say that it was not looked up."
            raise ResearchError(f"The search does not work right now: {reason} {instead}") from None

    def _opens(self, url: object) -> bool:
        """Whether the door would take an address of this form; where it leads is not asked yet."""
        try:
            return isinstance(url, str) and bool(self.door.checked(url))
        except ResearchError:
            return False

    def _shown(self, result: Mapping[str, Any]) -> dict[str, str]:
        shown = {
            "title": _line(result.get("title"), 200),
            "url": str(result["url"]).strip(),
            "snippet": _line(result.get("content"), 500),
        }
        if date := _line(result.get("publishedDate"), 10):
            shown["date"] = date
        return shown

    def _pictured(self, result: Mapping[str, Any], license_name: str) -> dict[str, str]:
        thumbnail = result.get("thumbnail_src") or result.get("thumbnail")
        return {
            **self._shown(result),
            "image": str(result["img_src"]).strip(),
            "thumbnail": str(thumbnail).strip() if self._opens(thumbnail) else "",
            "size": _line(result.get("resolution"), 40),
            "author": _line(result.get("author"), 120),
            "source": _line(result.get("source"), 120) or httpx.URL(str(result["url"]).strip()).host,
            "license": license_name,
        }

    def _licenses(self, pictures: list[dict[str, Any]]) -> list[str]:
        """Of each picture: what the search tells, else what Wikimedia Commons or the page of the work says."""
        told = [_told(picture) for picture in pictures]
        open_ones = [index for index, name in enumerate(told) if name == UNKNOWN]
        commons = {index: title for index in open_ones if (title := _commons_title(pictures[index]["url"]))}
        works = [i for i in open_ones if str(pictures[i].get("engine", "")).startswith(_ONE_WORK)][:LICENSE_PAGES]
        with ThreadPoolExecutor(LICENSE_PAGES + 1) as pool:
            asked = pool.submit(self._of_commons, list(commons.values())) if commons else None
            pages = {index: pool.submit(self._of_page, pictures[index]["url"]) for index in works}
            for index, answer in pages.items():
                told[index] = answer.result()
            named = asked.result() if asked else {}
        for index, title in commons.items():
            told[index] = named.get(title, UNKNOWN)
        return told

    def _of_page(self, url: str) -> str:
        try:
            page = self.door.get(url, accept=_HTML, max_bytes=MAX_PAGE_BYTES, seconds=LICENSE_SECONDS)
        except ResearchError:
            return UNKNOWN
        return license_of_page(_decoded(page))

    def _of_commons(self, titles: list[str]) -> dict[str, str]:
        """The licences of files on Wikimedia Commons, all in one question to its API."""
        asked = urlencode(
            {
                "action": "query", "format": "json", "formatversion": "2", "prop": "imageinfo",
                "iiprop": "extmetadata", "iiextmetadatafilter": "LicenseShortName|LicenseUrl",
                "titles": "|".join(titles),
            }
        )  # fmt: skip
        url = f"https://{_COMMONS}/w/api.php?{asked}"
        try:
            page = self.door.get(url, accept=("application/json",), max_bytes=MAX_PAGE_BYTES, seconds=LICENSE_SECONDS)
            return read_commons(json.loads(page.body))
        except (ResearchError, ValueError, RecursionError):
            return {}


def read_commons(answer: Any) -> dict[str, str]:
    """Title to licence, from the answer of the MediaWiki API; what is not as expected is left out."""
    named = {}
    try:
        for page in answer["query"]["pages"]:
            told = page["imageinfo"][0]["extmetadata"]
            urls = [told[key]["value"] for key in ("LicenseUrl", "LicenseShortName") if key in told]
            named[str(page["title"])] = next((n for u in urls if (n := read_license(str(u))) != UNKNOWN), UNKNOWN)
    except (KeyError, TypeError, IndexError):
        pass
    return named


def _told(picture: Mapping[str, Any]) -> str:
    fields = (str(picture.get(key) or "") for key in ("license_url", "license", "metadata"))
    return next((name for field in fields if (name := read_license(field)) != UNKNOWN), UNKNOWN)


def _commons_title(url: str) -> str | None:
    """`File:Name.jpg` of a page on Wikimedia Commons; a bar would separate titles."""
    parsed = httpx.URL(url.strip())
    title = unquote(parsed.path).removeprefix("/wiki/").replace("_", " ")
    return title if parsed.host == _COMMONS and title.startswith("File:") and "|" not in title else None


def _extracted(page: Page) -> dict[str, str]:
    """What a process of its own makes of the page: with no environment, bounded in memory and in time."""
    unreadable = ResearchError(f"{page.url} can't be read. Try another page.")
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(_EXTRACT), page.url],
            input=_decoded(page).encode(errors="replace"),
            capture_output=True,
            timeout=EXTRACT_SECONDS,
            env={},
            cwd="/",
        )
        read = json.loads(done.stdout)
        return {key: str(read[key]) for key in ("title", "date", "text")}
    except (subprocess.TimeoutExpired, ValueError, KeyError, TypeError):
        raise unreadable from None


def _decoded(page: Page) -> str:
    """The text by the charset that the page tells, if there is such a one."""
    named = re.search(rb"""<meta[^>]{0,200}charset=["']?([\w-]{2,40})""", page.body[:4096], re.IGNORECASE)
    charset = page.charset or (named[1].decode() if named else "utf-8")
    try:
        return page.body.decode(charset, errors="replace")
    except (LookupError, ValueError):
        return page.body.decode(errors="replace")


def _plain(text: str, limit: int) -> str:
    """Without control characters and marks that hide or turn text around."""
    return _NOT_TEXT.sub("", text)[:limit].strip()


def _line(value: object, limit: int) -> str:
    """One line of plain text, whatever it was."""
    text = html.unescape(_TAG.sub("", value)) if isinstance(value, str) else ""
    return _plain(" ".join(text.split()), limit)
