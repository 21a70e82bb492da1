"""The door: what a page of another origin, a rebound name or a stranger may not do."""

import time
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pydantic import SecretStr

from builder.settings import Settings
from tests.conftest import new_settings
from tests.web.api.conftest import error_of, serving
from workers.database import open_database
from workers.host.tickets import is_ticket, preview_secret
from workers.store import Store

TOKEN = "a-long-secret"
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def settings() -> Iterator[Settings]:
    with new_settings() as settings:
        yield settings


@pytest.fixture(scope="module")
def client(settings: Settings) -> Iterator[httpx.Client]:
    with serving(settings) as client:
        yield client


@pytest.fixture(scope="module")
def door(settings: Settings) -> Iterator[httpx.Client]:
    with serving(settings.model_copy(update={"token": SecretStr(TOKEN)})) as client:
        yield client


@pytest.fixture
def locked(door: httpx.Client) -> httpx.Client:
    door.cookies.clear()
    return door


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://plants.localhost:8001"},
        {"Origin": "http://localhost:8001"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
@pytest.mark.parametrize(("method", "path"), [("POST", "/api/projects"), ("DELETE", "/api/projects/x")])
def test_other_origins_change_nothing(client: httpx.Client, method: str, path: str, headers: dict[str, str]) -> None:
    body = b'{"prompt":"A list"}' if method == "POST" else b""
    answer = client.request(method, path, content=body, headers={**(JSON if body else {}), **headers})
    assert error_of(answer) == (403, "cross_site")


def test_the_studio_itself_may_write(client: httpx.Client) -> None:
    own = {"Origin": str(client.base_url).rstrip("/"), "Sec-Fetch-Site": "same-origin"}
    answer = client.request("DELETE", "/api/projects/none", headers=own)
    assert error_of(answer) == (404, "not_found")


def test_other_origins_cannot_read_but_a_person_can_follow_a_link(client: httpx.Client) -> None:
    assert error_of(client.get("/api/projects", headers={"Sec-Fetch-Site": "same-site"})) == (403, "cross_site")
    followed = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert client.get("/api/projects", headers=followed).status_code == 200


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonx", ""],
)
def test_a_write_is_json_or_nothing(client: httpx.Client, kind: str) -> None:
    answer = client.post("/api/projects", content=b'{"prompt":"A list"}', headers={"Content-Type": kind})
    assert error_of(answer) == (415, "json_required")


@pytest.mark.parametrize("host", ["evil.example", "plants.localhost:8001", "localhost.evil.example", "a@localhost", ""])
def test_unknown_host_names_are_refused(client: httpx.Client, host: str) -> None:
    assert error_of(client.get("/api/projects", headers={"Host": host})) == (421, "unknown_host")


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:8000", "LOCALHOST"])
def test_known_host_names_are_served(client: httpx.Client, host: str) -> None:
    assert client.get("/api/projects", headers={"Host": host}).status_code == 200


def test_a_request_has_a_size(client: httpx.Client) -> None:
    big = b'{"prompt":"' + b"x" * 8_000_001 + b'"}'
    assert error_of(client.post("/api/projects", content=big, headers=JSON)) == (413, "too_large")

    def pieces() -> Iterator[bytes]:
        for start in range(0, len(big), 500_000):
            yield big[start : start + 500_000]

    assert error_of(client.post("/api/projects", content=pieces(), headers=JSON)) == (413, "too_large")


def test_every_answer_carries_the_security_headers(client: httpx.Client, settings: Settings) -> None:
    for path in ("/", "/health", "/api/projects", "/nowhere", "/static/css/base.css", "/docs"):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert f"frame-src 'self' http://*.localhost:{settings.preview_port}" in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize("path", ["/api/nothing", "/api/projects/x/y/z", "/nowhere"])
def test_unknown_addresses_answer_in_the_one_shape(client: httpx.Client, path: str) -> None:
    assert error_of(client.get(path)) == (404, "not_found")
    assert error_of(client.patch("/api/projects")) == (405, "method_not_allowed")


def test_a_person_gets_a_page_for_an_unknown_address(client: httpx.Client) -> None:
    answer = client.get("/nowhere", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")


def test_a_token_locks_everything_but_the_door(locked: httpx.Client) -> None:
    for path in ("/api/projects", "/metrics", "/openapi.json", "/api/projects/x/events"):
        assert error_of(locked.get(path)) == (401, "unauthorized")
    assert error_of(locked.post("/api/projects", json={"prompt": "A list of plants"})) == (401, "unauthorized")
    for path in ("/", "/docs", "/projects/x"):
        assert locked.get(path).headers["location"] == "/signin"
    for path in ("/signin", "/static/css/base.css"):
        assert locked.get(path).status_code == 200


def test_a_stranger_learns_nothing_of_the_installation(locked: httpx.Client) -> None:
    assert (locked.get("/health").status_code, locked.get("/health").json()) == (503, {"status": "degraded"})
    known = locked.get("/health", headers={"Authorization": f"Bearer {TOKEN}"})
    assert known.json()["database"] == "ok"


def test_assets_are_asked_for_anew_so_that_versions_never_mix(client: httpx.Client) -> None:
    answer = client.get("/static/css/base.css")
    assert answer.headers["cache-control"] == "no-cache"
    again = client.get("/static/css/base.css", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.headers["cache-control"]) == (304, "no-cache")
    assert client.get("/api/projects").headers["cache-control"] == "no-store"


def test_the_token_opens(locked: httpx.Client) -> None:
    assert locked.get("/api/projects", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
    for wrong in ("Bearer x", f"Basic {TOKEN}", "Bearer", f"Bearer {TOKEN}é"):
        answer = locked.get("/api/projects", headers={"Authorization": wrong.encode()})
        assert error_of(answer) == (401, "unauthorized")


def test_a_session_is_a_signed_cookie(locked: httpx.Client, settings: Settings) -> None:
    assert error_of(locked.post("/api/session", json={"token": "wrong"})) == (401, "unauthorized")
    answer = locked.post("/api/session", json={"token": TOKEN})
    cookie = answer.headers["set-cookie"].lower()
    assert answer.status_code == 204
    assert cookie.startswith(f"protodex_session_{settings.port}=")
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert TOKEN not in cookie
    assert locked.get("/api/projects").status_code == 200

    name, value = next(iter(locked.cookies.items()))
    until, signature = value.split(".")
    for forged in (f"{int(until) + 1}.{signature}", f"{until}.{'0' * 64}", "x", "", "9999999999."):
        locked.cookies.clear()
        assert locked.get("/api/projects", headers={"Cookie": f"{name}={forged}"}).status_code == 401
    signed_out = locked.delete("/api/session", headers={"Cookie": f"{name}={value}"})
    assert "max-age=0" in signed_out.headers["set-cookie"].lower()


def test_over_https_no_other_origin_can_set_the_session(locked: httpx.Client, settings: Settings) -> None:
    host = f"{locked.base_url.host}:{locked.base_url.port}"
    answer = locked.post("/api/session", json={"token": TOKEN}, headers={"Origin": f"https://{host}"})
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"__Host-protodex_session_{settings.port}=")
    assert "; Secure" in cookie
    assert "; Path=/" in cookie
    assert "domain" not in cookie.lower()
    session = {"Cookie": cookie.partition(";")[0]}
    assert locked.get("/api/projects", headers=session).status_code == 200
    signed_out = locked.delete("/api/session", headers={**session, "Origin": f"https://{host}"}).headers["set-cookie"]
    assert signed_out.startswith("__Host-")
    assert "; Secure" in signed_out


def test_a_cookie_tossed_from_a_sibling_signs_nobody_out(locked: httpx.Client) -> None:
    locked.post("/api/session", json={"token": TOKEN})
    name, value = next(iter(locked.cookies.items()))
    locked.cookies.clear()
    for both in (f"{name}=forged; {name}={value}", f"{name}={value}; {name}=forged"):
        assert locked.get("/api/projects", headers={"Cookie": both}).status_code == 200


def test_the_studio_lets_a_signed_in_person_into_a_guarded_preview(locked: httpx.Client, settings: Settings) -> None:
    database = open_database(settings.database)
    project, _ = Store(database).create_project("A list", None, None)
    database.close()
    at = f"/api/projects/{project.id}/preview"
    assert error_of(locked.get(at)) == (401, "unauthorized")
    target = urlsplit(locked.get(at, headers={"Authorization": f"Bearer {TOKEN}"}).headers["location"])
    assert target.netloc == f"{project.slug}.localhost:{settings.preview_port}"
    ticket = parse_qs(target.query)["ticket"][0]
    assert is_ticket(preview_secret(TOKEN), project.slug, ticket, time.time())
