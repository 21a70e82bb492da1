"""A person's whole way: a sentence in the studio, an app in the preview, a project on their own disk."""

import json
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from builder.toolchain import Toolchain
from tests.e2e.conftest import Studio, free_ports
from tests.e2e.test_prompts import PROMPTS

pytestmark = pytest.mark.browser

AXE = (Path(__file__).parents[2] / "builder/checks/axe/axe.min.js").read_text(encoding="utf-8")
SERIOUS = {"serious", "critical"}
WIDTHS = {"desktop": (1440, 900), "phone": (390, 844)}


def test_a_sentence_becomes_an_app_that_is_used_and_taken_home(
    studio: Studio, page: Page, tmp_path: Path, toolchain: Toolchain
) -> None:
    problems = _listen(page)
    page.goto(studio.address)
    page.get_by_label("What should the app do?").fill(PROMPTS["dev-001"]["prompt"])
    page.get_by_role("button", name="Build", exact=True).click()
    expect(page.get_by_role("log", name="What happened")).to_contain_text("checks", timeout=60_000)

    app = page.frame_locator("iframe")
    expect(app.get_by_text("Bulbasaur", exact=True).first).to_be_visible(timeout=90_000)
    app.get_by_role("searchbox").fill("pika")
    expect(app.get_by_role("status").filter(has_text="result")).to_have_text("1 result")
    app.get_by_role("button", name="Add Pikachu to favourites").click()
    expect(app.get_by_role("button", name="Remove Pikachu from favourites")).to_be_visible()
    app.get_by_role("main").get_by_role("link", name="Pikachu").first.click()
    expect(app.get_by_role("heading", level=1)).to_contain_text("Pikachu")
    expect(app.get_by_role("main")).to_contain_text("Static")

    page.reload()
    expect(app.get_by_role("link", name="Favourites").first).to_be_visible(timeout=30_000)
    app.get_by_role("navigation").first.get_by_role("link", name="Favourites").click()
    expect(app.get_by_role("main")).to_contain_text("Pikachu")

    with page.expect_download() as download:
        page.get_by_role("link", name="Download").or_(page.get_by_role("button", name="Download")).first.click()
    assert problems == []
    runs_at_home(Path(download.value.path()), tmp_path, toolchain)


def runs_at_home(archive: Path, folder: Path, toolchain: Toolchain) -> None:
    """What its README says, in a folder of its own: the tests pass, the app starts and has its data.

    pip finds all that the app requires among what is installed for apps anyway, and asks no network for it.
    """
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(folder)
    [home] = {folder / name.split("/")[0] for name in packed.namelist()}
    home = home if home.is_dir() and (home / "start.py").exists() else folder
    [packages] = toolchain.runtime.glob("lib/python3*/site-packages")
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(packages), "PIP_NO_INDEX": "1"}
    command = [sys.executable, "start.py", "test"]
    tested = subprocess.run(command, cwd=home, env=environment, capture_output=True, text=True, timeout=240)
    assert tested.returncode == 0, tested.stdout[-2000:] + tested.stderr[-2000:]
    [port] = free_ports(1)
    with subprocess.Popen(
        [sys.executable, "start.py"], cwd=home, env={**environment, "PORT": str(port)}, stdout=subprocess.DEVNULL
    ) as running:
        try:
            rows = _answer(f"http://127.0.0.1:{port}/api/pokemon?size=1")
            assert json.loads(rows)["total"] == 151
            assert "<title>" in _answer(f"http://127.0.0.1:{port}/")
        finally:
            running.terminate()


def _answer(address: str) -> str:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            answer = httpx.get(address, timeout=5)
            return answer.text if answer.status_code == 200 else ""
        except httpx.TransportError:
            time.sleep(0.1)
    return ""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_studio_and_app_are_accessible_and_quiet(studio: Studio, browser: Browser, width: str, dark: bool) -> None:
    project = _some_project(studio)
    wide, high = WIDTHS[width]
    context = browser.new_context(
        viewport={"width": wide, "height": high}, color_scheme="dark" if dark else "light", reduced_motion="reduce"
    )
    page = context.new_page()
    problems = _listen(page)
    plural = next(entity["plural"] for entity in _spec(studio, project)["entities"])
    app = project["preview_url"].rstrip("/")
    found = {}
    for address in (studio.address, project["url"], app + "/", f"{app}/{plural}/1", f"{app}/compare"):
        page.goto(address)
        page.wait_for_timeout(600)
        page.evaluate(AXE)
        violations = page.evaluate("axe.run(document, {iframes: false, resultTypes: ['violations']})")["violations"]
        found[address] = [f"{v['id']}: {v['nodes'][0]['target']}" for v in violations if v["impact"] in SERIOUS]
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        found[address] += [f"{overflow} px too wide"] if overflow > 0 else []
    context.close()
    assert {address: what for address, what in found.items() if what} == {}
    assert problems == []


def test_an_idle_start_page_lists_what_was_built(studio: Studio, page: Page) -> None:
    project = _some_project(studio)
    page.goto(studio.address)
    page.get_by_role("link", name=project["name"]).first.click()
    expect(page).to_have_url(project["url"])


def _some_project(studio: Studio) -> dict:  # type: ignore[type-arg]
    with httpx.Client(base_url=studio.address) as api:
        items = [item for item in api.get("/api/projects").json()["items"] if item["status"] == "ready"]
        return (
            dict(api.get(f"/api/projects/{items[0]['id']}").json())
            if items
            else studio.build(PROMPTS["dev-001"]["prompt"])
        )


def _spec(studio: Studio, project: dict) -> dict:  # type: ignore[type-arg]
    with httpx.Client(base_url=studio.address) as api:
        return dict(api.get(f"/api/projects/{project['id']}/spec").json())


def _listen(page: Page) -> list[str]:
    problems: list[str] = []
    page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda e: problems.append(str(e)))
    return problems
