"""Model servers on this machine are found by what they answer, and our own studio is not one."""

from builder.model.discover import PORTS, Found, find_servers
from builder.testing.endpoint import FaultyEndpoint


def test_servers_are_found_in_the_order_of_their_ports():
    sglang = FaultyEndpoint(models=[{"id": "glm-4.5-air", "owned_by": "sglang"}])
    other = FaultyEndpoint(models=[{"id": "m", "owned_by": "me"}, {"id": "n"}])
    with sglang, other:
        ports = [int(e.url.rpartition(":")[2]) for e in (other, sglang)]
        assert find_servers(ports) == [
            Found("A model server", other.url, ("m", "n")),
            Found("SGLang", sglang.url, ("glm-4.5-air",)),
        ]
        assert find_servers(ports)[1].line == f"PROTODEX_MODEL_URL={sglang.url} make run"
    assert find_servers(ports) == []


def test_what_lists_no_models_is_no_model_server():
    for page in ("<html>", "[]", '{"error": {"code": "unauthorized"}}', '{"data": [3]}'):
        with FaultyEndpoint(pages={"/v1/models": page}) as studio:
            assert find_servers([int(studio.url.rpartition(":")[2])]) == []


def test_a_server_that_has_no_model_yet_is_found_all_the_same():
    with FaultyEndpoint(models=[]) as empty:
        assert [found.models for found in find_servers([int(empty.url.rpartition(":")[2])])] == [()]


def test_the_usual_ports_are_looked_at():
    assert set(PORTS) == {8002, 30000, 8000, 8080, 11434, 1234}
