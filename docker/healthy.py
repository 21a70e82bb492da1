"""Exit 0 when the named process of this container works: `healthy.py web|worker|host`. Docker calls it now and then."""

import socket
import sys

import httpx

from builder.settings import Settings, read_settings
from workers.queue import Queue

TIMEOUT = 4


def web(settings: Settings) -> bool:
    """The studio answers; that a part beside it is down is that part's own finding."""
    return httpx.get(f"http://127.0.0.1:{settings.port}/health", timeout=TIMEOUT).status_code in (200, 503)


def host(settings: Settings) -> bool:
    with httpx.Client(transport=httpx.HTTPTransport(uds=str(settings.host_socket)), timeout=TIMEOUT) as client:
        return client.get("http://host/health").status_code == 200


def worker(settings: Settings) -> bool:
    """This container's worker told the broker that it is there, a few seconds ago at most."""
    queue = Queue(settings.broker)
    try:
        return any(str(state.get("name", "")).startswith(f"{socket.gethostname()}-") for state in queue.workers())
    finally:
        queue.close()


if __name__ == "__main__":
    sys.exit(0 if {"web": web, "worker": worker, "host": host}[sys.argv[1]](read_settings()) else 1)
