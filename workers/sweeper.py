"""Bring back what got lost: builds whose worker died, and waiting builds whose message the broker lost."""

import logging
import threading
from dataclasses import dataclass, field

from sqlalchemy.exc import SQLAlchemyError

from workers.claims import runnable, take_back
from workers.queue import BrokerUnavailableError
from workers.run import Service

SWEEP_SECONDS = 2.0
log = logging.getLogger(__name__)


@dataclass
class Sweeper:
    service: Service
    seconds: float = SWEEP_SECONDS
    _ended: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="sweeper", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join(timeout=10)

    def sweep(self) -> None:
        for build_id in take_back(self.service.database):
            log.info("build %s starts again", build_id)
        self._resend()
        self.service.queue.announce_worker(
            self.service.name, {"name": self.service.name, "running": sorted(self.service.running)}
        )

    def _resend(self) -> None:
        """Ask again for builds that could run, when no message waits: a waiting one will start them anyway."""
        waiting = runnable(self.service.database)
        if waiting and self.service.queue.length() == 0:
            for build_id in waiting:
                self.service.queue.send(build_id)

    def _run(self) -> None:
        while True:
            try:
                self.sweep()
            except (SQLAlchemyError, BrokerUnavailableError) as error:
                log.warning("sweeping failed, and is tried again: %s", error)
            except Exception:  # without a sweeper, a build that lost its worker would look alive for ever
                log.exception("sweeping broke, and is tried again")
            if self._ended.wait(self.seconds):
                return
