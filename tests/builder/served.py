"""A built app on loopback with its real back end, and somebody signed in where it has accounts."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from playwright.sync_api import Page

SIGN_IN = """async () => {
  const told = await fetch("/api/auth/demo");
  if (!told.ok) return;
  const { logins, password } = await told.json();
  const headers = { "content-type": "application/json" };
  await fetch("/api/auth/login", { method: "POST", headers, body: JSON.stringify({ login: logins[0], password }) });
}"""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of the app in `folder`, its database new beside it."""
    environment = os.environ | {"DATABASE_URL": f"sqlite:///{folder}/app.sqlite"}
    subprocess.run([sys.executable, "-m", "backend.migrate"], cwd=folder, env=environment, check=True)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        command = [sys.executable, "-m", "uvicorn", "backend.main:app", "--log-level=warning"]
        command += ["--fd", str(listener.fileno())]
        server = subprocess.Popen(command, cwd=folder, env=environment, pass_fds=[listener.fileno()])
        try:
            port = listener.getsockname()[1]
            _until_healthy(f"http://127.0.0.1:{port}")
            yield f"http://localhost:{port}"
        finally:
            server.terminate()
            server.wait()


def _until_healthy(address: str) -> None:
    for _ in range(200):
        try:
            httpx.get(f"{address}/health").raise_for_status()
            return
        except httpx.HTTPError:
            time.sleep(0.1)


def sign_in(page: Page) -> None:
    """As the first demo account; nothing happens in an app without accounts. The page is on the app already."""
    page.evaluate(SIGN_IN)
