"""How the installation is: for people, for probes and for Prometheus."""

from collections.abc import Iterator

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import InstrumentedAttribute, Session

from web.api.service import Service, WebService
from workers.models import Build, BuildStatus, Project, StoredEvent
from workers.queue import BrokerUnavailableError

router = APIRouter(tags=["health"])
BUCKETS = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800)


@router.get("/health")
def health(request: Request, service: Service) -> JSONResponse:
    """200 when everything a build needs is there, 503 otherwise; to whoever is signed in, how each part is."""
    parts = {"database": _database(service), "broker": "ok", "host": "ok" if service.host.healthy() else "down"}
    workers = []
    try:
        workers = service.queue.workers()
        parts["worker"] = "ok" if workers else "down"
    except BrokerUnavailableError:
        parts |= {"broker": "down", "worker": "unknown"}
    well = all(state == "ok" for state in parts.values())
    running = sum(len(worker.get("running", ())) for worker in workers)
    answer = {"status": "ok" if well else "degraded", **parts, "workers": len(workers), "running": running}
    return JSONResponse(answer if request.state.signed_in else {"status": answer["status"]}, 200 if well else 503)


@router.get("/metrics", response_class=Response)
def metrics(service: Service) -> Response:
    """Prometheus. Read from the tables, so that every web process tells the same."""
    registry = CollectorRegistry()
    registry.register(_Tables(service))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


def _database(service: WebService) -> str:
    try:
        service.database.ping()
    except SQLAlchemyError:
        return "down"
    return "ok"


class _Tables(Collector):
    def __init__(self, service: WebService) -> None:
        self.service = service

    def collect(self) -> Iterator[Metric]:
        with self.service.database.read() as session:
            builds = _counts(session, Build.status)
            projects = _counts(session, Project.status)
            events = session.scalar(select(func.max(StoredEvent.id))) or 0
            ended = select(Build.started_at, Build.finished_at).where(Build.status == BuildStatus.SUCCEEDED)
            spans = session.execute(ended.order_by(Build.finished_at.desc()).limit(10_000)).all()
        yield _gauge("protodex_builds", "Builds by status.", builds, [status.value for status in BuildStatus])
        yield _gauge("protodex_projects", "Projects by status.", projects, [])
        yield GaugeMetricFamily("protodex_events", "Events stored so far.", value=events)
        yield _histogram([(end - start).total_seconds() for start, end in spans if start and end])
        try:
            yield GaugeMetricFamily("protodex_queue_length", "Messages in the broker.", self.service.queue.length())
            yield GaugeMetricFamily("protodex_workers", "Workers that are there.", len(self.service.queue.workers()))
        except BrokerUnavailableError:
            yield GaugeMetricFamily("protodex_workers", "Workers that are there.", 0)


def _counts(session: Session, status: InstrumentedAttribute[str]) -> dict[str, int]:
    rows = session.execute(select(status, func.count()).group_by(status)).all()
    return {row[0]: row[1] for row in rows}


def _gauge(name: str, text: str, values: dict[str, int], always: list[str]) -> Metric:
    family = GaugeMetricFamily(name, text, labels=["status"])
    for status in sorted({*values, *always}):
        family.add_metric([status], values.get(status, 0))
    return family


def _histogram(seconds: list[float]) -> Metric:
    text = "How long successful builds took, with the waiting for a retry."
    family = HistogramMetricFamily("protodex_build_seconds", text)
    buckets = [(str(float(bound)), float(sum(s <= bound for s in seconds))) for bound in BUCKETS]
    family.add_metric([], [*buckets, ("+Inf", float(len(seconds)))], sum(seconds))
    return family
