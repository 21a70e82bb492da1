"""What the door lets pass, and what it does not: real connections, to sites on loopback."""

import gzip
import ssl
import subprocess
import zlib
from dataclasses import replace

import pytest

from builder.research import Door, ResearchError
from builder.research.door import MAX_REDIRECTS, MAX_URL
from tests.builder.research.conftest import PUBLIC, redirects, sends

HTML = ("text/html",)


def get(door, url, *, accept=HTML, max_bytes=100_000, seconds=10.0):
    return door.get(url, accept=accept, max_bytes=max_bytes, seconds=seconds)


def test_a_page_comes_through(door, site, names):
    names.told["news.example"] = [[PUBLIC]]
    site.answers["/a"] = sends("<p>Köln</p>".encode(), "text/html; charset=UTF-8")
    page = get(door, site.url("/a?b=1", "news.example"))
    assert (page.type, page.charset, page.body.decode()) == ("text/html", "utf-8", "<p>Köln</p>")
    assert site.seen == [("/a?b=1", f"news.example:{site.port}")]


def test_the_connection_goes_to_the_address_that_was_checked(door, site, inside, names):
    """A name that is public when it is checked and this machine a moment later."""
    names.told["rebind.example"] = [[PUBLIC], ["127.0.0.1"]]
    site.answers["/"] = sends(b"public")
    inside.answers["/"] = sends(b"secret")
    assert get(door, site.url("/", "rebind.example")).body == b"public"
    assert names.asked == ["rebind.example"]
    with pytest.raises(ResearchError, match="not on the public web"):
        get(door, site.url("/", "rebind.example"))
    assert inside.seen == []


def test_a_name_with_one_private_address_is_refused(door, site, inside, names):
    names.told["two.example"] = [[PUBLIC, "127.0.0.1"]]
    with pytest.raises(ResearchError, match="not on the public web"):
        get(door, site.url("/", "two.example"))
    assert site.seen == inside.seen == []


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "0.0.0.0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.1",
    ],
)
def test_this_machine_is_refused_by_any_name_also_behind_a_redirect(door, site, inside, host):
    inside.answers["/"] = sends(b"secret")
    site.answers["/go"] = redirects(f"http://{host}:{site.port}/")
    for url in (site.url("/", host), site.url("/go")):
        with pytest.raises(ResearchError):
            get(door, url)
    assert inside.seen == []


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data/", "http://10.0.0.1/", "http://[fe80::1]/", "http://[fd00::1]/",
        "http://[64:ff9b::7f00:1]/", "http://100.100.100.200/", "http://192.168.0.1/",
    ],
)  # fmt: skip
def test_private_networks_are_refused_at_once(url):
    with pytest.raises(ResearchError, match="not on the public web"):
        get(Door(), url)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("file:///etc/passwd", "not an address of the web"),
        ("ftp://example.org/", "not an address of the web"),
        ("gopher://example.org:70/_", "not an address of the web"),
        ("//example.org/", "not an address of the web"),
        ("javascript:alert(1)", "not an address of the web"),
        ("http://", "not an address"),
        ("http://user:pass@example.org/", "name or password"),
        ("http://example.org:22/", "Port 22"),
        ("https://example.org:8443/", "Port 8443"),
        ("http://example.org:99999/", "Port 99999"),
        ("http://exa mple.org/\r\nHost: x", "not an address"),
        ("http://example.org/" + "a" * MAX_URL, "longer than"),
        ("", "not an address"),
    ],
)
def test_an_address_of_another_form_is_refused(url, reason):
    with pytest.raises(ResearchError, match=reason):
        get(Door(), url)


def test_a_redirect_passes_the_same_door(door, site):
    site.answers["/a"] = redirects("b")
    site.answers["/b"] = redirects(site.url("/c"))
    site.answers["/c"] = sends(b"here")
    page = get(door, site.url("/a"))
    assert (page.body, page.url) == (b"here", site.url("/c"))
    for location in ("file:///etc/passwd", "http://u:p@127.0.0.2/", "http://127.0.0.2:22/"):
        site.answers["/a"] = redirects(location)
        with pytest.raises(ResearchError):
            get(door, site.url("/a"))


def test_redirects_have_an_end(door, site):
    site.answers["/loop"] = redirects("/loop")
    with pytest.raises(ResearchError, match="redirects more than"):
        get(door, site.url("/loop"))
    assert len(site.seen) == MAX_REDIRECTS + 1


def test_proxies_of_the_environment_are_not_used(door, site, inside, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "https_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{inside.port}")
    site.answers["/"] = sends(b"direct")
    assert get(door, site.url("/")).body == b"direct"
    assert inside.seen == []


@pytest.mark.parametrize("told", [True, False])
def test_a_huge_body_is_left(door, site, told):
    body = b"x" * 200_000
    site.answers["/"] = sends(body, **({"Content_Length": str(len(body))} if told else {}))
    with pytest.raises(ResearchError, match="larger than"):
        get(door, site.url("/"))


def test_packed_pages_are_unpacked(door, site):
    site.answers["/gzip"] = sends(gzip.compress(b"packed"), Content_Encoding="gzip")
    site.answers["/deflate"] = sends(zlib.compress(b"packed"), Content_Encoding="deflate")
    assert get(door, site.url("/gzip")).body == get(door, site.url("/deflate")).body == b"packed"


def test_a_bomb_is_left_when_it_is_too_large(door, site):
    site.answers["/"] = sends(gzip.compress(b"\0" * 100_000_000), Content_Encoding="gzip")
    with pytest.raises(ResearchError, match="larger than"):
        get(door, site.url("/"))


@pytest.mark.parametrize("encoding", ["gzip", "br", "gzip, gzip"])
def test_what_is_packed_in_no_known_way_is_refused(door, site, encoding):
    site.answers["/"] = sends(b"no such thing", Content_Encoding=encoding)
    with pytest.raises(ResearchError, match="unpacked"):
        get(door, site.url("/"))


@pytest.mark.parametrize("part", ["headers", "body", "answer"])
def test_a_slow_site_is_left_at_the_deadline(door, site, part):
    """It sends a byte now and then, so that no single read takes long."""

    def drip(handler):
        if part == "body":
            sends(b"")(handler)
        elif part == "headers":
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not site.released.wait(0.05):
            if part != "answer":
                handler.wfile.write(b"a")
                handler.wfile.flush()

    site.answers["/"] = drip
    with pytest.raises(ResearchError, match="too long"):
        get(door, site.url("/"), seconds=0.5)


@pytest.mark.parametrize("kind", ["application/pdf", "application/octet-stream", "image/png", ""])
def test_another_type_is_refused_with_its_name(door, site, kind):
    site.answers["/"] = sends(b"%PDF", kind)
    with pytest.raises(ResearchError, match=kind or "no type"):
        get(door, site.url("/"))


@pytest.mark.parametrize(
    "answer", [b"garbage\r\n\r\n", b"", b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\nContent-Type: text/html\r\n\r\ncut"]
)
def test_an_answer_that_is_no_http_is_an_error_it_can_act_on(door, site, answer):
    site.answers["/"] = lambda handler: handler.wfile.write(answer)
    with pytest.raises(ResearchError, match="can't be reached"):
        get(door, site.url("/"))


def test_errors_name_the_status_and_nothing_else(door, site):
    with pytest.raises(ResearchError, match=r"^127\.0\.0\.2 answered 404\."):
        get(door, site.url("/none"))


def test_nobody_there(door):
    with pytest.raises(ResearchError, match="can't be reached"):
        get(door, "http://no-such-name.invalid/")


def test_only_a_trusted_origin_may_be_private(door, site, inside):
    inside.answers["/"] = sends(b"search")
    inside.answers["/away"] = redirects(f"http://localhost:{inside.port}/")
    url = inside.url("/", "127.0.0.1")
    trusting = replace(Door(), trusted=frozenset({("http", "127.0.0.1", inside.port)}))
    assert get(trusting, url).body == b"search"
    with pytest.raises(ResearchError):
        get(trusting, inside.url("/away", "127.0.0.1"))
    with pytest.raises(ResearchError):
        get(Door(), url)


def test_the_certificate_is_checked_against_the_name(door, site, names, tmp_path):
    """The address is chosen here, but it is the name that has to be vouched for: a certificate of one's own is not."""
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
         "-subj", "/CN=shop.example", "-addext", "subjectAltName=DNS:shop.example",
         "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    asked: list[str | None] = []
    context.sni_callback = lambda _socket, name, _context: asked.append(name)
    names.told["shop.example"] = [[PUBLIC]]
    site.speak_tls(context)
    with pytest.raises(ResearchError, match="certificate"):
        get(door, f"https://shop.example:{site.port}/")
    assert asked == ["shop.example"]
    assert site.seen == []
