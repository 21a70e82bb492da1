"""Artifacts and decks on a real host: plain files, answered by the host itself, with nothing running behind them."""

import os
import shutil

import httpx
import pytest

PAGE = "<!doctype html><html lang=en><title>Deck</title><h1>Bicycles</h1>"
FILES = {"index.html": PAGE, "deck.js": "'use strict'", "assets/picture.svg": "<svg/>", "assets/more/index.html": "in"}


def make(host, project_id, files=FILES):
    number = host.releases[project_id] = host.releases.get(project_id, 0) + 1
    path = host.data / "projects" / project_id / "releases" / str(number)
    for name, text in files.items():
        file = path / "app" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def serve(host, project_id, files=FILES):
    path = make(host, project_id, files)
    answer = host.put(project_id, path)
    assert answer.status_code == 200, answer.text
    return path


@pytest.fixture
def deck(shared_host):
    serve(shared_host, "deck")
    yield shared_host
    shared_host.control("DELETE", "/apps/deck")


def test_its_files_are_served_with_nothing_running(deck):
    page = deck.get("deck")
    assert (page.status_code, page.text) == (200, PAGE)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["cache-control"] == "no-store"
    assert "connect-src 'self'" in page.headers["content-security-policy"]
    picture = deck.get("deck", "/assets/picture.svg?v=1")
    assert (picture.headers["content-type"], picture.text) == ("image/svg+xml", "<svg/>")
    assert deck.get("deck", "/assets/more/").text == "in"
    state = deck.state("deck")
    assert (state["state"], state["memory_mb"], state["error"]) == ("running", 0, None)
    assert state["last_request_at"]
    assert deck.control("GET", "/apps/deck/log").text == ""
    assert deck.control("GET", "/apps/deck/data").status_code == 404


def test_what_did_not_change_is_not_sent_again(deck):
    first = deck.get("deck", "/deck.js")
    assert first.headers["cache-control"] == "no-cache"
    again = deck.get("deck", "/deck.js", headers={"if-none-match": f'W/"other", W/{first.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    with deck.client("deck") as client:
        head = client.head("/deck.js")
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(len(first.content)))


@pytest.mark.parametrize(
    ("asked", "status", "content", "told"),
    [
        ("bytes=0-3", 206, b"'use", "bytes 0-3/12"),
        ("bytes=5-", 206, b"strict'", "bytes 5-11/12"),
        ("bytes=-3", 206, b"ct'", "bytes 9-11/12"),
        ("bytes=0-999999", 206, b"'use strict'", "bytes 0-11/12"),
        ("bytes=12-", 416, b"", "bytes */12"),
        ("bytes=4-2", 200, b"'use strict'", None),
        ("bytes=0-1,4-5", 200, b"'use strict'", None),
        ("lines=1-2", 200, b"'use strict'", None),
    ],
)
def test_a_player_may_ask_for_a_part(deck, asked, status, content, told):
    answer = deck.get("deck", "/deck.js", headers={"range": asked})
    assert (answer.status_code, answer.content, answer.headers.get("content-range")) == (status, content, told)


HOSTILE = [
    "/../release.json", "/%2e%2e/release.json", "/assets/../../release.json", "/..%2frelease.json", "//etc/passwd",
    "/assets//picture.svg", "/%00", "/assets%5c..%5c..", "/.git/config", "/assets", "/assets/picture.svg/",
    "/linked.txt", "/folder/hosts", "/pipe", "/" + "a/" * 40, "/" + "a" * 300, "/gone.html", "/%ff%fe", "/~root",
]  # fmt: skip


def test_no_path_leads_out_of_the_release(shared_host, tmp_path):
    path = make(shared_host, "trap", {**FILES, ".git/config": "secret"})
    (path / "release.json").write_text("{}")
    (path / "app" / "linked.txt").symlink_to("/etc/hosts")
    (path / "app" / "folder").symlink_to("/etc")
    os.mkfifo(path / "app" / "pipe")
    assert shared_host.put("trap", path).status_code == 200
    for target in HOSTILE:
        url = httpx.URL(f"http://127.0.0.1:{shared_host.port}", raw_path=target.encode())
        with shared_host.client("trap") as client:
            answer = client.get(url, headers={"accept": "text/html"})
        assert answer.status_code in {400, 404}, target
        assert not [word for word in ("secret", "localhost", "root:") if word in answer.text]
        assert "content-security-policy" in answer.headers
    assert "There is no such page" in answer.text
    shared_host.control("DELETE", "/apps/trap")


def test_nothing_can_be_sent_to_it(deck):
    answer = deck.post("deck", "/", json={})
    assert (answer.status_code, answer.json()["error"]["code"]) == (405, "read_only")


def test_a_release_without_a_page_is_no_release(shared_host):
    path = make(shared_host, "empty", {"README.md": "nothing here"})
    answer = shared_host.put("empty", path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "no_release")


def test_releases_follow_each_other_and_survive_a_restart(make_host):
    host = make_host()
    serve(host, "deck")
    etag = host.get("deck", "/deck.js").headers["etag"]
    serve(host, "deck", {**FILES, "index.html": "second"})
    assert host.get("deck").text == "second"
    assert host.get("deck", "/deck.js").headers["etag"] != etag
    assert host.put("deck", make(host, "deck", {"backend/main.py": "import nowhere", "index.html": "x"})).is_error
    assert host.get("deck").text == "second"
    host.stop()
    host.start()
    assert host.get("deck").text == "second"
    assert host.state("deck")["state"] == "running"
    assert host.control("DELETE", "/apps/deck").status_code == 204
    assert host.get("deck").status_code == 404


def test_data_outlives_a_release_without_a_back_end(make_host):
    host = make_host()
    host.serve("demo")
    with host.client("demo") as client:
        before = client.get("/health")
    assert before.status_code == 200
    static = make(host, "demo")
    assert host.put("demo", static).status_code == 200
    assert host.get("demo").text == PAGE
    assert host.state("demo")["memory_mb"] == 0
    assert host.control("GET", "/apps/demo/data").status_code == 200
    host.serve("demo")
    assert host.get("demo", "/health").status_code == 200


def test_a_deleted_folder_is_a_page_that_is_not_there(shared_host):
    path = serve(shared_host, "lost")
    shutil.rmtree(path)
    assert shared_host.get("lost").status_code == 404
    shared_host.control("DELETE", "/apps/lost")
