"""Carry one WebSocket to an app and back, message by message. Knows nothing of what they say."""

import asyncio
from typing import Any

from websockets.asyncio.client import ClientConnection, unix_connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.typing import Subprotocol

from workers.host.gate import Gate
from workers.host.headers import forwarded
from workers.host.instance import Instance
from workers.host.proxy import Receive, Scope, Send, target
from workers.host.upstream import UpstreamGoneError

LARGEST_MESSAGE = 1024 * 1024
LONGEST_QUEUE = 2  # messages that wait for the browser: each is held in the host's own memory
OPEN_TIMEOUT = 15
GOING_AWAY, TRY_AGAIN = 1001, 1012
HANDSHAKE = frozenset(
    b"host connection upgrade sec-websocket-key sec-websocket-version sec-websocket-extensions "
    b"sec-websocket-protocol origin user-agent content-length".split()
)


async def forward_websocket(scope: Scope, receive: Receive, send: Send, instance: Instance, gate: Gate) -> None:
    await receive()  # the browser's wish to connect
    try:
        app = await _connect(scope, instance)
    except InvalidStatus:
        await send({"type": "websocket.close", "code": 1008})  # refused by the app: so do we
        return
    except (OSError, WebSocketException, TimeoutError) as error:
        raise UpstreamGoneError(str(error)) from error
    async with app:
        await send({"type": "websocket.accept", "subprotocol": app.subprotocol})
        upward = asyncio.create_task(_upward(receive, app, gate))
        downward = asyncio.create_task(_downward(send, app))
        try:
            await asyncio.wait({upward, downward}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (upward, downward):
                task.cancel()
            await asyncio.gather(upward, downward, return_exceptions=True)


async def _connect(scope: Scope, instance: Instance) -> ClientConnection:
    client = scope["client"][0] if scope.get("client") else "127.0.0.1"
    scheme = "https" if scope["scheme"] == "wss" else "http"
    host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "localhost")
    headers = [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, value in forwarded(scope["headers"], client, scheme)
        if name not in HANDSHAKE
    ]
    return await unix_connect(
        str(instance.socket),
        f"ws://{host}{target(scope).decode('latin-1')}",
        additional_headers=headers,
        subprotocols=[Subprotocol(name) for name in scope.get("subprotocols", [])] or None,
        compression=None,
        max_size=LARGEST_MESSAGE,
        max_queue=LONGEST_QUEUE,
        open_timeout=OPEN_TIMEOUT,
        user_agent_header=None,
        origin=None,
        proxy=None,
    )


async def _upward(receive: Receive, app: ClientConnection, gate: Gate) -> None:
    while (message := await receive())["type"] != "websocket.disconnect":
        await gate.wait(writes=True)  # a message may change data, so it waits like any other write
        content: str | bytes | None = message.get("text")
        await app.send(message.get("bytes") or b"" if content is None else content)
    await app.close(message.get("code") or 1000)


async def _downward(send: Send, app: ClientConnection) -> None:
    try:
        async for content in app:
            await send(_outgoing(content))
    except ConnectionClosed:
        pass  # its code is read below, like that of an orderly end
    code = app.close_code or TRY_AGAIN
    await send({"type": "websocket.close", "code": TRY_AGAIN if code in (1005, 1006) else code})


def _outgoing(content: str | bytes) -> dict[str, Any]:
    key = "text" if isinstance(content, str) else "bytes"
    return {"type": "websocket.send", key: content}
