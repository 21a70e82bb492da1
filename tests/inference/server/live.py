"""A real server on a real socket, in front of a runner that says what a script tells it to."""

import json
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import openai
import uvicorn

from inference.chat.replies import Replies
from inference.chat.template import Template
from inference.chat.tokenizer import Tokenizer, stop_ids
from inference.drafting.count import DraftCount
from inference.engine import Engine
from inference.grammar import Grammars
from inference.lane import Lane
from inference.request import Request, Sampling
from inference.scheduler import Scheduler
from inference.server.app import create_app
from inference.server.service import Service
from inference.testing import CountingRunner
from tests.inference.tokenizers import VOCAB_SIZE, with_controls

BLOCKS, SIZE, CONTEXT = 64, 16, 512


@dataclass
class Live:
    """`close` ends the engine at once and has the server end soon; `thread` is over when it has."""

    service: Service
    runner: CountingRunner
    url: str
    server: uvicorn.Server
    thread: threading.Thread
    clients: list[openai.OpenAI] = field(default_factory=list)
    http: httpx.Client = field(default_factory=lambda: httpx.Client(trust_env=False, verify=False, timeout=30))

    def close(self) -> None:
        for client in (*self.clients, self.http):
            client.close()
        if isinstance(self.runner, HeldRunner):
            self.runner.go.set()
        self.engine.close()
        self.server.should_exit = True

    @property
    def engine(self) -> Engine:
        return self.service.engine

    @property
    def requests(self) -> list[Request]:
        """What the engine works on."""
        return [one.request for one in list(self.engine._open.values())]

    def wait_until_idle(self) -> None:
        until = time.monotonic() + 10
        while self.requests:
            assert time.monotonic() < until, "a request is still open"
            time.sleep(0.002)

    def client(self, **options: Any) -> openai.OpenAI:
        options = {"api_key": "none", "max_retries": 0, **options}
        self.clients.append(openai.OpenAI(base_url=f"{self.url}/v1", **options))
        return self.clients[-1]

    def post(self, path: str, body: Any = None, **options: Any) -> httpx.Response:
        return self.http.post(self.url + path, json=body, **options)

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.http.get(self.url + path, **options)

    def events(self, path: str, body: dict[str, Any]) -> list[dict[str, Any]]:
        """The data of a stream's events, without the last one, which says that it is done."""
        lines = [line for line in self.post(path, {**body, "stream": True}).text.split("\n\n") if line]
        assert lines.pop() == "data: [DONE]"
        return [json.loads(line.removeprefix("data: ")) for line in lines if not line.startswith(":")]


class HeldRunner(CountingRunner):
    """Says nothing until it is let go."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.go = threading.Event()

    def run(self, step: Any) -> Any:
        self.go.wait(30)
        return super().run(step)


def make_service(folder: Path, runner: CountingRunner, waiting: int = 64, **changes: Any) -> Service:
    tokenizer = Tokenizer.load(folder, VOCAB_SIZE)
    stops = stop_ids(folder, tokenizer)
    scheduler = Scheduler(BLOCKS, SIZE, max_batch=8, max_tokens=256, max_context=CONTEXT, max_waiting=waiting)
    service = Service(
        engine=Engine(runner, scheduler, DraftCount(2, 2), Lane()),
        tokenizer=tokenizer,
        template=Template.load(folder, tokenizer),
        replies=Replies(tokenizer),
        grammars=Grammars(tokenizer, stops, VOCAB_SIZE),
        name="tiny",
        max_context=CONTEXT,
        vocab_size=VOCAB_SIZE,
        stop_ids=stops,
        spare=frozenset(tokenizer.spare(VOCAB_SIZE)),
        defaults=Sampling(),
    )
    return replace(service, **changes)


def start(service: Service, runner: CountingRunner) -> Live:
    sock = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(create_app(service), log_config=None, lifespan="off", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]}, daemon=True)
    thread.start()
    return Live(service, runner, f"http://127.0.0.1:{sock.getsockname()[1]}", server, thread)


def saying(tokenizer: Tokenizer, *replies: str) -> Callable[[Request], Sequence[int]]:
    """A script: each request in turn gets the next reply, and the last one from then on."""
    said = [[*with_controls(tokenizer, reply), tokenizer.control("<|user|>")] for reply in replies]

    def script(_: Request) -> Sequence[int]:
        return said.pop(0) if len(said) > 1 else said[0]

    return script
