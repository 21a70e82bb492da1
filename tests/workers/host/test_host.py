"""Apps are served, sleep, wake and crash, each by itself."""

import os
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path


def test_a_release_is_served_under_its_slug(host):
    path = host.release("shop")
    answer = host.put("shop", path, slug="my-shop")
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"release": 1, "url": f"http://my-shop.localhost:{host.port}/"}
    assert "Demo" in host.get("my-shop").text
    assert host.get("my-shop", "/api/notes").json() == ["seeded"]
    state = host.state("shop")
    assert (state["slug"], state["release"], state["state"], state["error"]) == ("my-shop", 1, "running", None)
    assert 10 < state["memory_mb"] < 256
    assert state["last_request_at"]


def test_an_unknown_address_says_what_to_do(host):
    for name in ("nobody", "a.b", "-"):
        answer = host.get(name, headers={"accept": "text/html"})
        assert answer.status_code == 404
        assert "studio" in answer.text
    with host.client("x") as client:
        assert client.get("/", headers={"host": f"localhost:{host.port}"}).status_code == 404
        assert client.get("/", headers={"host": "shop.localhost.example.org"}).status_code == 404


DIG = """

@app.get("/api/dig")
def dig() -> None:
    os.makedirs("/data/locked/inner")
    os.chmod("/data/locked", 0)
    os.chdir("/data")
    for n in range(1500):
        os.mkdir("deep")
        os.chdir("deep")
"""


def test_what_an_app_hides_goes_with_it(host):
    path = host.release("shop")
    main = path / "app" / "backend" / "main.py"
    main.write_text(main.read_text() + DIG)
    host.put("shop", path)
    host.get("shop", "/api/dig")  # answered, or stopped on the way: whoever hides so deep has too much on the disk
    assert next((host.data / "host" / "shop").glob("data-*/deep"))
    assert host.control("DELETE", "/apps/shop").status_code == 204
    assert not (host.data / "host" / "shop").exists()


def test_the_control_socket_is_private(host):
    assert (host.data / "run" / "host.sock").stat().st_mode & 0o777 == 0o600
    assert (host.data / "run").stat().st_mode & 0o777 == 0o700
    for path in (host.data / "run").glob("app*.sock"):
        assert path.stat().st_mode & 0o777 == 0o600


def test_orders_are_checked(host):
    path = host.release("shop")
    outside = host.data / "elsewhere"
    (outside / "app" / "backend").mkdir(parents=True)
    for bad in (outside, host.release("other"), path / ".." / ".." / ".." / "other" / "releases" / "1"):
        order = {"slug": "shop", "release": 1, "path": str(bad)}
        answer = host.control("PUT", "/apps/shop", json=order)
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "no_release")
    for slug in ("", "Shop", "a.b", "../x", "-a"):
        assert host.put("shop", path, slug=slug or "_").status_code == 422
    assert host.put("..%2Fx", path, slug="x").status_code in (404, 422)
    host.serve("other", slug_file="")
    assert host.put("shop", path, slug="other").json()["error"]["code"] == "slug_taken"


def test_an_idle_app_sleeps_and_wakes_with_its_data(make_host):
    host = make_host(idle_after=0.5)
    host.serve("shop")
    host.post("shop", "/api/notes", json={"text": "milk"})
    host.wait_until(lambda: host.state("shop")["state"] == "idle")
    assert host.state("shop")["memory_mb"] == 0
    assert list((host.data / "run").glob("app*.sock")) == []
    assert host.get("shop", "/api/notes").json() == ["seeded", "milk"]
    assert host.control("GET", "/apps/shop/log").text.count("demo: booting") == 2  # served, woken


def test_many_requests_wake_it_once(host):
    host.serve("shop")
    host.stop()
    host.start()
    assert host.state("shop")["state"] == "idle"
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: host.get("shop", "/api/notes").status_code, range(10)))
    assert answers == [200] * 10
    assert host.control("GET", "/apps/shop/log").text.count("demo: booting") == 2  # served, woken


def test_the_least_recently_used_makes_room(make_host):
    host = make_host(max_running=2)
    for name in ("one", "two"):
        host.serve(name)
    host.get("two")
    host.get("one")
    host.serve("three")
    assert {name: host.state(name)["state"] for name in ("one", "two", "three")} == {
        "one": "running",
        "two": "idle",
        "three": "running",
    }
    assert host.get("two").status_code == 200


def test_a_crash_shows_its_cause_and_is_tried_again(host):
    path = host.serve("shop")
    (path / "app" / "backend" / "crash_at_start").touch()
    assert host.get("shop", "/api/exit?code=9").status_code == 502
    answer = host.wait_until(
        lambda: (page := host.get("shop", headers={"accept": "text/html"})).status_code == 503 and page
    )
    assert "status 9" in answer.text or "status 3" in answer.text  # or it was tried again before it was looked at
    assert 'http-equiv="refresh"' in answer.text
    assert int(answer.headers["retry-after"]) >= 1
    assert host.state("shop")["state"] == "crashed"
    crashed = host.wait_until(
        lambda: (page := host.get("shop", headers={"accept": "text/html"})) and "status 3" in page.text and page
    )
    assert "cause of the crash is &lt;b&gt;here&lt;/b&gt;" in crashed.text
    api = host.get("shop", "/api/notes")
    assert (api.status_code, api.json()["error"]["code"]) == (503, "app_down")
    (path / "app" / "backend" / "crash_at_start").unlink()
    host.wait_until(lambda: host.get("shop").status_code == 200)
    assert host.state("shop")["error"] is None


def test_back_off_grows(host):
    path = host.serve("shop")
    (path / "app" / "backend" / "crash_at_start").touch()
    host.get("shop", "/api/exit?code=9")

    def starts():
        return host.control("GET", "/apps/shop/log").text.count("demo: booting")

    host.wait_until(lambda: int(host.get("shop").headers.get("retry-after", 0)) > 2)
    tried = starts()
    assert [host.get("shop").status_code for _ in range(3)] == [503] * 3
    assert starts() == tried == 2  # the first one served; then after 1 s, and not yet again


def test_an_app_that_takes_too_much_memory_is_stopped_alone(host):
    host.serve("greedy")
    host.serve("modest")
    assert host.get("greedy", "/api/allocate?mb=400").status_code in (500, 502)
    assert host.get("modest").status_code == 200
    state = host.state("greedy")
    assert state["state"] == "running" or "memory" in state["error"]


def test_a_stuck_app_blocks_nobody_else(host):
    host.serve("slow")
    host.serve("quick")
    with ThreadPoolExecutor(20) as pool:
        waiting = [pool.submit(host.get, "slow", "/api/sleep?seconds=1") for _ in range(20)]
        began = time.monotonic()
        assert host.get("quick").status_code == 200
        assert not any(future.done() for future in waiting) or time.monotonic() - began > 1
        assert {future.result().status_code for future in waiting} == {200}


def test_deleting_leaves_nothing(host):
    host.serve("shop")
    assert host.control("DELETE", "/apps/shop").status_code == 204
    assert host.get("shop").status_code == 404
    assert host.control("GET", "/apps/shop").status_code == 404
    assert not (host.data / "host" / "shop").exists()
    assert processes_of(host) == []
    assert host.control("DELETE", "/apps/shop").status_code == 204


def test_the_log_is_kept_and_capped(make_host):
    host = make_host(idle_after=0.5)
    host.serve("shop")
    host.wait_until(lambda: host.state("shop")["state"] == "idle")
    assert "demo: booting" in host.control("GET", "/apps/shop/log").text
    kept = host.data / "host" / "shop" / "app.log"
    kept.write_text("x" * 200_000)
    host.get("shop")
    host.wait_until(lambda: host.state("shop")["state"] == "idle")
    assert kept.stat().st_size <= 64 * 1024
    assert host.control("GET", "/apps/shop/log").text.count("demo: booting") == 1


def processes_of(host):
    """Everything that runs with this host's data in its command line, the host aside."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(host.data) in line and int(entry.name) != host.process.pid:
            found.append(line[:200])
    return found


def test_nothing_runs_on_when_it_is_told_to_stop(host):
    host.serve("shop")
    assert processes_of(host)
    assert host.stop() == 0
    assert processes_of(host) == []
    assert not (host.data / "run" / "host.sock").exists()
    assert list((host.data / "run").glob("app*.sock")) == []


def test_nothing_runs_on_when_it_is_killed_and_apps_come_back(host):
    host.serve("shop")
    host.post("shop", "/api/notes", json={"text": "milk"})
    assert processes_of(host)
    os.kill(host.process.pid, signal.SIGKILL)
    host.process.wait()
    host.wait_until(lambda: processes_of(host) == [])
    host.start()
    assert host.state("shop")["state"] == "idle"
    assert host.get("shop", "/api/notes").json() == ["seeded", "milk"]


def test_two_hosts_never_share_a_folder(host):
    second = subprocess.run(
        host.command,
        env={**host.env, "PROTODEX_PREVIEW_PORT": "1"},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert second.returncode != 0
    assert "already" in second.stderr
    assert host.control("GET", "/health").status_code == 200
