"""docker-compose.yml: valid by the Compose specification, in step with the settings, and no more open than needed."""

import json
import re
import tomllib
from pathlib import Path

import pytest
import yaml
from compose_spec import PyCompose

from builder.settings import Settings, read_settings
from web.launcher import check_bind

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "docker-compose.yml").read_text()
OURS = ("web", "worker", "host")
VARIABLE = re.compile(r"\$\{(?P<name>[A-Z_]+)(?::(?P<kind>[-?])(?P<rest>[^}]*))?\}")
GIVEN = {"PROTODEX_TOKEN": "a-long-secret", "POSTGRES_PASSWORD": "letters"}


def filled_in(text: str, given: dict[str, str]) -> str:
    """What Compose makes of the variables: their default, or a refusal where one has to be set."""

    def value(match: re.Match[str]) -> str:
        if match["name"] in given:
            return given[match["name"]]
        assert match["kind"] == "-", f"{match['name']} has to be set"
        return match["rest"]

    return VARIABLE.sub(value, text)


@pytest.fixture(scope="module")
def services() -> dict[str, dict]:
    return yaml.safe_load(filled_in(TEXT, GIVEN))["services"]


def parse(document: dict) -> PyCompose:
    return PyCompose.from_json(json.dumps(document))


def test_it_is_valid_by_the_compose_specification():
    compose = parse(yaml.safe_load(filled_in(TEXT, GIVEN)))
    compose.validate()
    assert set(compose.service_names()) == {"web", "worker", "host", "redis", "postgres", "model", "search"}


def test_the_validation_sees_mistakes():
    document = yaml.safe_load(filled_in(TEXT, GIVEN))
    document["services"]["web"]["healthcheck"]["intervall"] = "3s"
    with pytest.raises(ValueError, match="intervall"):
        parse(document)
    document = yaml.safe_load(filled_in(TEXT, GIVEN))
    document["services"]["web"]["networks"] = ["nowhere"]
    with pytest.raises(ValueError, match="nowhere"):
        parse(document).validate()


@pytest.mark.parametrize("name", OURS)
def test_every_setting_in_it_is_known_and_readable(name, services, monkeypatch):
    environment = {key: str(value) for key, value in services[name]["environment"].items()}
    for key in Settings.model_fields:
        monkeypatch.delenv(f"PROTODEX_{key.upper()}", raising=False)
    for key, value in environment.items():
        monkeypatch.setenv(key, value)
    settings = read_settings()
    assert settings.data == Path("/data")
    check_bind(settings)  # open to the other containers, and so behind the token


def test_every_variable_is_a_setting_or_named_at_the_top():
    ours = {match["name"] for match in VARIABLE.finditer(TEXT)}
    known = {f"PROTODEX_{name.upper()}" for name in Settings.model_fields}
    assert ours - known == {"POSTGRES_PASSWORD", "GPU_COUNT", "GPU_MEMORY_FRACTION", "SEARXNG_SECRET"}


@pytest.mark.parametrize("missing", sorted(GIVEN))
def test_secrets_have_no_default(missing):
    with pytest.raises(AssertionError, match=missing):
        filled_in(TEXT, {key: value for key, value in GIVEN.items() if key != missing})


def test_only_worker_and_host_may_make_sandboxes(services):
    loosened = {
        name for name, service in services.items() if any("unconfined" in o for o in service.get("security_opt", []))
    }
    assert loosened == {"worker", "host"}
    assert not any(service.get("privileged") or service.get("cap_add") for service in services.values())
    assert all(services[name]["cap_drop"] == ["ALL"] for name in OURS)


def test_the_host_holds_no_key(services):
    assert not {"DATABASE_URL", "REDIS_URL", "PROTODEX_MODEL_KEY"} & set(services["host"]["environment"])


def test_stores_are_out_of_reach_and_ports_are_on_loopback(services):
    assert services["redis"]["networks"] == services["postgres"]["networks"] == ["back"]
    published = [port for service in services.values() for port in service.get("ports", [])]
    assert sorted(published) == ["127.0.0.1:8000:8000", "127.0.0.1:8001:8001", "127.0.0.1:8888:8080"]


def test_every_service_says_whether_it_is_healthy(services):
    assert all(service["healthcheck"]["test"][0] == "CMD" for service in services.values())


def test_the_model_is_served_by_profile_with_speculative_decoding(services):
    model = services["model"]
    assert model["profiles"] == ["gpu"]
    flags = dict(part.removeprefix("--").split("=", 1) for part in model["command"] if "=" in part)
    assert flags["model-path"] == "zai-org/GLM-4.5-Air-FP8"
    assert flags["port"] == "30000"
    assert flags["speculative-algorithm"] == "EAGLE"
    assert int(flags["speculative-num-draft-tokens"]) == int(flags["speculative-num-steps"]) + 1
    assert not any(service.get("profiles") for name, service in services.items() if name not in {"model", "search"})


def test_the_search_is_served_by_profile_with_json(services):
    search = services["search"]
    assert search["profiles"] == ["search"]
    assert re.fullmatch(r"docker\.io/searxng/searxng:\d{4}\.\d+\.\d+-[0-9a-f]+", search["image"])
    source, target, mode = search["volumes"][0].split(":")
    assert (target, mode) == ("/etc/searxng/settings.yml", "ro")
    settings = yaml.safe_load((ROOT / source).read_text())
    assert "json" in settings["search"]["formats"]
    assert settings["use_default_settings"] is True
    assert settings["server"]["limiter"] is False  # with it SearXNG refuses a program's requests
    assert search["networks"] == ["front"]  # beside the worker, out of reach of the stores


def test_the_image_holds_every_package():
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"][
        "packages"
    ]
    dockerfile = (ROOT / "docker" / "Dockerfile").read_text()
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    for package in packages:
        assert f" {package} {package}\n" in dockerfile
        assert f"!{package}" in ignored
