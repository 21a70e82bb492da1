"""With a token, previews are private: a link from the studio lets one in."""

import time

import pytest

from workers.host.headers import PASS_COOKIE
from workers.host.tickets import make_ticket, preview_secret


@pytest.fixture
def guarded(make_host):
    host = make_host(env={"PROTODEX_TOKEN": "a long token"})
    host.serve("shop")
    host.serve("other")
    return host


def enter(host, slug, ticket_for=None, now=None):
    ticket = make_ticket(preview_secret("a long token"), ticket_for or slug, now or time.time())
    return host.get(slug, "/__protodex/enter", params={"ticket": ticket})


def test_without_a_pass_nothing_is_shown(guarded):
    for path in ("/", "/api/notes", "/openapi.json", "/__protodex/enter", "/__protodex/enter?ticket=1.x"):
        answer = guarded.get("shop", path, headers={"accept": "text/html"})
        assert answer.status_code == 401
        assert "seeded" not in answer.text
    assert guarded.get("nobody").status_code == 401  # nor whether there is such an app


def test_a_ticket_buys_a_pass_for_one_app(guarded):
    answer = enter(guarded, "shop")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    kept = answer.headers["set-cookie"]
    assert kept.startswith(f"{PASS_COOKIE}=")
    for word in ("HttpOnly", "Secure", "SameSite=None", "Partitioned", "Path=/"):
        assert word in kept
    assert "Domain" not in kept
    value = kept.partition(";")[0]
    seen = guarded.get("shop", "/api/echo", headers={"cookie": f"{value}; visitor=1"})
    assert seen.status_code == 200
    assert dict(seen.json()["headers"])["cookie"] == "visitor=1"
    assert guarded.get("other", headers={"cookie": value}).status_code == 401


def test_other_and_old_tickets_are_refused(guarded):
    assert enter(guarded, "shop", ticket_for="other").status_code == 401
    assert enter(guarded, "shop", now=time.time() - 3600).status_code == 401
