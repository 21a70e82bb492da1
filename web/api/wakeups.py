"""Who waits for news of a project, and what the broker passes on: hints that rows wait, and steps being written.

Losing a hint costs a second, losing a piece of a step nothing: the next one holds all of it.
"""

import asyncio
import json
import logging
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import redis.asyncio
from redis.exceptions import RedisError

from workers.queue import channel, live_key, redis_url

RECONNECT_SECONDS, ASK_SECONDS = 1.0, 1.0
MAX_LIVE_BYTES = 512_000
log = logging.getLogger(__name__)


@dataclass
class Listener:
    """One stream. Of a step being written only the newest state waits: who reads slowly gets fewer, never old ones."""

    woken: asyncio.Event = field(default_factory=asyncio.Event)
    rows: bool = True
    live: dict[str, Any] | None = None

    def take(self) -> tuple[bool, dict[str, Any] | None]:
        """Whether rows may wait, and the step that is being written; both are asked for once."""
        self.woken.clear()
        rows, live = self.rows, self.live
        self.rows, self.live = False, None
        return rows, live


class _Listening:
    def __init__(self, waiting: "dict[str, set[_Listening]]", project_id: str) -> None:
        self.waiting, self.project_id, self.listener = waiting, project_id, Listener()

    def __enter__(self) -> Listener:
        self.waiting[self.project_id].add(self)
        return self.listener

    def __exit__(self, *_: object) -> None:
        self.waiting[self.project_id].discard(self)
        if not self.waiting[self.project_id]:
            del self.waiting[self.project_id]


@dataclass
class Wakeups:
    """One subscription for the whole process, whatever the number of streams."""

    broker: str
    waiting: dict[str, set[_Listening]] = field(default_factory=lambda: defaultdict(set))

    def listen(self, project_id: str) -> _Listening:
        return _Listening(self.waiting, project_id)

    async def newest(self, project_id: str) -> dict[str, Any] | None:
        """The step that is being written right now, for a stream that has just begun."""
        url = redis_url(self.broker)
        try:
            async with redis.asyncio.Redis.from_url(
                url, socket_timeout=ASK_SECONDS, socket_connect_timeout=ASK_SECONDS
            ) as client:
                return read_live(await client.get(live_key(project_id)) or b"")
        except (RedisError, OSError) as error:
            log.debug("no newest state of %s: %s", project_id, error)
            return None

    async def run(self) -> None:
        prefix = channel("")
        while True:
            try:
                async with redis.asyncio.Redis.from_url(redis_url(self.broker)) as client, client.pubsub() as listener:
                    await listener.psubscribe(prefix + "*")
                    async for message in listener.listen():
                        if message["type"] == "pmessage":
                            self._wake(message["channel"].decode().removeprefix(prefix), message["data"])
            except (RedisError, OSError) as error:
                log.debug("no wake-ups, the table is polled: %s", error)
            await asyncio.sleep(RECONNECT_SECONDS)

    def _wake(self, project_id: str, body: bytes) -> None:
        listening = self.waiting.get(project_id)
        if not listening:
            return
        live = read_live(body)
        for one in listening:
            if live is None:
                one.listener.rows = True
            else:
                one.listener.live = live
            one.listener.woken.set()


def read_live(body: bytes | str) -> dict[str, Any] | None:
    """A step being written, or None: then the message is a hint that rows wait."""
    if not body or len(body) > MAX_LIVE_BYTES:
        return None
    try:
        live = json.loads(body)
    except ValueError:
        return None
    return live if isinstance(live, dict) and live.get("live") is True and live.get("build_id") else None
