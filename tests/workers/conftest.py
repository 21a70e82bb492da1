"""What the stories of one build need: a service in this process, without a broker, with a host that runs no app."""

import threading
from collections.abc import Callable, Iterator

import pytest

from builder.settings import Settings
from builder.testing import ScriptedBuild
from workers.database import Database
from workers.host_client import HostClient
from workers.queue import Queue
from workers.run import Service
from workers.store import Store
from workers.testing import ScriptedHost


@pytest.fixture
def host(settings: Settings) -> Iterator[ScriptedHost]:
    with ScriptedHost(settings.host_socket) as host:
        yield host


@pytest.fixture
def service(settings: Settings, database: Database, host: ScriptedHost) -> Iterator[Service]:
    """No broker here: a build runs without one, only nobody is woken up."""
    service = Service(
        settings,
        database,
        Queue(settings.broker),
        HostClient(settings.host_socket, patience=0.2),
        ScriptedBuild(),
        "w1",
    )
    yield service
    service.host.close()
    service.queue.close()


@pytest.fixture
def store(database: Database) -> Store:
    return Store(database)


def wait_for(holds: Callable[[], bool]) -> None:
    """Until it holds; a while later what follows fails instead."""
    waited = threading.Event()
    for _ in range(200):
        if holds():
            return
        waited.wait(0.05)
