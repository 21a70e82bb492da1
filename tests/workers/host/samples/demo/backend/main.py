"""A small app that does what apps do, and what they shouldn't."""

import asyncio
import json
import os
import sqlite3
import sys
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path

from fastapi import FastAPI, Request, WebSocket
from fastapi.responses import HTMLResponse, JSONResponse, Response, StreamingResponse

DATABASE = os.environ["DATABASE_URL"].removeprefix("sqlite:///")
app = FastAPI()

print("demo: booting", flush=True)
if Path(__file__).with_name("crash_at_start").exists():
    print("demo: cause of the crash is <b>here</b>", flush=True)
    sys.exit(3)


def connect() -> sqlite3.Connection:
    connection = sqlite3.connect(DATABASE, timeout=10)
    connection.execute("CREATE TABLE IF NOT EXISTS note (id INTEGER PRIMARY KEY, text TEXT)")
    return connection


# Once and kept open: changing the mode, and the last one to close, lock all others out whatever their patience.
KEPT = connect()
KEPT.execute("PRAGMA journal_mode=WAL")


@app.get("/health")
async def health() -> Response:
    if Path(__file__).with_name("unhealthy").exists():
        return JSONResponse({"status": "down"}, 500)
    if Path(__file__).with_name("never_healthy").exists():
        await asyncio.sleep(3600)
    return JSONResponse({"status": "ok"})


@app.get("/")
def home() -> HTMLResponse:
    return HTMLResponse("<!doctype html><title>Demo</title><h1>Demo</h1><script>document.title += ' ready'</script>")


@app.get("/api/notes")
def notes() -> list[str]:
    return [text for (text,) in connect().execute("SELECT text FROM note ORDER BY id")]


@app.post("/api/notes", status_code=201)
async def write(request: Request) -> dict[str, str]:
    text = (await request.json())["text"]
    connection = connect()
    connection.execute("INSERT INTO note (text) VALUES (?)", (text,))
    connection.commit()
    return {"text": text}


@app.put("/api/files/{name}", status_code=201)
async def store(name: str, request: Request) -> dict[str, str]:
    file = Path(DATABASE).with_name("uploads") / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(await request.body())
    return {"name": name}


@app.get("/api/files/{name}")
def stored(name: str) -> Response:
    file = Path(DATABASE).with_name("uploads") / name
    if not file.is_file():
        return Response(status_code=404)
    return Response(file.read_bytes(), headers={"Content-Security-Policy": "sandbox"})


@app.api_route("/api/echo", methods=["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"])
async def echo(request: Request) -> dict[str, object]:
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
    return {
        "method": request.method,
        "size": size,
        "query": request.url.query,
        "headers": request.headers.items(),
        "client": request.client.host if request.client else None,
        "scheme": request.url.scheme,
    }


@app.get("/api/version")
def version() -> dict[str, str]:
    return {"version": Path(__file__).with_name("version").read_text()}


@app.get("/api/headers")
def headers(request: Request) -> Response:
    response = Response("set")
    for name, value in json.loads(request.query_params["set"]):
        response.raw_headers.append((name.encode(), value.encode()))
    return response


@app.get("/api/events")
async def events() -> StreamingResponse:
    async def stream() -> AsyncIterator[str]:
        for number in range(1000):
            yield f"data: {number}\n\n"
            await asyncio.sleep(0.2)

    return StreamingResponse(stream(), media_type="text/event-stream")


@app.get("/api/big")
async def big(size: int) -> StreamingResponse:
    async def stream() -> AsyncIterator[bytes]:
        for _ in range(size):
            yield b"x" * 2**20

    return StreamingResponse(stream(), media_type="application/octet-stream")


@app.get("/api/short")
async def short() -> StreamingResponse:
    async def stream() -> AsyncIterator[bytes]:
        yield b"half"
        await asyncio.sleep(0.1)
        os._exit(7)

    return StreamingResponse(stream())


cancelled = 0


@app.get("/api/patient")
async def patient() -> StreamingResponse:
    async def stream() -> AsyncIterator[bytes]:
        global cancelled
        try:
            while True:
                yield b"x"
                await asyncio.sleep(0.05)
        finally:
            cancelled += 1

    return StreamingResponse(stream())


@app.get("/api/cancelled")
async def count_cancelled() -> dict[str, int]:
    return {"cancelled": cancelled}


@app.get("/api/sleep")
async def sleep(seconds: float) -> dict[str, float]:
    await asyncio.sleep(seconds)
    return {"slept": seconds}


@app.get("/api/exit")
async def leave(code: int) -> None:
    print(f"demo: leaving with {code}", flush=True)
    os._exit(code)


@app.get("/api/allocate")
def allocate(mb: int) -> dict[str, int]:
    return {"bytes": len(bytearray(os.urandom(1024) * mb * 1024))}


@app.get("/api/background")
async def background(seconds: float) -> dict[str, bool]:
    """Keep writing without being asked, as a scheduler would."""

    def work() -> None:
        end = time.monotonic() + seconds
        number = 0
        while time.monotonic() < end:
            connection = connect()
            connection.execute("INSERT INTO note (text) VALUES (?)", (f"tick {number}",))
            connection.commit()
            connection.close()
            Path(DATABASE).with_name("ticks").write_text(str(number))
            number += 1
            time.sleep(0.01)

    threading.Thread(target=work, daemon=True).start()
    return {"started": True}


@app.get("/api/spoil")
def spoil(how: str) -> dict[str, str]:
    """What a hostile app may do to its own database file."""
    path = Path(DATABASE)
    for suffix in ("", "-wal", "-shm"):
        Path(DATABASE + suffix).unlink(missing_ok=True)
    if how == "symlink":
        path.symlink_to("/etc/passwd")
    elif how == "outside":
        path.symlink_to("../current.json")
    elif how == "fifo":
        os.mkfifo(path)
    elif how == "garbage":
        path.write_bytes(os.urandom(8192))
    elif how == "folder":
        path.mkdir()
    return {"spoiled": how}


@app.websocket("/ws")
async def websocket(socket: WebSocket) -> None:
    wanted = socket.scope["subprotocols"]
    await socket.accept(subprotocol=wanted[0] if wanted else None)
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            return
        if message.get("text") == "close":
            await socket.close(4001)
            return
        if message.get("text") is not None:
            await socket.send_text(message["text"].upper())
        else:
            await socket.send_bytes(message["bytes"][::-1])
