"""The programs that builds and previews are made of really run under the filter and the limits."""

import importlib.util
import shutil
import socket
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from builder.sandbox import APP, BROWSER_LIMITS, NODE_LIMITS, PREVIEW_LIMITS, Command, Mount, Sandbox

from .conftest import python_command

ASGI = """
async def app(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/html")]})
        await send({"type": "http.response.body", "body": b"<h1>hello</h1>"})
"""


def uvicorn(fd: int) -> str:
    return f"import uvicorn; uvicorn.run('main:app', fd={fd}, lifespan='off')"


def test_a_preview_answers_over_the_socket_that_the_host_opened(sandbox: Sandbox, app: Path, home: Path):
    (app / "main.py").write_text(ASGI)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(home / "s"))
        listener.listen()
        command = python_command(uvicorn(listener.fileno()), Mount(app, APP), inherit=(listener.fileno(),))
        process = sandbox.start(replace(command, limits=PREVIEW_LIMITS))
        with httpx.Client(transport=httpx.HTTPTransport(uds=str(home / "s")), timeout=30) as client:
            assert client.get("http://preview/").text == "<h1>hello</h1>"
        assert 5 < process.memory_mb() < 256
        process.stop()


def test_node_compiles_and_starts_threads(sandbox: Sandbox, app: Path):
    node = shutil.which("node", path="/usr/bin:/usr/local/bin")
    if node is None:
        pytest.skip("There is no Node in /usr.")
    (app / "run.mjs").write_text(
        "import { Worker } from 'node:worker_threads'\n"
        "import { execFileSync } from 'node:child_process'\n"
        "await WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]))\n"
        "console.log(execFileSync('/bin/echo', ['child']).toString().trim())\n"
        "new Worker(\"console.log('worker')\", { eval: true })\n"
    )
    finished = sandbox.run(Command((node, "run.mjs"), (Mount(app, APP),), limits=NODE_LIMITS))
    assert (finished.stdout, finished.ok) == ("child\nworker\n", True), finished


BROWSE = """
import asyncio, socket, sys, threading
import uvicorn
from playwright.sync_api import sync_playwright

listener = socket.create_server(("127.0.0.1", 0))
config = uvicorn.Config("main:app", fd=listener.fileno(), lifespan="off", log_level="error")
threading.Thread(target=uvicorn.Server(config).run, daemon=True).start()
FLAGS = "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-dev-shm-usage"
with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
    page = browser.new_page()
    page.goto(f"http://127.0.0.1:{listener.getsockname()[1]}/")
    print(page.inner_text("h1"))
    page.screenshot(path="/app/shot.png")
    print(page.evaluate("fetch('http://127.0.0.1:HOST/').then(() => 'reached', () => 'refused')"))
    browser.close()
"""


@pytest.mark.browser
def test_chromium_opens_an_app_inside_and_reaches_nothing_outside(sandbox: Sandbox, app: Path):
    chromium = shutil.which("chromium", path="/usr/bin")
    if chromium is None or importlib.util.find_spec("playwright") is None:
        pytest.skip("There is no Chromium in /usr, or no Playwright.")
    (app / "main.py").write_text(ASGI)
    with socket.create_server(("127.0.0.1", 0)) as host:
        code = BROWSE.replace("CHROMIUM", repr(chromium)).replace("HOST", str(host.getsockname()[1]))
        finished = sandbox.run(python_command(code, Mount(app, APP, True), limits=BROWSER_LIMITS))
    assert finished.stdout == "hello\nrefused\n", finished
    assert (app / "shot.png").read_bytes().startswith(b"\x89PNG")
