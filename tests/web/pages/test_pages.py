"""The shells and fragments as the web process answers them."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from builder.settings import Settings
from tests.web.api.conftest import serving
from tests.web.pages.conftest import MARKUP, Teller

INLINE = re.compile(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=|javascript:", re.IGNORECASE)


@pytest.fixture
def web(settings: Settings, teller: Teller) -> Iterator[httpx.Client]:
    with serving(settings) as client:
        yield client


def test_pages_hold_no_inline_script_or_style(web: httpx.Client, teller: Teller) -> None:
    project, _ = teller.project()
    for path in ("/", "/signin", f"/projects/{project.id}"):
        answer = web.get(path)
        assert answer.status_code == 200
        assert "Protodex" in answer.text
        assert INLINE.search(answer.text) is None


def test_everything_a_page_loads_is_there(web: httpx.Client, teller: Teller) -> None:
    project, _ = teller.project()
    for page in ("/", "/signin", f"/projects/{project.id}"):
        for asset in re.findall(r'(?:src|href)="(/static/[^"#]+)', web.get(page).text):
            assert web.get(asset).status_code == 200, asset


def test_an_unknown_project_is_a_page_that_says_so(web: httpx.Client) -> None:
    answer = web.get("/projects/nothere", headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert "All projects" in answer.text


def test_examples_fill_the_composer_with_whole_prompts(web: httpx.Client) -> None:
    prompts = re.findall(r'data-prompt="([^"]*)"', web.get("/").text)
    assert len(prompts) == 5
    assert all(len(prompt) > 60 for prompt in prompts)


def test_the_start_page_says_whether_a_model_is_connected(settings: Settings, teller: Teller) -> None:
    connected = settings.model_copy(update={"model_url": "http://127.0.0.1:8002"})
    with serving(settings) as without, serving(connected) as model:
        assert "no model is connected" in without.get("/").text
        assert "no model is connected" not in model.get("/").text
        assert "Connected model" in model.get("/").text


def test_code_is_shown_as_text(web: httpx.Client, teller: Teller) -> None:
    project, _ = teller.project()
    teller.write(project.id, 1, {"a/b.html": MARKUP, "note.xyz": "plain"})
    shown = web.get(f"/projects/{project.id}/code/a/b.html?release=1")
    assert shown.status_code == 200
    assert "<img" not in shown.text
    assert "&lt;" in shown.text
    assert "plain" in web.get(f"/projects/{project.id}/code/note.xyz?release=1").text


def test_only_files_of_the_release_are_shown(web: httpx.Client, teller: Teller, tmp_path: Path) -> None:
    project, _ = teller.project()
    app = teller.write(project.id, 1, {"README.md": "here"})
    (tmp_path / "secret").write_text("secret")
    (app / "link").symlink_to(tmp_path / "secret")
    (app / "up").symlink_to("..")
    (app.parent / "release.json").write_text("secret")
    for path in ("link", "up/release.json", "..%2Frelease.json", "%2Fetc%2Fpasswd", "a%00b", "missing", ""):
        answer = web.get(f"/projects/{project.id}/code/{path}?release=1")
        assert answer.status_code in {404, 422}, path
        assert "secret" not in answer.text
        assert "root:" not in answer.text


def test_a_picture_and_a_huge_file_get_a_notice(web: httpx.Client, teller: Teller) -> None:
    project, _ = teller.project()
    app = teller.write(project.id, 1, {"huge.txt": "x" * 400_001})
    (app / "logo.png").write_bytes(b"\x89PNG\0\0")
    assert "not a text file" in web.get(f"/projects/{project.id}/code/logo.png?release=1").text
    assert "too big" in web.get(f"/projects/{project.id}/code/huge.txt?release=1").text


def test_the_thumbnail_is_the_newest_release_that_has_one(web: httpx.Client, teller: Teller) -> None:
    project, _ = teller.project()
    url = f"/projects/{project.id}/thumbnail"
    assert web.get(url).status_code == 204
    for n, content in ((2, b"two"), (10, b"ten")):
        (teller.write(project.id, n, {"x": ""}).parent / "thumbnail.png").write_bytes(content)
    teller.write(project.id, 11, {"x": ""})
    answer = web.get(url)
    assert (answer.content, answer.headers["content-type"]) == (b"ten", "image/png")
