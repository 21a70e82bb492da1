"""A new release takes over with the data, or nothing changes."""

import os
import shutil
import signal
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest


def rows(path, query="SELECT text FROM note ORDER BY id"):
    connection = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
    try:
        return [row[0] for row in connection.execute(query)]
    finally:
        connection.close()


def write(host, slug, text):
    assert host.post(slug, "/api/notes", json={"text": text}).status_code == 201


def test_data_goes_along_migrated_and_the_old_release_keeps_its_own(host):
    first = host.serve("shop")
    write(host, "shop", "milk")
    host.serve("shop")
    assert host.get("shop", "/api/version").json() == {"version": "2"}
    assert host.get("shop", "/api/notes").json() == ["seeded", "milk"]
    assert rows(first / "snapshot.sqlite") == ["seeded", "milk"]
    assert rows(first / "snapshot.sqlite", "SELECT release FROM migrated") == ["1"]
    assert [path.name for path in (host.data / "host" / "shop").glob("data-*")] == [current(host)["data"]]


def test_files_that_people_sent_go_along_and_come_back_with_a_restored_release(host):
    first = host.serve("shop")
    kept, later = "0" * 32 + ".png", "f" * 32 + ".pdf"
    with host.client("shop") as client:
        assert client.put(f"/api/files/{kept}", content=b"picture").status_code == 201
        second = host.serve("shop")
        assert client.put(f"/api/files/{later}", content=b"paper").status_code == 201
        answer = client.get(f"/api/files/{kept}")
        assert answer.content == b"picture"
        assert "sandbox" in answer.headers.get_list("content-security-policy")
        again = host.release("shop")
        shutil.copy(first / "snapshot.sqlite", again)
        shutil.copytree(first / "snapshot.uploads", again / "snapshot.uploads")
        assert host.put("shop", again, data="snapshot").status_code == 200
        assert client.get(f"/api/files/{kept}").content == b"picture"
        assert client.get(f"/api/files/{later}").status_code == 404
    assert sorted(path.name for path in (second / "snapshot.uploads").iterdir()) == [kept, later]


def current(host, project_id="shop"):
    import json

    return json.loads((host.data / "host" / project_id / "current.json").read_text())


def test_the_first_release_starts_on_its_own_snapshot(host):
    path = host.release("shop")
    connection = sqlite3.connect(path / "snapshot.sqlite")
    connection.execute("CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT)")
    connection.execute("INSERT INTO note (text) VALUES ('from the snapshot')")
    connection.commit()
    connection.close()
    assert host.put("shop", path).status_code == 200
    assert host.get("shop", "/api/notes").json() == ["from the snapshot"]


def test_a_release_can_be_restored_with_the_data_it_had(host):
    first = host.serve("shop")
    write(host, "shop", "old")
    second = host.serve("shop")
    write(host, "shop", "new")
    again = host.release("shop")
    (again / "snapshot.sqlite").write_bytes((first / "snapshot.sqlite").read_bytes())
    assert host.put("shop", again, data="snapshot").status_code == 200
    assert host.get("shop", "/api/notes").json() == ["seeded", "old"]
    assert rows(second / "snapshot.sqlite") == ["seeded", "old", "new"]


@pytest.mark.parametrize(
    ("flaw", "code", "cause"),
    [
        ("broken_migration", "migration_failed", "no such column <price>"),
        ("crash_at_start", "start_failed", "cause of the crash"),
        ("unhealthy", "start_failed", ""),
    ],
)
def test_a_release_that_fails_changes_nothing(host, flaw, code, cause):
    host.serve("shop")
    write(host, "shop", "milk")
    before = current(host)
    answer = host.put("shop", host.release("shop", **{flaw: ""}))
    assert answer.status_code == 422
    error = answer.json()["error"]
    assert error["code"] == code
    assert error["message"].endswith(".")
    assert cause in error["log"]
    assert current(host) == before
    assert host.get("shop", "/api/notes").json() == ["seeded", "milk"]
    assert len(list((host.data / "host" / "shop").glob("data-*"))) == 1
    write(host, "shop", "still writable")


OWN = """

import sqlalchemy

@app.get("/api/own")
def own() -> str:
    return sqlalchemy.OWN
"""


def test_an_apps_own_module_comes_before_a_library_of_its_name(host):
    path = host.release("shop")
    (path / "app" / "sqlalchemy.py").write_text("OWN = 'mine'")
    main = path / "app" / "backend" / "main.py"
    main.write_text(main.read_text() + OWN)
    assert host.put("shop", path).status_code == 200
    assert host.get("shop", "/api/own").json() == "mine"
    assert host.get("shop", "/api/notes").json() == ["seeded"]


def test_a_first_release_that_fails_leaves_nothing(host):
    answer = host.put("shop", host.release("shop", crash_at_start=""))
    assert answer.status_code == 422
    assert host.control("GET", "/apps/shop").status_code == 404
    assert host.get("shop").status_code == 404
    assert list((host.data / "host" / "shop").glob("data-*")) == []


def test_a_release_that_never_answers_health_fails(make_host):
    host = make_host(start_timeout=1.5)
    answer = host.put("shop", host.release("shop", never_healthy=""))
    assert answer.status_code == 422
    assert "/health" in answer.json()["error"]["message"]


def test_no_write_is_lost_while_releases_swap(host):
    host.serve("shop")
    done = threading.Event()
    written = []

    def keep_writing(name):
        number = 0
        with host.client("shop") as client:
            while not done.is_set():
                text = f"{name}-{number}"
                if client.post("/api/notes", json={"text": text}).status_code == 201:
                    written.append(text)
                number += 1

    with ThreadPoolExecutor(3) as pool:
        writers = [pool.submit(keep_writing, name) for name in "abc"]
        for more in (5, 10):
            host.wait_until(lambda more=more: len(written) >= more)
            host.serve("shop")
        host.wait_until(lambda: len(written) >= 15)
        done.set()
        for writer in writers:
            writer.result()
    kept = host.get("shop", "/api/notes").json()
    assert set(written) <= set(kept)
    assert len(kept) == len(set(kept))


def test_reads_are_answered_all_the_while(host):
    host.serve("shop")
    done = threading.Event()
    statuses, longest = [], []

    def keep_reading():
        with host.client("shop") as client:
            while not done.is_set():
                began = time.monotonic()
                statuses.append(client.get("/api/notes").status_code)
                longest.append(time.monotonic() - began)

    with ThreadPoolExecutor(2) as pool:
        readers = [pool.submit(keep_reading) for _ in range(2)]
        host.serve("shop")
        done.set()
        for reader in readers:
            reader.result()
    assert set(statuses) == {200}


def test_what_an_app_writes_by_itself_goes_along_too(host):
    host.serve("shop")
    host.get("shop", "/api/background?seconds=30")
    host.wait_until(lambda: len(host.get("shop", "/api/notes").json()) > 5)
    first = current(host)["data"]
    watched = host.data / "host" / "shop" / first / "ticks"
    last = [0]
    done = threading.Event()

    def watch():
        while not done.is_set():
            try:
                last[0] = max(last[0], int(watched.read_text() or 0))
            except (FileNotFoundError, ValueError):
                continue
            time.sleep(0.002)

    with ThreadPoolExecutor(1) as pool:
        watcher = pool.submit(watch)
        host.serve("shop")
        done.set()
        watcher.result()
    answer = host.get("shop", "/api/notes")
    assert answer.status_code == 200, answer.text
    assert f"tick {last[0]}" in answer.json()


def test_an_idle_app_swaps_as_well(make_host):
    host = make_host(idle_after=0.5)
    host.serve("shop")
    write(host, "shop", "milk")
    host.wait_until(lambda: host.state("shop")["state"] == "idle")
    host.serve("shop")
    assert host.get("shop", "/api/notes").json() == ["seeded", "milk"]


@pytest.mark.parametrize("how", ["symlink", "outside", "fifo", "garbage", "folder"])
def test_a_spoilt_database_harms_nobody_but_its_app(host, how):
    first = host.serve("shop")
    host.get("shop", f"/api/spoil?how={how}")
    answer = host.put("shop", host.release("shop"))
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "database_unreadable"
    data = host.control("GET", "/apps/shop/data")
    assert data.status_code == 422
    assert "root:" not in data.text
    assert not (first / "snapshot.sqlite").exists()
    assert host.control("GET", "/health").status_code == 200


def test_the_live_database_can_be_had_as_a_file(host, tmp_path):
    assert host.control("GET", "/apps/shop/data").status_code == 404
    host.serve("shop")
    write(host, "shop", "milk")
    answer = host.control("GET", "/apps/shop/data")
    assert answer.status_code == 200
    (tmp_path / "copy.sqlite").write_bytes(answer.content)
    assert rows(tmp_path / "copy.sqlite") == ["seeded", "milk"]
    counted = host.control("GET", "/apps/shop/census").json()["note"]
    assert (counted["rows"], counted["columns"]["text"]["values"]) == (2, {"milk": 1, "seeded": 1})
    host.wait_until(lambda: list((host.data / "host" / "shop").glob("copy-*")) == [])


def test_a_host_killed_in_the_middle_of_a_swap_loses_nothing(host):
    host.serve("shop")
    write(host, "shop", "milk")
    path = host.release("shop")
    with ThreadPoolExecutor(1) as pool:
        swap = pool.submit(host.put, "shop", path)
        host.wait_until(lambda: len(list((host.data / "host" / "shop").glob("data-*"))) == 2)
        os.kill(host.process.pid, signal.SIGKILL)
        host.process.wait()
        assert swap.exception() is not None
    host.start()
    assert len(list((host.data / "host" / "shop").glob("data-*"))) == 1
    assert host.get("shop", "/api/notes").json() == ["seeded", "milk"]
