"""Apps are served, sleep, wake, crash and move to new releases."""


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
