"""The worker process: Celery on the service's queue, with a sweeper beside it. Ids come in, one call goes out."""

import logging
import os
import socket
import threading
import warnings
from datetime import timedelta
from typing import Any

from celery import signals
from celery.exceptions import SecurityWarning

from builder.settings import Settings
from workers.claims import LEASE
from workers.database import migrate, open_database
from workers.host_client import HostClient
from workers.models import new_id
from workers.queue import RUN_BUILD, Queue
from workers.run import Builder, Service, rest, run_build
from workers.sweeper import SWEEP_SECONDS, Sweeper

log = logging.getLogger(__name__)


def run_worker(settings: Settings) -> None:
    """The whole process: builds are run by the real path, two at a time or half as many as there are cores."""
    from workers.path_builder import open_path  # the whole path: only the real worker needs it

    service = open_service(settings, open_path(settings))
    code = serve_builds(service, concurrency=max(2, min(4, (os.cpu_count() or 2) // 2)))
    if code:
        raise SystemExit(code)


def open_service(settings: Settings, builder: Builder, lease: timedelta = LEASE) -> Service:
    database = open_database(settings.database)
    migrate(database)
    name = f"{socket.gethostname()}-{os.getpid()}-{new_id(4)}"
    return Service(settings, database, Queue(settings.broker), HostClient(settings.host_socket), builder, name, lease)


def serve_builds(service: Service, concurrency: int = 2, sweep_seconds: float = SWEEP_SECONDS) -> int:
    """Work until SIGTERM or SIGINT; then running builds go back to the queue, and the exit code is returned."""
    celery = service.queue.celery
    service.scoring = threading.Semaphore(max(1, concurrency - 1))
    sweeper = Sweeper(service, sweep_seconds)

    @celery.task(name=RUN_BUILD)
    def run(build_id: str) -> None:
        run_build(service, build_id)

    def stopping(**_: Any) -> None:
        service.stopping.set()

    def ready(**_: Any) -> None:
        sweeper.start()
        rest(service)
        log.info("worker %s is ready for %d builds at a time", service.name, concurrency)

    signals.worker_ready.connect(ready, weak=False)
    signals.worker_shutting_down.connect(stopping, weak=False)
    warnings.filterwarnings("ignore", category=SecurityWarning)  # as root; it is for brokers that carry pickles
    worker = celery.Worker(
        pool="threads",
        concurrency=concurrency,
        hostname=f"protodex@{service.name}",
        without_gossip=True,
        without_mingle=True,
        quiet=True,
    )
    try:
        worker.start()
    finally:
        sweeper.stop()
        service.queue.withdraw_worker(service.name)
        service.builder.close()
        service.host.close()
        service.database.close()
    return int(worker.exitcode or 0)
