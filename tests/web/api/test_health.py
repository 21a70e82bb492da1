"""Health and metrics with the real parts there, and with some of them gone."""

from tests.conftest import eventually, new_settings
from tests.web.api.conftest import Studio, Worker, serving


def test_health_names_every_part(studio: Studio, worker: Worker) -> None:
    eventually(lambda: studio.http.get("/health").status_code == 200)
    answer = studio.http.get("/health").json()
    assert answer == {
        "status": "ok", "database": "ok", "broker": "ok", "host": "ok", "worker": "ok", "workers": 1, "running": 0
    }  # fmt: skip
    worker.stop()
    assert studio.http.get("/health").json()["worker"] == "down"


def test_health_with_nothing_running() -> None:
    with new_settings() as settings, serving(settings) as client:
        answer = client.get("/health")
    assert answer.status_code == 503
    assert answer.json() == {
        "status": "degraded", "database": "ok", "broker": "down", "host": "down", "worker": "unknown",
        "workers": 0, "running": 0,
    }  # fmt: skip


def test_metrics_count_builds_and_their_time(studio: Studio, worker: Worker) -> None:
    studio.settled(studio.create())
    text = studio.http.get("/metrics").text
    assert 'protodex_builds{status="succeeded"} 1.0' in text
    assert 'protodex_builds{status="failed"} 0.0' in text
    assert 'protodex_projects{status="ready"} 1.0' in text
    assert "protodex_build_seconds_count 1.0" in text
    assert "protodex_queue_length 0.0" in text
    assert "protodex_workers 1.0" in text


def test_the_reference_shows_every_call_without_asking_another_site(studio: Studio) -> None:
    page = studio.http.get("/docs").text
    for path in studio.http.get("/openapi.json").json()["paths"]:
        assert path in page
    assert "https://" not in page
    assert "<script>" not in page
