"""Who waits for news of a project, and the broker's hint that there is some. Losing a hint costs a second, no more."""

import asyncio
import logging
from collections import defaultdict
from dataclasses import dataclass, field

import redis.asyncio
from redis.exceptions import RedisError

from workers.queue import channel, redis_url

RECONNECT_SECONDS = 1.0
log = logging.getLogger(__name__)


class _Listening:
    def __init__(self, waiting: "dict[str, set[asyncio.Event]]", project_id: str) -> None:
        self.waiting, self.project_id, self.event = waiting, project_id, asyncio.Event()

    def __enter__(self) -> asyncio.Event:
        self.waiting[self.project_id].add(self.event)
        return self.event

    def __exit__(self, *_: object) -> None:
        self.waiting[self.project_id].discard(self.event)
        if not self.waiting[self.project_id]:
            del self.waiting[self.project_id]


@dataclass
class Wakeups:
    """One subscription for the whole process, whatever the number of streams."""

    broker: str
    waiting: dict[str, set[asyncio.Event]] = field(default_factory=lambda: defaultdict(set))

    def listen(self, project_id: str) -> _Listening:
        return _Listening(self.waiting, project_id)

    async def run(self) -> None:
        prefix = channel("")
        while True:
            try:
                async with redis.asyncio.Redis.from_url(redis_url(self.broker)) as client, client.pubsub() as listener:
                    await listener.psubscribe(prefix + "*")
                    async for message in listener.listen():
                        if message["type"] == "pmessage":
                            self._wake(message["channel"].decode().removeprefix(prefix))
            except (RedisError, OSError) as error:
                log.debug("no wake-ups, the table is polled: %s", error)
            await asyncio.sleep(RECONNECT_SECONDS)

    def _wake(self, project_id: str) -> None:
        for event in self.waiting.get(project_id, ()):
            event.set()
