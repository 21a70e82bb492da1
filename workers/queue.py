"""The broker: Celery carries ids of builds, pub/sub wakes up whoever waits. The truth is in the tables.

A message that gets lost is sent again by the sweeper, and a wake-up that gets lost only costs a second. On a project's
channel an empty message is a wake-up, and any other is the JSON of a step that is being written right now.
"""

import json
import logging
from dataclasses import dataclass, field
from typing import Any

import redis
from celery import Celery
from kombu.exceptions import OperationalError

QUEUE = "builds"
RUN_BUILD = "protodex.run_build"
WORKER_KEY = "protodex:worker:"
WORKER_SECONDS = 15
LIVE_SECONDS = 15  # after a killed worker, nothing looks as if it were still being written
MAX_LIVE_BYTES = 500_000
log = logging.getLogger(__name__)


class BrokerUnavailableError(RuntimeError):
    """The broker doesn't answer."""


def make_celery(broker: str) -> Celery:
    celery = Celery("protodex", broker=broker)
    celery.conf.update(
        task_default_queue=QUEUE,
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_connection_timeout=2,
        broker_transport_options={"visibility_timeout": 3600, "socket_connect_timeout": 2, "socket_timeout": 10},
    )
    return celery


@dataclass
class Queue:
    broker: str
    celery: Celery = field(init=False)
    client: "redis.Redis" = field(init=False)

    def __post_init__(self) -> None:
        self.celery = make_celery(self.broker)
        self.client = redis.Redis.from_url(redis_url(self.broker), socket_connect_timeout=2, socket_timeout=5)

    def ping(self) -> None:
        try:
            self.client.ping()
        except redis.RedisError as error:
            raise BrokerUnavailableError(str(error)) from error

    def send(self, build_id: str) -> bool:
        """Ask for a build to be run. When the broker is gone, the row waits and the sweeper asks again."""
        try:
            self.celery.send_task(RUN_BUILD, args=[build_id], retry=False)
        except (OperationalError, redis.RedisError, OSError) as error:
            log.warning("build %s waits until the broker is back: %s", build_id, error)
            return False
        return True

    def wake(self, project_id: str) -> None:
        """Tell the streams of a project that there is something to read."""
        try:
            self.client.publish(channel(project_id), b"")
        except redis.RedisError as error:
            log.debug("no wake-up for %s: %s", project_id, error)

    def live(self, project_id: str, build_id: str, data: dict[str, Any] | None) -> bool:
        """Show what is being written: to the streams that listen, and to one that opens later. None ends it.

        False when the broker didn't take it.
        """
        try:
            if data is None:
                self.client.delete(live_key(project_id))
                return True
            body = json.dumps({"build_id": build_id, **data})
            if len(body) > MAX_LIVE_BYTES:
                return True
            with self.client.pipeline(transaction=False) as pipe:
                pipe.set(live_key(project_id), body, ex=LIVE_SECONDS)
                pipe.publish(channel(project_id), body)
                pipe.execute()
        except redis.RedisError as error:
            log.debug("nobody sees what %s writes: %s", build_id, error)
            return False
        return True

    def length(self) -> int:
        try:
            return int(self.client.llen(QUEUE))
        except redis.RedisError as error:
            raise BrokerUnavailableError(str(error)) from error

    def announce_worker(self, name: str, state: dict[str, Any]) -> None:
        try:
            self.client.set(WORKER_KEY + name, json.dumps(state), ex=WORKER_SECONDS)
        except redis.RedisError as error:
            log.debug("the worker can't say that it is there: %s", error)

    def withdraw_worker(self, name: str) -> None:
        try:
            self.client.delete(WORKER_KEY + name)
        except redis.RedisError as error:
            log.debug("the worker can't say that it is gone: %s", error)

    def workers(self) -> list[dict[str, Any]]:
        try:
            keys = sorted(self.client.scan_iter(match=WORKER_KEY + "*", count=1000))
            states = self.client.mget(keys) if keys else []
        except redis.RedisError as error:
            raise BrokerUnavailableError(str(error)) from error
        return [json.loads(state) for state in states if state]

    def close(self) -> None:
        self.client.close()
        self.celery.close()


def channel(project_id: str) -> str:
    return f"protodex:project:{project_id}"


def live_key(project_id: str) -> str:
    """Where the newest state of the step that is being written lies, as JSON, for a page that opens in mid-step."""
    return f"protodex:live:{project_id}"


def redis_url(broker: str) -> str:
    """redis-py's spelling of a broker address: Celery says `redis+socket`, redis-py `unix`."""
    return broker.replace("redis+socket://", "unix://", 1).replace("virtual_host=", "db=", 1)
