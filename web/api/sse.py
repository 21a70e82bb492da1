"""The events of a project as a stream: read from the table, so a reader that comes back misses nothing.

The broker wakes a waiting stream up, and passes on the step that is being written, which no table keeps. Such an
event has no id, so that coming back still means: after the last row. Without a broker the table is read every second.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Header, Query
from fastapi.concurrency import run_in_threadpool
from sse_starlette import EventSourceResponse, ServerSentEvent

from web.api.errors import ApiError
from web.api.service import Service
from web.api.wakeups import Wakeups
from web.words import sentence
from workers.models import StoredEvent
from workers.store import NotFoundError, Store

HEARTBEAT_SECONDS, POLL_SECONDS, BATCH = 15, 1.0, 500
router = APIRouter(prefix="/api/projects", tags=["events"])


@router.get("/{project_id}/events", response_class=EventSourceResponse)
async def stream_events(
    project_id: str,
    service: Service,
    last_event_id: Annotated[str | None, Header()] = None,
    after: Annotated[int, Query(ge=0, lt=10**18)] = 0,
) -> EventSourceResponse:
    """Server-sent events. Everything from the start, or from after `Last-Event-ID` (or `after`)."""
    await run_in_threadpool(service.store.project, project_id)
    if last_event_id and not (last_event_id.isascii() and last_event_id.isdigit() and len(last_event_id) < 19):
        raise ApiError(422, "invalid", sentence("error.event_id"))
    start = int(last_event_id) if last_event_id else after
    return EventSourceResponse(
        _follow(service.store, service.wakeups, project_id, start),
        ping=HEARTBEAT_SECONDS,
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _follow(store: Store, wakeups: Wakeups, project_id: str, after: int) -> AsyncIterator[ServerSentEvent]:
    yield ServerSentEvent(retry=1000, comment="connected")
    with wakeups.listen(project_id) as news:
        newest = await wakeups.newest(project_id)
        read_at = -POLL_SECONDS
        while True:
            hinted, live = news.take()
            if hinted or time.monotonic() - read_at >= POLL_SECONDS:
                read_at = time.monotonic()
                rows = await run_in_threadpool(store.events, project_id, after, BATCH)
                for row in rows:
                    yield _message(row)
                    after = row.id
                news.rows |= len(rows) == BATCH
                if not rows and not await run_in_threadpool(_exists, store, project_id):
                    return
            newest = live or newest
            if not news.rows:  # what is stored comes first
                if newest is not None:
                    yield ServerSentEvent(event="step", data=json.dumps(newest, ensure_ascii=False))
                    newest = None
                with suppress(TimeoutError):
                    await asyncio.wait_for(news.woken.wait(), POLL_SECONDS)


def _exists(store: Store, project_id: str) -> bool:
    try:
        store.project(project_id)
    except NotFoundError:
        return False
    return True


def _message(row: StoredEvent) -> ServerSentEvent:
    data = {**row.data, "build_id": row.build_id, "at": row.at.isoformat()}
    return ServerSentEvent(id=str(row.id), event=row.event, data=json.dumps(data, ensure_ascii=False))
