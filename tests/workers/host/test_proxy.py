"""Everything HTTP and WebSocket can carry arrives as it was sent, as it is sent."""

import contextlib
import json
import socket
from itertools import islice
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

MEGABYTE = 2**20


@pytest.fixture(scope="module")
def shop(shared_host):
    shared_host.serve("shop")
    return shared_host


def ask(host, raw):
    """Raw bytes to the preview port, all that comes back until it closes or falls silent."""
    with socket.create_connection(("127.0.0.1", host.port)) as connection:
        connection.settimeout(0.5)
        connection.sendall(raw)
        answer = b""
        try:
            while chunk := connection.recv(65536):
                answer += chunk
        except TimeoutError:
            pass
        return answer


def test_methods_bodies_queries_and_headers_arrive(shop):
    with shop.client("shop") as client:
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
            answer = client.request(method, "/api/echo?a=1&b=%20%2F", content=b"x" * 1000, headers={"x-own": b"\xe9"})
            seen = answer.json()
            assert (seen["method"], seen["size"], seen["query"]) == (method, 1000, "a=1&b=%20%2F")
            assert (seen["client"], seen["scheme"]) == ("127.0.0.1", "http")
        assert client.head("/api/echo").content == b""
        headers = dict(client.get("/api/echo", headers={"x-forwarded-for": "6.6.6.6"}).json()["headers"])
        assert headers["host"] == f"shop.localhost:{shop.port}"
        assert headers["x-forwarded-for"] == "127.0.0.1"


def test_a_chunked_upload_streams_through(shop):
    answer = shop.post("shop", "/api/echo", content=(b"x" * MEGABYTE for _ in range(20)))
    assert answer.json()["size"] == 20 * MEGABYTE


def test_uploads_have_a_limit(make_host):
    host = make_host(upload_bytes=MEGABYTE, requests_per_app=2)
    host.serve("shop")
    assert host.post("shop", "/api/echo", content=b"x" * MEGABYTE).status_code == 200
    for content in (b"x" * (MEGABYTE + 1), (b"x" * 65536 for _ in range(17))):
        with contextlib.suppress(httpx.WriteError, httpx.ReadError):  # cut off while it was still sending
            assert host.post("shop", "/api/echo", content=content).status_code == 413
    assert host.get("shop").status_code == 200


def test_a_large_download_takes_no_memory(shop):
    def resident():
        status = Path(f"/proc/{shop.process.pid}/status").read_text()
        return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))

    before, size = resident(), 0
    with shop.client("shop") as client, client.stream("GET", "/api/big?size=300") as answer:
        for chunk in answer.iter_raw():
            size += len(chunk)
    assert size == 300 * MEGABYTE
    assert resident() - before < 30 * 1024


def test_events_arrive_one_by_one(shop):
    with shop.client("shop") as client, client.stream("GET", "/api/events") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        arrived = list(islice(filter(None, answer.iter_lines()), 3))
    assert arrived == ["data: 0", "data: 1", "data: 2"]  # of a thousand, which take minutes to be said


def test_an_open_stream_does_not_hold_up_a_release(shop):
    with shop.client("shop") as client, client.stream("GET", "/api/events") as answer:
        next(answer.iter_lines())
        shop.serve("shop")
    assert shop.get("shop", "/api/version").json() == {"version": str(shop.releases["shop"])}


def test_the_app_hears_that_a_person_went_away(shop):
    with shop.client("shop") as client, client.stream("GET", "/api/patient") as answer:
        next(answer.iter_raw())
    shop.wait_until(lambda: shop.get("shop", "/api/cancelled").json()["cancelled"] == 1)


def test_an_answer_that_breaks_off_breaks_off(shop):
    with (
        shop.client("shop") as client,
        client.stream("GET", "/api/short") as answer,
        pytest.raises(httpx.RemoteProtocolError),
    ):
        list(answer.iter_raw())
    shop.wait_until(lambda: shop.get("shop").status_code == 200)


def test_an_app_that_says_nothing_times_out(make_host):
    host = make_host(answer_timeout=0.5)
    host.serve("shop")
    answer = host.get("shop", "/api/sleep?seconds=20")
    assert (answer.status_code, answer.json()["error"]["code"]) == (504, "timeout")
    host.wait_until(lambda: host.get("shop").status_code == 200)


def test_an_app_has_so_many_requests_at_once(make_host):
    host = make_host(upload_bytes=MEGABYTE, requests_per_app=2)
    host.serve("shop")
    with host.client("shop") as client, client.stream("GET", "/api/events"), client.stream("GET", "/api/events"):
        answer = host.get("shop")
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "busy")
    host.wait_until(lambda: host.get("shop").status_code == 200)


def test_no_request_hides_in_another(shop):
    name = f"Host: shop.localhost:{shop.port}\r\n".encode()
    hidden = b"GET /api/exit?code=9 HTTP/1.1\r\n" + name + b"\r\n"
    both = b"POST /api/echo HTTP/1.1\r\n" + name + b"Content-Length: %d\r\nTransfer-Encoding: chunked\r\n\r\n"
    for raw in (
        both % (5 + len(hidden)) + b"0\r\n\r\n" + hidden.replace(b"exit?code=9", b"echo"),
        both % 3 + b"0\r\n\r\n",
        b"POST /api/echo HTTP/1.1\r\n" + name + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        b"POST /api/echo HTTP/1.1\r\n" + name + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"POST /api/echo HTTP/1.1\r\n" + name + b"Content-Length: +1\r\n\r\na",
        b"GET /api/echo HTTP/1.1\r\n" + name + name.replace(b"shop", b"other") + b"\r\n",
        b"GET http://elsewhere/ HTTP/1.1\r\n" + name + b"\r\n",
        b"GET /api/echo HTTP/1.1\r\nHost: shop.localhost\r\nX: a\nb: c\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00",
    ):
        assert b"Traceback" not in ask(shop, raw)
        assert shop.get("shop").status_code == 200


def test_what_the_app_says_about_safety_is_replaced(shop):
    said = [["content-security-policy", "default-src *"], ["access-control-allow-origin", "*"], ["x-own", "kept"]]
    answer = shop.get("shop", "/api/headers", params={"set": json.dumps(said)})
    assert answer.headers["x-own"] == "kept"
    assert "access-control-allow-origin" not in answer.headers
    for other in (answer, shop.get("shop"), shop.get("nobody"), shop.get("shop", "/missing")):
        policy = other.headers.get_list("content-security-policy")
        assert len(policy) == 1
        assert "connect-src 'self'" in policy[0]
        assert "frame-ancestors http://localhost:8000 http://127.0.0.1:8000" in policy[0]
        assert other.headers["x-content-type-options"] == "nosniff"
        assert other.headers["referrer-policy"] == "no-referrer"


def test_service_workers_and_writes_from_elsewhere_are_refused(shop):
    assert shop.get("shop", "/sw.js", headers={"service-worker": "script"}).status_code == 403
    for origin in ("http://evil.localhost", "null", f"http://other.localhost:{shop.port}"):
        answer = shop.post("shop", "/api/notes", json={"text": "x"}, headers={"origin": origin})
        assert answer.status_code == 403
    own = f"http://shop.localhost:{shop.port}"
    assert shop.post("shop", "/api/notes", json={"text": "x"}, headers={"origin": own}).status_code == 201


def websocket(host, path="/ws", origin=None, **options):
    address = socket.create_connection(("127.0.0.1", host.port))
    own = f"http://shop.localhost:{host.port}" if origin is None else origin
    return connect(f"ws://shop.localhost:{host.port}{path}", sock=address, origin=own, proxy=None, **options)


def test_websockets_carry_text_bytes_and_the_close_code(shop):
    with websocket(shop, subprotocols=["notes.v1", "other"]) as talk:
        assert talk.subprotocol == "notes.v1"
        talk.send("hello")
        assert talk.recv(5) == "HELLO"
        talk.send(b"abc")
        assert talk.recv(5) == b"cba"
        talk.send("x" * MEGABYTE)
        assert talk.recv(5) == "X" * MEGABYTE
        talk.send("close")
        with pytest.raises(ConnectionClosed) as closed:
            talk.recv(5)
        assert closed.value.rcvd.code == 4001


def test_websockets_are_for_the_apps_own_pages(shop):
    with pytest.raises(InvalidStatus):
        websocket(shop, origin="http://evil.example")
    with pytest.raises(InvalidStatus):
        websocket(shop, path="/nothing-here")


def test_an_app_has_so_many_websockets_at_once(make_host):
    host = make_host(upload_bytes=MEGABYTE, requests_per_app=2)
    host.serve("shop")
    with websocket(host) as one, websocket(host) as two:
        with pytest.raises(InvalidStatus):
            websocket(host)
        for talk in (one, two):
            talk.send("still here")
            assert talk.recv(5) == "STILL HERE"


def test_a_message_is_never_larger_than_the_host_can_hold(shop):
    with websocket(shop) as talk:
        talk.send("x" * (MEGABYTE + 1))
        with pytest.raises(ConnectionClosed) as closed:
            talk.recv(5)
        assert closed.value.rcvd.code == 1009


def test_a_websocket_ends_when_its_release_does(shop):
    with websocket(shop) as talk:
        talk.send("hello")
        assert talk.recv(5) == "HELLO"
        shop.serve("shop")
        with pytest.raises(ConnectionClosed) as closed:
            talk.recv(5)
        assert closed.value.rcvd.code == 1012
