"""The events of a project as a stream: read from the table, so a reader that comes back misses nothing.

The broker only wakes a waiting stream up. Without it the table is read every second.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Header, Query
from fastapi.concurrency import run_in_threadpool
from sse_starlette import EventSourceResponse, ServerSentEvent

from web.api.errors import ApiError
from web.api.service import Service
from web.api.wakeups import Wakeups
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
        raise ApiError(422, "invalid", "Last-Event-ID is not a number that was given out. Leave it out to start over.")
    start = int(last_event_id) if last_event_id else after
    return EventSourceResponse(
        _follow(service.store, service.wakeups, project_id, start),
        ping=HEARTBEAT_SECONDS,
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _follow(store: Store, wakeups: Wakeups, project_id: str, after: int) -> AsyncIterator[ServerSentEvent]:
    yield ServerSentEvent(retry=1000, comment="connected")
    with wakeups.listen(project_id) as woken:
        while True:
            woken.clear()
            rows = await run_in_threadpool(store.events, project_id, after, BATCH)
            for row in rows:
                yield _message(row)
                after = row.id
            if len(rows) == BATCH:
                continue
            if not rows:
                try:
                    await run_in_threadpool(store.project, project_id)
                except NotFoundError:
                    return
            with suppress(TimeoutError):
                await asyncio.wait_for(woken.wait(), POLL_SECONDS)


def _message(row: StoredEvent) -> ServerSentEvent:
    data = {**row.data, "build_id": row.build_id, "at": row.at.isoformat()}
    return ServerSentEvent(id=str(row.id), event=row.event, data=json.dumps(data, ensure_ascii=False))
