"""Search on a server that answers as SearXNG does, and pages that answer as pages do."""

import json
import subprocess
import sys
from urllib.parse import parse_qs, urlsplit

import pytest

from builder.research import ResearchError, WebResearch, may_be_used
from builder.research.web import MAX_IMAGES, MAX_RESULTS, MAX_TEXT, read_commons
from tests.builder.research.conftest import PUBLIC, sends
from tests.builder.research.test_image import PNG

ARTICLE = """<!doctype html><html><head><title>Tides of the North Sea</title>
<meta property="article:published_time" content="2024-03-05"></head><body>
<nav><a href="/">Home</a> <a href="/shop">Shop</a></nav>
<article><h1>Tides of the North Sea</h1>
<p>The tide in the German Bight rises and falls by about three metres, twice on most days of the year.</p>
<p>At spring tide, when sun and moon pull together, the difference is larger; at neap tide it is smaller again.</p>
<p>Ports publish their own tables, because the shape of the coast delays the wave by several hours.</p>
</article><footer>Cookie settings. Imprint.</footer></body></html>"""


def searxng(*results, **more):
    """The JSON of SearXNG's /search?format=json, as its webapp writes it."""
    answer = {
        "query": "tides", "number_of_results": 0, "results": list(results), "answers": [], "corrections": [],
        "infoboxes": [], "suggestions": [], "unresponsive_engines": [],
    }  # fmt: skip
    return sends(json.dumps(answer | more).encode(), "application/json")


def result(n=1, **more):
    return {
        "url": f"https://example.org/{n}", "title": f"Page {n}", "content": "Some words", "publishedDate": None,
        "engine": "duckduckgo", "template": "default.html", "parsed_url": ["https", "example.org", f"/{n}", "", "", ""],
        "img_src": "", "thumbnail": "", "priority": "", "engines": ["duckduckgo"], "positions": [n], "score": 1.0 / n,
        "category": "general",
    } | more  # fmt: skip


def picture(n=1, **more):
    return result(n, template="images.html", category="images", **{
        "img_src": f"https://example.org/{n}.jpg", "thumbnail_src": f"https://example.org/{n}-small.jpg",
        "resolution": "800 x 600", "source": "example", "author": "Ada", **more,
    })  # fmt: skip


@pytest.fixture
def web(door, inside):
    """Its SearXNG is on this machine, as the operator's is."""
    return WebResearch(f"http://127.0.0.1:{inside.port}/", door, 10.0)


def test_results_have_title_address_and_snippet(web, inside):
    inside.answers["/search"] = searxng(
        result(1, title="Tide <b>tables</b>", content="High &amp; low\n water", publishedDate="2024-03-05T00:00:00"),
        result(2),
    )
    assert web.search("  tides   of the\nNorth Sea ") == [
        {"title": "Tide tables", "url": "https://example.org/1", "snippet": "High & low water", "date": "2024-03-05"},
        {"title": "Page 2", "url": "https://example.org/2", "snippet": "Some words"},
    ]
    asked = parse_qs(urlsplit(inside.seen[0][0]).query)
    assert asked["q"] == ["tides of the North Sea"]
    assert (asked["format"], asked["categories"]) == (["json"], ["general"])


def test_a_search_url_may_have_a_path(web, inside, door):
    inside.answers["/searxng/search"] = searxng(result())
    below = WebResearch(f"http://127.0.0.1:{inside.port}/searxng", door)
    assert len(below.search("tides")) == 1


def test_results_are_bounded_and_only_of_the_web(web, inside):
    odd = [result(1, url="javascript:alert(1)"), result(2, url=None), result(3, url="http://a:b@example.org/"), "text"]
    many = [result(n, title="t" * 5000, content="c" * 20_000) for n in range(4, 80)]
    inside.answers["/search"] = searxng(*odd, *many)
    found = web.search("tides")
    assert len(found) == MAX_RESULTS
    assert all(len(" ".join(shown.values())) < 1000 for shown in found)
    assert found[0]["url"] == "https://example.org/4"


def test_marks_that_hide_text_are_taken_out(web, inside):
    inside.answers["/search"] = searxng(result(title="a\u202eb\u200b\x1b[31mc", content=["not", "text"]))
    assert web.search("tides")[0] == {"title": "ab[31mc", "url": "https://example.org/1", "snippet": ""}


def test_images_come_with_file_author_and_licence_usable_ones_first(web, inside):
    inside.answers["/search"] = searxng(
        picture(1),
        picture(2, license="All rights reserved"),
        picture(3, license_url="https://creativecommons.org/licenses/by-nc/4.0/"),
        picture(4, license="CC BY-SA 4.0", author="Grace"),
        picture(5, img_src="data:image/png;base64,AAAA"),
    )
    found = web.search("tides", images=True)
    assert [(image["url"][-1], image["license"]) for image in found] == [
        ("4", "CC BY-SA 4.0"), ("1", "unknown"), ("2", "unknown"), ("3", "CC BY-NC 4.0"),
    ]  # fmt: skip
    assert found[0]["image"] == "https://example.org/4.jpg"
    assert found[0]["thumbnail"] == "https://example.org/4-small.jpg"
    assert (found[0]["author"], found[0]["size"]) == ("Grace", "800 x 600")
    assert [may_be_used(image["license"]) for image in found] == [True, False, False, False]
    assert parse_qs(urlsplit(inside.seen[0][0]).query)["categories"] == ["images"]


def test_the_page_of_a_work_tells_the_licence_that_the_search_does_not(web, inside, site):
    work = '<link rel="license" href="https://creativecommons.org/licenses/by/2.0/">'
    site.answers["/work"] = site.answers["/blog"] = sends(work.encode())
    inside.answers["/search"] = searxng(
        picture(1, url=site.url("/work"), engine="openverse"),
        picture(2, url=site.url("/none"), engine="openverse"),
        picture(3, url=site.url("/blog"), engine="bing images"),  # a licence there may be that of the text
    )
    assert [image["license"] for image in web.search("tides", images=True)] == ["CC BY 2.0", "unknown", "unknown"]


def test_a_page_of_a_work_that_lies_inside_is_not_asked(web, inside):
    inside.answers["/search"] = searxng(picture(1, url=inside.url("/admin", "127.0.0.1"), engine="openverse"))
    assert web.search("tides", images=True)[0]["license"] == "unknown"
    assert [path for path, _ in inside.seen if path == "/admin"] == []


def test_the_licences_of_wikimedia_commons_are_read_from_its_api():
    answer = {"query": {"pages": [
        {"title": "File:A.jpg", "imageinfo": [{"extmetadata": {
            "LicenseShortName": {"value": "CC BY-SA 4.0", "source": "commons-desc-page"},
            "LicenseUrl": {"value": "https://creativecommons.org/licenses/by-sa/4.0", "source": "commons-desc-page"},
        }}]},
        {"title": "File:B.jpg", "imageinfo": [{"extmetadata": {"LicenseShortName": {"value": "Public domain"}}}]},
        {"title": "File:C.jpg", "missing": True},
    ]}}  # fmt: skip
    assert read_commons(answer) == {"File:A.jpg": "CC BY-SA 4.0", "File:B.jpg": "Public domain"}
    assert read_commons({"error": {}}) == read_commons([]) == {}


def test_wikimedia_commons_is_asked_once_and_left_when_it_does_not_answer(web, inside, names):
    names.told["commons.wikimedia.org"] = [["127.0.0.1"]]
    pages = [picture(n, url=f"https://commons.wikimedia.org/wiki/File:Tide_{n}.jpg") for n in (1, 2)]
    inside.answers["/search"] = searxng(*pages)
    assert [image["license"] for image in web.search("tides", images=True)] == ["unknown", "unknown"]
    assert names.asked.count("commons.wikimedia.org") == 1


def test_many_images_are_bounded(web, inside):
    inside.answers["/search"] = searxng(*(picture(n) for n in range(1, 60)))
    assert len(web.search("tides", images=True)) == MAX_IMAGES


@pytest.mark.parametrize(
    "answer",
    [
        sends(b"Forbidden", "text/html", 403),  # JSON is not among the formats of this SearXNG
        sends(b"<html>", "text/html"),
        sends(b"{", "application/json"),
        sends(b"[]", "application/json"),
        sends(b'{"results": 5}', "application/json"),
        sends(b"[" * 100_000, "application/json"),
        sends(b"x" * 3_000_000, "application/json"),
    ],
)
def test_a_search_that_fails_says_how_to_go_on(web, inside, answer):
    inside.answers["/search"] = answer
    with pytest.raises(ResearchError, match="Go on with what you know"):
        web.search("tides")


@pytest.mark.parametrize("url", ["", "search", "http://", "http://a b/", "http://127.0.0.1:1"])
def test_a_search_that_is_not_there_says_how_to_go_on(door, url):
    with pytest.raises(ResearchError, match="Go on with what you know"):
        WebResearch(url, door).search("tides")


def test_an_empty_query_is_not_sent(web, inside):
    with pytest.raises(ResearchError, match="empty"):
        web.search(" \n ")
    assert inside.seen == []


def test_a_page_is_read_without_its_frame(web, site):
    site.answers["/article"] = sends(ARTICLE.encode())
    read = web.read_page(site.url("/article"))
    assert read.splitlines()[:3] == ["Tides of the North Sea", "2024-03-05", site.url("/article")]
    assert "spring tide" in read
    assert "Cookie settings" not in read


def test_a_page_is_read_in_its_own_charset(web, site):
    site.answers["/latin"] = sends(ARTICLE.replace("tide", "flöde").encode("latin-1"), "text/html; charset=ISO-8859-1")
    site.answers["/meta"] = sends(
        ARTICLE.replace("tide", "flöde").replace("<head>", "<head><meta charset='latin-1'>").encode("latin-1"),
        "text/html",
    )
    site.answers["/wrong"] = sends(ARTICLE.encode(), "text/html; charset=no-such")
    assert "flöde" in web.read_page(site.url("/latin"))
    assert "flöde" in web.read_page(site.url("/meta"))
    assert "tide" in web.read_page(site.url("/wrong"))


def test_plain_text_is_read_as_it_is(web, site):
    site.answers["/notes.txt"] = sends(b"one\ntwo\x00\x1b[0m", "text/plain")
    assert web.read_page(site.url("/notes.txt")) == f"{site.url('/notes.txt')}\n\none\ntwo[0m"
    site.answers["/long.txt"] = sends(b"x" * 1_000_000, "text/plain")
    assert len(web.read_page(site.url("/long.txt"))) < MAX_TEXT + 200


def test_a_page_without_text_says_so(web, site):
    site.answers["/app"] = sends(b"<html><body><div id=root></div><script>start()</script></body></html>")
    with pytest.raises(ResearchError, match="no text"):
        web.read_page(site.url("/app"))


def test_a_page_made_to_choke_a_parser_is_left(web, site):
    site.answers["/deep"] = sends(b"<div>" * 300_000)
    with pytest.raises(ResearchError):
        web.read_page(site.url("/deep"))


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/", "http://localhost/", "http://169.254.169.254/", "file:///etc/passwd"]
)
def test_pages_and_pictures_come_from_the_public_web_only(web, url):
    for fetch in (web.read_page, web.fetch_image):
        with pytest.raises(ResearchError):
            fetch(url)


def test_the_search_server_itself_is_no_page(web, inside):
    """It may be private, but only for searching."""
    inside.answers["/config"] = sends(b"settings")
    with pytest.raises(ResearchError):
        web.read_page(inside.url("/config", "127.0.0.1"))
    assert inside.seen == []


def test_a_picture_comes_as_it_is(web, site):
    site.answers["/a.png"] = sends(PNG, "image/png")
    assert web.fetch_image(site.url("/a.png", PUBLIC)) == PNG


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"<svg/>", "image/svg+xml"),
        (b"<svg/>", "image/png"),
        (PNG, "text/html"),
        (PNG[:18], "image/png"),
        (b"x" * 6_000_000, "image/png"),
    ],
)
def test_what_only_calls_itself_a_picture_is_refused(web, site, body, kind):
    site.answers["/a.png"] = sends(body, kind)
    with pytest.raises(ResearchError):
        web.fetch_image(site.url("/a.png"))


@pytest.mark.parametrize("first", ["builder.research", "builder.research.door", "builder.agent.tools", "web.app"])
def test_research_and_the_tools_that_use_it_can_be_imported_in_any_order(first):
    subprocess.run([sys.executable, "-c", f"import {first}"], check=True)
