"""The front end of rendered apps: it type-checks, builds, holds no code for what the spec lacks, and works by hand."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from builder.spec import AppSpec
from builder.stack import render_stack
from builder.stack.looks import ICONS
from builder.toolchain import Toolchain
from tests.builder.served import served
from tests.people import ATTENDANCE, FORUM
from tests.samples import BLANK, HOSTILE_WORDS, LIBRARY, RESERVED, SHOP, TODO, hostile, spec

AXE = Path(__file__).parents[2] / "builder" / "checks" / "axe" / "axe.min.js"
ROW_CHART = {"name": "chart", "entity": "book", "options": {"scope": "row", "fields": ["pages", "copies"]}}
PLAIN = LIBRARY | {"features": [{"name": "detail"}, ROW_CHART], "pages": []}
PEOPLE = {"forum": FORUM, "attendance": ATTENDANCE}
SPECS = {
    "library": LIBRARY,
    "reserved words": RESERVED,
    "blank": BLANK,
    "read only": PLAIN,
    "to-do": TODO,
    "shop": SHOP,
}
SPECS |= PEOPLE
BUILT = 4  # of them in every run; the apps of blueprints are built beside them


def built(app: AppSpec, folder: Path, toolchain: Toolchain) -> Path:
    """The app's files with the front end type-checked and built, as the gate does it."""
    for path, data in render_stack(app).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    (folder / "node_modules").symlink_to(toolchain.node_modules)
    for command in (["typescript/bin/tsc", "--noEmit"], ["vite/bin/vite.js", "build", "--configLoader", "runner"]):
        done = subprocess.run(
            [str(toolchain.node), str(toolchain.node_modules / command[0]), *command[1:]],
            cwd=folder / "frontend",
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.mark.parametrize(
    "name", [*list(SPECS)[:BUILT], *(pytest.param(name, marks=pytest.mark.slow) for name in list(SPECS)[BUILT:])]
)
def test_it_type_checks_and_builds_to_files_that_the_content_security_policy_allows(name, tmp_path, toolchain):
    dist = built(spec(SPECS[name]), tmp_path, toolchain) / "frontend" / "dist"
    page = (dist / "index.html").read_text()
    assert re.search(r'<script type="module"[^>]* src="/assets/', page)
    assert not re.search(r"<script(?![^>]* src=)|<style", page)
    styles = "".join(path.read_text() for path in dist.glob("assets/*.css"))
    assert "url(data:" not in styles
    assert str(tmp_path) not in styles + page


@pytest.mark.parametrize("style", ["clean", "editorial", "playful", "bold-dark", "warm", "technical"])
def test_every_style_brings_its_own_rules_and_fonts(style):
    files = render_stack(spec(TODO | {"theme": {"style": style}}))
    assert files["frontend/src/style.css"].startswith(f"/* {style.split('-')[0].capitalize()}".encode())
    fonts = re.findall(rb'@import "(@fontsource-variable/[a-z-]+)"', files["frontend/src/index.css"])
    assert fonts
    assert all(font in files["frontend/package.json"] for font in fonts)


def test_hostile_words_are_only_text(tmp_path, toolchain):
    built(spec(hostile("".join(HOSTILE_WORDS)[:120])), tmp_path, toolchain)


@pytest.mark.parametrize("words", HOSTILE_WORDS)
def test_no_hostile_words_leave_their_literal(words):
    files = render_stack(spec(hostile(words)))
    source = {
        p: data.decode() for p, data in files.items() if p.startswith("frontend/src/") and p.endswith((".ts", ".tsx"))
    }
    for path, text in source.items():
        assert "</script>" not in text, path
        assert not re.search("[\u202e\u2028]", text), path


def test_a_feature_that_is_not_asked_for_leaves_no_code():
    todo = "".join(
        d.decode(errors="ignore") for p, d in render_stack(spec(TODO)).items() if p.startswith("frontend/src")
    )
    for absent in ("Favorite", "Compare", "ExportButtons", "DetailPage", "ListChart", "SortMenu", "Creature"):
        assert absent not in todo
    plain = render_stack(spec(PLAIN))
    assert not [p for p in plain if re.search(r"RowForm|DeleteButton|QuickToggle|Toasts?Form|SearchBox|Filters", p)]
    assert "frontend/src/components/RowChart.tsx" in plain
    assert "frontend/src/components/ListChart.tsx" not in plain


@pytest.mark.parametrize("source", SPECS.values(), ids=SPECS.keys())
def test_no_rule_and_no_word_is_without_a_use(source):
    files = {p: d.decode() for p, d in render_stack(spec(source)).items() if p.startswith("frontend/src/")}
    pages = "\n".join(d for p, d in files.items() if p.endswith((".ts", ".tsx")) and not p.endswith("/words.ts"))
    sheets = {p: d for p, d in files.items() if "/styles/" in p and not p.endswith("/controls.css")}
    named = {name for text in sheets.values() for name in re.findall(r"\.([a-z][\w-]*)(?=[^{};]*\{)", text)}
    assert [name for name in named if not re.search(rf"(?<![\w-]){name}(?![\w-])", pages)] == []
    assert [path for path in sheets if f'"./styles/{Path(path).name}"' not in files["frontend/src/index.css"]] == []
    words = re.findall(r'^  "(\w+)":', files["frontend/src/words.ts"], re.MULTILINE)
    assert words
    assert [word for word in words if f'"{word}"' not in pages] == []


def test_every_icon_is_in_the_kit(toolchain):
    known = toolchain.node_modules / "lucide-react" / "dist" / "esm" / "icons"
    assert [icon for icon in ICONS if not (known / f"{icon}.mjs").exists()] == []


def test_only_imported_files_are_rendered():
    """No component, hook or drawing without a use: every file but the entry is imported by another."""
    for source in (LIBRARY, TODO, PLAIN):
        files = {p: d.decode() for p, d in render_stack(spec(source)).items() if re.match(r"frontend/src/.*\.tsx?$", p)}
        text = "\n".join(files.values())
        unused = [p for p in files if not re.search(rf'"\.[^"]*/{re.escape(Path(p).stem)}"', text)]
        assert unused == ["frontend/src/main.tsx"]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, toolchain: Toolchain) -> Iterator[str]:
    """The library app with its real back end, on loopback."""
    with served(built(spec(LIBRARY), tmp_path_factory.mktemp("library"), toolchain)) as address:
        yield address


@pytest.fixture
def page(browser, library) -> Iterator[Page]:
    context = browser.new_context(base_url=library, viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on(
        "console", lambda said: errors.append(said.text) if said.type == "error" and "40" not in said.text else None
    )
    yield page
    context.close()
    assert errors == []


@pytest.mark.browser
def test_searching_filtering_and_sorting_live_in_the_address(page):
    page.goto("/")
    titles = page.locator(".card-title")
    expect(titles).to_have_text(["Swordheart", "The Hollow Places", "Über Bäume"])
    page.get_by_role("searchbox").fill("sword")
    expect(titles).to_have_text(["Swordheart"])
    assert "q=sword" in page.url
    page.get_by_role("button", name="Clear the search").click()
    expect(titles).to_have_count(3)
    page.get_by_role("radio", name="Lent out").click()
    expect(titles).to_have_text(["Über Bäume"])
    page.reload()
    expect(titles).to_have_text(["Über Bäume"])
    page.get_by_role("button", name="Clear filters").click()
    page.get_by_label("Sort by").select_option("-price")
    expect(titles.first).to_have_text("The Hollow Places")
    page.get_by_role("searchbox").fill("no such book")
    expect(page.get_by_role("heading", name="Nothing matches")).to_be_visible()


@pytest.mark.browser
def test_a_form_says_what_is_wrong_at_the_field_and_what_was_saved(page):
    page.goto("/authors")
    page.get_by_role("link", name="Add author").click()
    page.get_by_label("Email").fill("nobody")
    page.get_by_role("button", name="Add author").click()
    name = page.get_by_label("Name", exact=False).first
    expect(name).to_be_focused()
    expect(page.get_by_text("Fill this in.")).to_be_visible()
    expect(page.get_by_text("Enter an address like name@example.org.")).to_be_visible()
    page.get_by_label("Email").fill("nobody@example.org")
    name.fill("Ursula Vernon")
    page.get_by_role("button", name="Add author").click()
    expect(page.get_by_text("This is taken already.")).to_be_visible()  # only the server knows
    name.fill("Nobody Inparticular")
    page.get_by_role("button", name="Add author").click()
    expect(page.get_by_role("heading", name="Nobody Inparticular")).to_be_visible()
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Email").fill("other@example.org")
    page.get_by_role("link", name="All authors").click()
    page.get_by_role("button", name="Stay").click()  # what was typed is not lost
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Nobody Inparticular was saved.")).to_be_visible()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Nobody Inparticular was deleted.")).to_be_visible()


@pytest.mark.browser
def test_favourites_and_comparison(page):
    page.goto("/")
    page.get_by_role("button", name="Add Swordheart to favourites").click()
    page.get_by_role("link", name="Favourites").click()
    expect(page.locator(".card-title")).to_have_text(["Swordheart"])
    page.get_by_role("link", name="Books").first.click()
    page.get_by_role("button", name="Add Swordheart to the comparison").click()
    page.get_by_role("button", name="Add Über Bäume to the comparison").click()
    page.get_by_role("complementary").get_by_role("link", name="Compare").click()
    columns = page.locator(".comparison thead th")
    expect(columns).to_have_count(2)
    page.reload()  # the address says which
    expect(columns).to_have_count(2)


@pytest.mark.browser
@pytest.mark.parametrize(
    ("mode", "width"),
    [
        ("light", 390),
        ("dark", 1280),
        pytest.param("dark", 390, marks=pytest.mark.slow),
        pytest.param("light", 1280, marks=pytest.mark.slow),
    ],
)
def test_no_page_has_an_accessibility_finding_or_overflows(page, mode, width):
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=mode)
    for path in ("/", "/books/1", "/books/new", "/books/2/edit", "/authors", "/genres", "/compare?ids=1,2", "/nowhere"):
        page.goto(path)
        page.wait_for_load_state("networkidle")
        page.evaluate(AXE.read_text())
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
        assert [(v["id"], v["nodes"][0]["html"]) for v in found] == [], path
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), path


@pytest.mark.browser
def test_the_colours_named_are_used_exactly_and_the_mode_is_remembered(page):
    page.goto("/")
    background = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(background) == "rgb(245, 240, 230)"
    button = page.get_by_role("link", name="Add book")
    assert button.evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(122, 31, 43)"
    page.get_by_role("button", name="Use dark mode").click()
    assert page.evaluate(background) != "rgb(245, 240, 230)"
    page.reload()
    expect(page.get_by_role("button", name="Use light mode")).to_be_visible()


@pytest.mark.browser
def test_on_a_phone_the_facts_of_a_line_have_room(browser):
    styles = render_stack(spec(TODO))["frontend/src/styles/lines.css"].decode()
    line = (
        '<li class="line"><div class="line-main"><h2 class="line-title">Opening hours and keys</h2></div>'
        '<div class="line-facts"><span>Changed by Tomasz Zielinski</span><span>Aug 22, 2026</span></div></li>'
    )
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.set_content(f'<style>{styles}</style><ul class="lines" style="padding: 0">{line}</ul>')
    facts = page.locator(".line-facts").bounding_box()
    assert facts["width"] > 250
    assert facts["y"] >= (title := page.locator(".line-main").bounding_box())["y"] + title["height"]
    page.close()
