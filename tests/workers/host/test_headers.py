from workers.host.headers import PASS_COOKIE, cookie, forwarded, framed, returned, safety_headers, with_safety

SAFETY = safety_headers(["http://localhost:8000"])


def names(headers):
    return [name for name, _ in headers]


def test_our_word_replaces_the_apps():
    said = [(b"Content-Security-Policy", b"default-src *"), (b"X-Content-Type-Options", b"no"), (b"etag", b"1")]
    headers = with_safety(said, SAFETY)
    assert (b"etag", b"1") in headers
    assert names(headers).count(b"content-security-policy") == 1
    policy = dict(headers)[b"content-security-policy"].decode()
    assert "frame-ancestors http://localhost:8000" in policy
    assert "connect-src 'self'" in policy
    assert b"default-src *" not in dict(headers)[b"content-security-policy"]


def test_an_app_may_take_all_rights_from_an_answer():
    policies = [v for n, v in with_safety([(b"Content-Security-Policy", b"sandbox")] * 2, SAFETY) if b"policy" in n]
    assert policies.count(b"sandbox") == 1
    assert any(b"frame-ancestors" in policy for policy in policies)
    loose = with_safety([(b"Content-Security-Policy", b"sandbox allow-scripts; report-uri https://x")], SAFETY)
    assert names(loose).count(b"content-security-policy") == 1


def test_an_app_may_not_speak_for_others():
    said = [
        (b"Service-Worker-Allowed", b"/"),
        (b"Clear-Site-Data", b'"*"'),
        (b"Strict-Transport-Security", b"max-age=9"),
        (b"Alt-Svc", b'h2="evil:443"'),
        (b"Public-Key-Pins", b"x"),
        (b"Access-Control-Allow-Origin", b"*"),
        (b"Access-Control-Allow-Credentials", b"true"),
        (b"X-Accel-Redirect", b"/etc/passwd"),
        (b"X-Sendfile", b"/etc/passwd"),
        (b"Connection", b"close, X-Hop"),
        (b"X-Hop", b"1"),
        (b"Transfer-Encoding", b"chunked"),
        (b"X-Frame-Options", b"DENY"),
        (b"Content-Type", b"text/plain"),
    ]
    assert returned(said) == [(b"content-type", b"text/plain")]


def test_an_app_sets_cookies_for_itself_alone():
    own = b"visitor=1; Path=/; HttpOnly; SameSite=None; Secure; Partitioned"
    said = [
        (b"set-cookie", own),
        (b"set-cookie", b"a=1; Domain=localhost"),
        (b"set-cookie", b"b=1; path=/; DOMAIN = .example.org"),
        (b"set-cookie", b"c=1;domain"),
        (b"set-cookie", b"protodex_session_8000=stolen"),
        (b"set-cookie", b"__Host-protodex_session_8000=stolen; Secure; Path=/"),
        (b"set-cookie", f"{PASS_COOKIE}=forged; Secure; Path=/".encode()),
        (b"set-cookie", f"={PASS_COOKIE}=forged; Secure; Path=/".encode()),
        (b"set-cookie", b""),
    ]
    assert returned(said) == [(b"set-cookie", own)]


def test_cookies_are_kept_in_the_studios_frame():
    said = [
        (b"set-cookie", b"visitor=1; HttpOnly; Max-Age=9; Path=/; SameSite=lax; secure"),
        (b"etag", b"SameSite=Lax"),
    ]
    kept = b"visitor=1; HttpOnly; Max-Age=9; Path=/; SameSite=None; Secure; Partitioned"
    for scheme, host in (
        ("http", b"polls.localhost:8001"),
        ("http", b"polls.localhost"),
        ("https", b"polls.example.org"),
    ):
        assert framed(said, scheme, host) == [(b"set-cookie", kept), said[1]]
    assert framed(said, "http", b"polls.example.org:8001") == said
    assert framed(said, "http", b"polls.notlocalhost") == said


def test_an_app_gets_nothing_of_the_studios_and_only_our_word_on_who_asks():
    sent = [
        (b"host", b"shop.localhost:8001"),
        (b"cookie", f"visitor=1; protodex_session_8000=secret; {PASS_COOKIE}=secret".encode()),
        (b"cookie", b"__Host-protodex_session_443=secret"),
        (b"cookie", b"theme=dark"),
        (b"x-forwarded-for", b"6.6.6.6"),
        (b"forwarded", b"for=6.6.6.6"),
        (b"connection", b"keep-alive, x-hop"),
        (b"x-hop", b"1"),
        (b"te", b"trailers"),
        (b"accept", b"*/*"),
    ]
    got = forwarded(sent, "127.0.0.1", "http")
    assert got == [
        (b"host", b"shop.localhost:8001"),
        (b"accept", b"*/*"),
        (b"cookie", b"visitor=1; theme=dark"),
        (b"x-forwarded-for", b"127.0.0.1"),
        (b"x-forwarded-host", b"shop.localhost:8001"),
        (b"x-forwarded-proto", b"http"),
    ]


def test_a_cookie_is_found_by_its_whole_name():
    headers = [(b"cookie", b"xa=1; a=2"), (b"cookie", b"b=3=4")]
    assert cookie(headers, "a") == "2"
    assert cookie(headers, "b") == "3=4"
    assert cookie(headers, "c") is None
