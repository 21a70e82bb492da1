"""One HTTP/1.1 exchange with an app over its unix socket. A connection of its own each: none is ever stale."""

import asyncio
from pathlib import Path
from typing import Self

import h11

CHUNK = 64 * 1024
LONGEST_HEAD = 64 * 1024


class UpstreamGoneError(Exception):
    """The app ended, refused the connection or broke the protocol."""


class Upstream:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
        self._reader, self._writer = reader, writer
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=LONGEST_HEAD)

    @classmethod
    async def open(cls, socket: Path) -> Self:
        try:
            return cls(*await asyncio.open_unix_connection(socket, limit=CHUNK))
        except OSError as error:
            raise UpstreamGoneError(str(error)) from error

    async def send(self, event: h11.Request | h11.Data | h11.EndOfMessage) -> None:
        try:
            self._writer.write(self._http.send(event) or b"")
            await self._writer.drain()
        except (OSError, h11.LocalProtocolError) as error:
            raise UpstreamGoneError(str(error)) from error

    async def receive(self) -> h11.Response | h11.Data | h11.EndOfMessage:
        """The next part of the answer; what comes before the final one (100, 103) is passed over."""
        while True:
            try:
                event = self._http.next_event()
                if event is h11.NEED_DATA:
                    self._http.receive_data(await self._reader.read(CHUNK))
                    continue
            except (OSError, h11.RemoteProtocolError) as error:
                raise UpstreamGoneError(str(error)) from error
            if isinstance(event, h11.Response | h11.Data | h11.EndOfMessage):
                return event
            if not isinstance(event, h11.InformationalResponse):
                raise UpstreamGoneError("The app closed the connection.")

    def close(self) -> None:
        self._writer.close()


async def healthy(socket: Path) -> bool:
    """Whether `GET /health` answers 200. An app that is still starting has the question wait in its backlog."""
    upstream = await Upstream.open(socket)
    try:
        await upstream.send(h11.Request(method="GET", target="/health", headers=[("host", "localhost")]))
        await upstream.send(h11.EndOfMessage())
        response = await upstream.receive()
        return isinstance(response, h11.Response) and response.status_code == 200
    finally:
        upstream.close()
