"""A person builds with a model: the whole service, a real endpoint over HTTP, and what they see in the browser."""

import os
import re
import signal
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from builder.model.chat import Reply
from builder.testing import Fault, calls
from builder.toolchain import Toolchain
from tests.builder.agent.conftest import COUNTER as COUNTER_PAGE
from tests.conftest import eventually
from tests.e2e.conftest import Studio, running_studio
from tests.e2e.stage import Stage, drafted, held

pytestmark = pytest.mark.browser

LAYOUT = "frontend/src/components/Layout.tsx"
SLOGAN = "\n".join(
    [
        "/** What the footer says. */",
        *(f'export const WORD_{n} = "laughing {n}";' for n in range(40)),
        'export const SLOGAN = "Laughing since 1999";',
        "",
    ]
)
IMPORT = {
    "search": 'import { t } from "../words";',
    "replace": 'import { SLOGAN } from "../slogan";\nimport { t } from "../words";',
}
FOOTER = {"search": "<span>{tagline}</span>", "replace": "<span>{tagline}: {SLOGAN}</span>"}


COUNTER = COUNTER_PAGE.decode()
LONG = 120_000
FINISH = ("finish", {"summary": "It counts."})


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with Stage() as stage:
        yield stage


@pytest.fixture(scope="module")
def connected(toolchain: Toolchain, stage: Stage) -> Iterator[Studio]:
    with running_studio(model_url=stage.url) as studio:
        yield studio


@pytest.fixture
def api(connected: Studio) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=connected.address, timeout=30) as api:
        yield api


def proof(text: str) -> tuple[str, dict[str, Any]]:
    return "update_requirement", {
        "id": "r1",
        "flow": [{"do": "open", "path": "/"}, {"do": "expect_text", "text": text}],
    }


def writes_slogan() -> Reply:
    return calls(
        ("write_file", {"path": "frontend/src/slogan.ts", "content": SLOGAN}),
        ("edit_file", {"path": LAYOUT, "hunks": [IMPORT, FOOTER]}),
        text="The footer gets its slogan.",
        reasoning="A slogan is a text of its own, so it gets a file. The footer shows it.",
    )


def slogan_steps() -> tuple[Fault, ...]:
    return Fault(writes_slogan()), Fault(calls(proof("Laughing since 1999")))


def counts() -> tuple[str, dict[str, Any]]:
    click = {"do": "click", "role": "button", "name": "Add one"}
    flow = [{"do": "open", "path": "/"}, click, {"do": "expect_text", "text": "Count: 1"}]
    return "update_requirement", {"id": "r1", "flow": flow}


def worker_of(studio: Studio) -> int:
    """The process of the studio's worker."""
    children = Path(f"/proc/{studio.process.pid}/task/{studio.process.pid}/children").read_text().split()
    named = {pid: Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0") for pid in children}
    [worker] = [int(pid) for pid, words in named.items() if b"worker" in words]
    return worker


def ask(page: Page, studio: Studio, prompt: str) -> None:
    page.goto(studio.address)
    page.get_by_label("What should the app do?").fill(prompt)
    page.get_by_role("button", name="Build", exact=True).click()


def project_of(page: Page) -> str:
    return page.url.split("/projects/")[1].split("#")[0].split("?")[0]


def ended(api: httpx.Client, build: str) -> dict[str, Any]:
    def over() -> dict[str, Any] | None:
        now: dict[str, Any] = api.get(f"/api/builds/{build}").json()
        return now if now["status"] not in {"queued", "running"} else None

    found: dict[str, Any] = eventually(over, 120)
    return found


@pytest.mark.slow
def test_an_app_grows_before_ones_eyes_and_is_changed_by_a_message(
    connected: Studio, stage: Stage, api: httpx.Client, page: Page
) -> None:
    writing, go_on = held(writes_slogan(), 30)
    thinking, speak = held(calls(("read_file", {"path": LAYOUT}), reasoning="The footer is in the layout. " * 4), 6)
    stage.play(
        "laughs",
        drafted("The footer says Laughing since 1999."),
        thinking,
        writing,
        Fault(calls(proof("Laughing since 1999"))),
    )
    edit = {"path": "frontend/src/slogan.ts", "hunks": [{"search": "since 1999", "replace": "since 2001"}]}
    change = drafted(requirements=[{"id": "r1", "text": "The footer says Laughing since 2001.", "words": ""}])
    stage.play("Make it 2001", change, Fault(calls(("edit_file", edit), proof("Laughing since 2001"))))

    ask(page, connected, "A list of jokes with text and rating, which laughs since 1999 in its footer")
    app = page.frame_locator("iframe")
    expect(app.get_by_role("heading", level=1)).to_be_visible(timeout=LONG)  # the scaffold, long before the rest
    alive = page.locator(".row.alive")
    expect(alive.locator(".thought")).to_contain_text("The footer is in")
    speak.set()
    expect(alive.locator(".writing")).to_contain_text("frontend/src/slogan.ts")
    expect(alive.locator(".tail")).to_contain_text("laughing")
    page.locator("#message").fill("Make it 2001")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".turn")).to_have_count(2)
    expect(page.locator(".turn").last.locator(".row-title")).to_have_text("Waits its turn")
    go_on.set()

    first = page.locator(".turn").first
    step = first.locator(".kind-step").nth(1)
    expect(step.locator(".row-head")).to_contain_text("slogan.ts", timeout=LONG)
    expect(first.locator(".kind-checkpoint")).to_have_count(1, timeout=LONG)
    expect(app.get_by_role("contentinfo")).to_contain_text("Laughing since 1999", timeout=LONG)
    expect(app.get_by_role("contentinfo")).to_contain_text("Laughing since 2001", timeout=LONG)

    project = project_of(page)
    eventually(lambda: api.get(f"/api/projects/{project}").json()["build"]["status"] == "succeeded", 120)
    [requirement] = api.get(f"/api/projects/{project}/requirements").json()
    assert (requirement["text"], requirement["status"]) == ("The footer says Laughing since 2001.", "proven")
    step.locator(".row-head").click()
    step.get_by_text("What changed").click()
    expect(step.locator(".diff-row.plus .t", has_text="What the footer says").first).to_be_visible()
    expect(page.locator(".usage")).to_contain_text("steps")
    page.get_by_role("tab", name=re.compile("Requirements")).click()
    expect(page.locator("#panel-requirements").get_by_role("heading")).to_have_text("1 of 1 proven")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").or_(page.get_by_role("button", name="Download")).first.click()
    with zipfile.ZipFile(Path(download.value.path())) as packed:
        [ledger] = [name for name in packed.namelist() if name.endswith("REQUIREMENTS.md")]
        assert "- [x] **r1** The footer says Laughing since 2001." in packed.read(ledger).decode()


@pytest.mark.slow
def test_a_worker_killed_in_mid_stream_is_followed_by_one_that_goes_on(
    connected: Studio, stage: Stage, api: httpx.Client, page: Page
) -> None:
    whole = {"path": "index.html", "content": COUNTER, "replaces_all": True, "reason": "A page of its own."}
    writing, go_on = held(calls(("write_file", whole)), 12)
    part = stage.play(
        "clicks", drafted("A click counts."), Fault(calls(("list_files", {}))), writing, Fault(calls(counts(), FINISH))
    )
    created = api.post("/api/projects", json={"prompt": "A counter of clicks", "kind": "artifact"}).json()
    page.goto(created["url"])
    expect(page.locator(".row.alive .writing")).to_contain_text("index.html", timeout=LONG)
    os.kill(worker_of(connected), signal.SIGKILL)
    eventually(lambda: part.asked == [1, 2, 2], 120)  # the next one asks for the step that was cut short, and no other
    expect(page.locator(".kind-queued").last).to_contain_text("The build goes on where it stood.")
    expect(page.locator(".row.alive .writing")).to_contain_text("index.html")  # the page has caught up by itself
    go_on.set()
    build = ended(api, created["build"]["id"])
    assert (build["status"], build["error"]) == ("succeeded", None)
    assert part.asked[:4] == [1, 2, 2, 3]
    expect(page.locator(".row.alive")).to_have_count(0)
    expect(page.locator(".kind-step")).to_have_count(build["usage"]["steps"])
    expect(page.frame_locator("iframe").get_by_role("button", name="Add one")).to_be_visible()


def test_a_stop_hangs_up_on_the_model_and_leaves_the_preview(
    connected: Studio, stage: Stage, api: httpx.Client, page: Page
) -> None:
    thinking, _ = held(calls(("list_files", {}), reasoning="Where do the songs go? " * 9), 6)
    part = stage.play("songs", drafted("Songs can be rated."), thinking)
    ask(page, connected, "A list of songs with title and rating")
    expect(page.locator(".row.alive .thought")).to_contain_text("Where do the songs", timeout=LONG)
    left = stage.hung_up
    page.get_by_role("button", name="Stop").click()
    eventually(lambda: stage.hung_up == left + 1)
    expect(page.locator(".kind-end .row-title")).to_have_text("Stopped")
    expect(page.frame_locator("iframe").get_by_role("heading", level=1)).to_be_visible()
    project = api.get(f"/api/projects/{project_of(page)}").json()
    assert (project["status"], project["build"]["status"]) == ("ready", "cancelled")
    assert part.asked == [1]


@pytest.mark.slow
@pytest.mark.parametrize("answered", [True, False])
def test_the_model_asks_before_it_goes_on(
    connected: Studio, stage: Stage, api: httpx.Client, page: Page, answered: bool
) -> None:
    word = "herbs" if answered else "spices"
    questions = [{"text": "Who uses it?", "choices": ["Only me", "My family"]}]
    asks = drafted("The footer says Laughing since 1999.", answer="ask", questions=questions)
    stage.play(word, asks, *slogan_steps())
    if answered:
        stage.play("Answer: My family", drafted("The footer says Laughing since 1999."), *slogan_steps())
    ask(page, connected, f"A list of {word} with name and rating")
    app = page.frame_locator("iframe")
    expect(app.get_by_role("heading", level=1)).to_be_visible(timeout=LONG)
    if answered:
        page.get_by_text("My family").click()
        page.get_by_role("button", name="Build with these answers").click()
    else:
        page.get_by_role("button", name="Build it as it is").click()
    expect(app.get_by_role("contentinfo")).to_contain_text("Laughing since 1999", timeout=LONG)
    expect(page.locator(".turn")).to_have_count(2)
    expect(page.locator(".answered dd")).to_have_text(["My family" if answered else "Left open"])
    project = project_of(page)
    eventually(lambda: api.get(f"/api/projects/{project}").json()["build"]["status"] == "succeeded", 120)
    [requirement] = api.get(f"/api/projects/{project}/requirements").json()
    assert requirement["status"] == "proven"
