"""Reading a page as a browser would, less forgiving. No sandbox: the reader is ordinary code."""

import pytest

from builder.checks.inside.document import Page, local_path, references

SOUND = """<!doctype html>
<html><head><title>x</title><link rel=stylesheet href="a.css"><link rel=canonical href="https://example.org/"></head>
<body><main><ul><li>one<li>two</ul><p>open<br><svg><path d=""/><use href="#p"/></svg><img src="data:,">
<a href="https://example.org/">out</a><script>document.write("<div>")</script></main></body></html>"""


def test_what_html_allows_is_no_problem():
    page = Page(SOUND)
    assert page.problems == []
    assert [r.url for r in page.references if not r.url.startswith(("data:", "#"))] == ["a.css"]


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("<p>x", "does not begin with <!doctype html>", 1),
        ("<!doctype html>\n<div><p>x", "<div> is never closed", 2),
        ("<!doctype html>\n<section></div></section>", "</div> closes nothing", 2),
        ("<!doctype html>\n<div/>", "<div> is never closed", 2),
        ("<!doctype html>\n<script>let a", "<script> is never closed", 2),
        ("<!doctype html><i id=a></i>\n<b id=a></b>", "'a' is used twice, first in line 1", 2),
        ("<!doctype html>\n<script type=module src=a.js></script>", "module script", 2),
        ("<!doctype html>\n<meta http-equiv=Refresh content='0;url=//example.org'>", "leads away by itself", 2),
    ],
)
def test_what_a_browser_would_forgive_is_told_with_its_line(text, message, line):
    [(told, where), *_] = Page(text).problems
    assert message in told
    assert where == line


def test_everything_that_is_loaded_is_found(tmp_path):
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "a.css").write_text(
        "/* url(no.png) */\n@import 'b.css';\na { background: url( \"c.png\" ) }"
    )
    (tmp_path / "assets" / "b.css").write_text("@font-face { src: url(//fonts.example/f.woff2) } @import 'a.css';")
    page = Page(
        """<!doctype html><link rel=stylesheet href=assets/a.css>
<img srcset="d.png 1x, https://cdn.example/e.png 2x"><video poster=f.jpg src="g.mp4?x#t=1"></video>
<i style="background:url(h.png)"></i><style>
b { background: url(i.png) }</style><iframe src="http://[bad"></iframe><object data="file:///etc/hosts"></object>"""
    )
    found = {(r.url, r.path, r.line, r.is_foreign) for r in references(tmp_path, page)}
    assert found == {
        ("assets/a.css", "index.html", 1, False),
        ("d.png", "index.html", 2, False),
        ("https://cdn.example/e.png", "index.html", 2, True),
        ("f.jpg", "index.html", 2, False),
        ("g.mp4?x#t=1", "index.html", 2, False),
        ("h.png", "index.html", 3, False),
        ("i.png", "index.html", 4, False),
        ("http://[bad", "index.html", 4, True),
        ("file:///etc/hosts", "index.html", 4, True),
        ("b.css", "assets/a.css", 2, False),
        ("c.png", "assets/a.css", 3, False),
        ("//fonts.example/f.woff2", "assets/b.css", 1, True),
        ("a.css", "assets/b.css", 1, False),
    }
    by_url = {r.url: local_path(r) for r in references(tmp_path, page) if not r.is_foreign}
    assert by_url["g.mp4?x#t=1"] == "g.mp4"
    assert by_url["c.png"] == "assets/c.png"


@pytest.mark.parametrize("name", ["%00", "a" * 300, "a" * 300 + ".css", "%00.css"])
def test_a_name_that_no_file_can_have_is_only_missing(tmp_path, name):
    page = Page(f"<!doctype html><link rel=stylesheet href='{name}'>")
    assert [r.url for r in references(tmp_path, page)] == [name]
