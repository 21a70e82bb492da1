"""Artifacts and decks as they are rendered, and a deck shown in a real browser, opened from a folder."""

import json
import re
import zipfile

import pytest

from builder.archive import write_archive
from builder.spec import AppKind, AppSpec, Theme
from builder.stack import render_stack
from builder.stack.static import ENGINE, kind_of, kind_of_tree
from builder.theme import STYLES

HOSTILE = '</title><script>alert(1)</script> {{ 7 * 7 }} "quoted" & <b>'
SLIDES = """<section class="slide title"><h1>Bicycles</h1><p class="lead">On two wheels</p>
<aside class="notes"><p>Say hello.</p></aside></section>
<section class="slide"><h2>Points</h2><ul><li>One</li><li>Two</li></ul><p><a href="#überall">Sources</a></p>
<button onclick="document.title = 'pressed'">Press</button><input aria-label="Name"></section>
<section class="slide two-column"><h2>Both</h2><div class="column"><h3>Left</h3></div>
<div class="column"><h3>Right</h3></div></section>
<section class="slide table"><h2>Too much</h2><table><tbody>ROWS</tbody></table></section>
<section class="slide sources" id="überall"><h2>Sources</h2><ol><li>A book</li></ol></section>"""
ROWS = "".join(f"<tr><td>Row {n}</td><td>some words</td></tr>" for n in range(9))


def spec(kind, **more):
    return AppSpec(**{"name": "Bicycles", "tagline": "On two wheels", "kind": kind} | more)


def written(folder, files):
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


def deck_files(slides=SLIDES, **more):
    files = render_stack(spec(AppKind.SLIDES, **more))
    page = files["index.html"].decode()
    start, end = page.index("<section"), page.index("</main>")
    return {**files, "index.html": (page[:start] + slides.replace("ROWS", ROWS) + page[end:]).encode()}


@pytest.mark.parametrize("kind", [AppKind.ARTIFACT, AppKind.SLIDES])
def test_a_render_is_plain_files_that_say_what_a_person_said_as_text(kind):
    files = render_stack(spec(kind, name=HOSTILE[:110], tagline=HOSTILE, locale="ar"))
    page = files["index.html"].decode()
    assert "<script>alert" not in page
    assert "&lt;/title&gt;&lt;script&gt;" in page
    assert "{{ 7 * 7 }}" in page
    assert '<html lang="ar" dir="rtl">' in page
    assert not [path for path in files if path.startswith(("backend/", "frontend/"))]
    assert kind_of(files) is kind
    assert files == render_stack(spec(kind, name=HOSTILE[:110], tagline=HOSTILE, locale="ar"), previous=files)


def test_an_artifact_is_one_file_and_carries_the_named_colours():
    theme = Theme(background="#faf0e6", component="#800000", mode="light")
    files = render_stack(spec(AppKind.ARTIFACT, theme=theme))
    assert set(files) == {"index.html", "README.md"}
    page = files["index.html"].decode()
    assert "--background: #faf0e6;" in page
    assert "--accent: #800000;" in page
    assert 'data-mode="light"' in page
    assert "url(" not in page


@pytest.mark.parametrize("style", sorted(STYLES))
def test_a_deck_brings_the_fonts_of_its_style_with_their_licences(style):
    files = render_stack(spec(AppKind.SLIDES, theme=Theme(style=style)))
    css = files["theme.css"].decode()
    fonts = re.findall(r'url\("(assets/fonts/[^"]+)"\)', css)
    assert fonts
    for path in fonts:
        assert files[path].startswith(b"wOF2")
        assert b"Open Font License" in files[path.replace("-ext.", ".").replace(".woff2", ".txt")]
    families = set(re.findall(r'font-family: "([^"]+)"', css))
    assert set(re.findall(r'--font-\w+: "([^"]+)"', css)) <= families


def test_the_readme_names_every_layout_that_the_engine_has():
    files = render_stack(spec(AppKind.SLIDES))
    told = set(re.findall(r"^\| `([a-z-]+)` \|", files["README.md"].decode(), re.MULTILINE))
    css = files["deck.css"].decode()
    assert {"title", "section", "two-column", "figure", "table", "quote", "big-number", "timeline", "sources"} <= told
    for layout in told - {"table", "chart"}:  # these two are made of the table and the bars in them
        assert re.search(rf"\.slide(\.|:is\([^)]*\.){layout}\b", css), layout
    parts = set(re.findall(r"\.slide(?:\.[a-z-]+|:is\([^)]*\)) > \.([a-z-]+)", css)) | {"art", "text"}
    assert not [part for part in parts if f".{part}" not in files["README.md"].decode()]


@pytest.mark.parametrize(
    ("paths", "kind"),
    [
        (["backend/main.py", "frontend/index.html"], AppKind.FULLSTACK),
        (["frontend/index.html"], AppKind.FULLSTACK),
        (["index.html", "backend/main.py"], AppKind.FULLSTACK),
        (["index.html", "assets/a.png"], AppKind.ARTIFACT),
        (["README.md"], AppKind.ARTIFACT),
        (["index.html", "deck.js"], AppKind.SLIDES),
    ],
)
def test_the_kind_of_a_tree_is_seen_from_its_paths(tmp_path, paths, kind):
    assert kind_of(paths) is kind
    assert kind_of_tree(written(tmp_path, dict.fromkeys(paths, b""))) is kind


@pytest.fixture
def show(browser, tmp_path):
    """Opens a deck from a folder, as a double click does."""
    contexts = []

    def open_deck(files, width=1280, height=720, **options):
        folder = written(tmp_path / f"deck{len(contexts)}", files)
        screen = {"width": width, "height": height}
        contexts.append(browser.new_context(viewport=screen, reduced_motion="reduce", **options))
        page = contexts[-1].new_page()
        page.problems = []
        page.on("console", lambda m: page.problems.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e: page.problems.append(str(e)))
        page.on("requestfailed", lambda r: page.problems.append(r.url))
        page.goto(f"file://{folder}/index.html")
        page.evaluate("document.fonts.ready")
        return page

    yield open_deck
    for context in contexts:
        context.close()


def shown(page):
    return page.evaluate("[...document.querySelectorAll('.slide')].findIndex(s => s.classList.contains('current')) + 1")


@pytest.mark.browser
def test_keys_lead_through_the_deck(show):
    page = show(deck_files())
    assert shown(page) == 1
    for key, number in [
        ("ArrowRight", 2), ("ArrowLeft", 1), ("ArrowLeft", 1), ("Space", 2), ("Shift+Space", 1), ("PageDown", 2),
        ("ArrowDown", 3), ("ArrowUp", 2), ("End", 5), ("ArrowRight", 5), ("Home", 1), ("Control+ArrowRight", 1),
    ]:  # fmt: skip
        page.keyboard.press(key)
        assert shown(page) == number, key
    assert page.get_by_role("heading", name="Bicycles").is_visible()
    assert not page.get_by_role("heading", name="Points").is_visible()
    assert page.problems == []


@pytest.mark.browser
def test_each_slide_has_its_address(show):
    page = show(deck_files())
    page.evaluate("location.hash = '#%E0%'")
    assert shown(page) == 1
    page.keyboard.press("ArrowRight")
    assert page.evaluate("location.hash") == "#2"
    page.reload()
    assert shown(page) == 2
    page.get_by_role("link", name="Sources").click()
    assert shown(page) == 5
    page.evaluate("location.hash = '#99'")
    page.wait_for_function("document.querySelector('.slide#überall').classList.contains('current')")
    page.evaluate("location.hash = '#3'")
    page.wait_for_function("location.hash === '#3' && document.querySelectorAll('.slide')[2].matches('.current')")


@pytest.mark.browser
def test_clicks_and_keys_leave_links_buttons_and_fields_alone(show):
    page = show(deck_files())
    page.mouse.click(900, 400)
    assert shown(page) == 2
    page.get_by_role("button", name="Press").click()
    assert page.title() == "pressed"
    page.get_by_role("textbox", name="Name").click()
    page.keyboard.type("n t ")
    page.keyboard.press("ArrowRight")
    assert shown(page) == 2
    assert page.get_by_role("textbox", name="Name").input_value() == "n t "
    page.get_by_role("textbox", name="Name").blur()
    page.mouse.click(60, 600)
    assert shown(page) == 1
    page.get_by_role("button", name="Next slide").click()
    assert shown(page) == 2


@pytest.mark.browser
def test_all_slides_are_seen_at_a_glance(show):
    page = show(deck_files())
    page.keyboard.press("Escape")
    boxes = page.eval_on_selector_all(
        ".slide", "all => all.map(e => { const b = e.getBoundingClientRect(); return [b.x, b.y, b.right, b.bottom]; })"
    )
    assert all(0 <= x < right <= 1280 and bottom <= 720 for x, _, right, bottom in boxes)
    assert len({(x, y) for x, y, _, _ in boxes}) == 5
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert shown(page) == 3
    page.keyboard.press("Escape")
    page.locator(".slide").nth(1).click()
    assert shown(page) == 2
    assert page.title() == "Bicycles"  # the click chose the slide and pressed nothing on it


@pytest.mark.browser
def test_the_speaker_sees_notes_and_what_comes_next(show):
    page = show(deck_files(locale="de"))
    assert not page.get_by_text("Say hello.").is_visible()
    page.keyboard.press("n")
    panel = page.get_by_role("complementary", name="Notizen")
    assert "Say hello." in panel.inner_text()
    assert "Danach: Points" in panel.inner_text()
    page.keyboard.press("ArrowRight")
    assert "Keine Notizen" in panel.inner_text()
    page.keyboard.press("n")
    assert not panel.is_visible()


@pytest.mark.browser
def test_a_finger_turns_the_slides_of_a_phone(show):
    page = show(deck_files(), width=390, height=844, has_touch=True)
    swipe = """([from, to]) => {
      const deck = document.querySelector('.deck');
      const touch = x => new Touch({identifier: 1, target: deck, clientX: x, clientY: 300});
      deck.dispatchEvent(new TouchEvent('touchstart', {touches: [touch(from)], changedTouches: [touch(from)]}));
      deck.dispatchEvent(new TouchEvent('touchend', {touches: [], changedTouches: [touch(to)]}));
    }"""
    for start, end, number in [(300, 100, 2), (300, 290, 2), (100, 300, 1), (100, 300, 1)]:
        page.evaluate(swipe, [start, end])
        assert shown(page) == number


@pytest.mark.browser
@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844), (844, 390), (1920, 800), (820, 1180)])
def test_every_slide_fits_every_screen(show, width, height):
    page = show(deck_files(), width=width, height=height)
    for _ in range(5):
        box = page.locator(".slide.current").bounding_box()
        assert (round(box["width"]), round(box["height"])) == (width, height)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator(".slide.current").evaluate("s => s.scrollHeight <= s.clientHeight + 1")
        page.keyboard.press("ArrowRight")


@pytest.mark.browser
def test_text_beside_a_figure_starts_where_the_heading_does_on_a_phone(show):
    figure = (
        '<figure><svg viewBox="0 0 9 4" role="img" aria-label="A line"></svg><figcaption>A line</figcaption></figure>'
    )
    slide = f'<section class="slide figure"><h2>Four</h2><div class="text"><p>One</p></div>{figure}</section>'
    page = show(deck_files(slide), 390, 844)
    lefts = page.eval_on_selector_all("h2, .text", "all => all.map(e => Math.round(e.getBoundingClientRect().left))")
    assert lefts[0] == lefts[1]
    assert page.locator("figcaption").evaluate("e => parseFloat(getComputedStyle(e).fontSize)") * 390 / 560 > 11


@pytest.mark.browser
def test_print_has_one_slide_a_page_and_the_notes_when_they_are_open(show):
    page = show(deck_files(), width=390, height=844)
    pages = lambda: len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True)))  # noqa: E731
    assert pages() == 5
    page.keyboard.press("n")
    assert pages() == 5
    assert page.locator(".deck-handout").count() == 0
    classes = page.evaluate("document.documentElement.className").split()
    assert {"show", "portrait", "notes-open"} <= set(classes)
    assert "with-notes" not in classes


@pytest.mark.browser
def test_a_person_may_turn_to_dark_and_right_to_left_turns_the_keys(show):
    page = show(deck_files(locale="ar", theme=Theme(mode="light")))
    ground = "getComputedStyle(document.querySelector('.slide.current')).backgroundColor"
    light = page.evaluate(ground)
    page.keyboard.press("t")
    assert page.evaluate(ground) != light
    page.keyboard.press("ArrowLeft")
    assert shown(page) == 2


@pytest.mark.browser
def test_a_poster_is_one_sheet_of_paper(show):
    files = deck_files()
    body = files["index.html"].decode().split("<body>")[1]
    sheet = '<body class="poster"><main class="sheet"><h1>Bicycles</h1><section class="half">A</section></main>'
    page = show({**files, "index.html": files["index.html"].replace(b"<body>" + body.encode(), sheet.encode())})
    data = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", data)) == 1
    assert json.loads(re.search(rb"/MediaBox (\[[^\]]+\])", data)[1].replace(b" ", b",")) == pytest.approx(
        [0, 0, 420 / 25.4 * 72, 594 / 25.4 * 72], abs=1
    )
    assert page.problems == []


@pytest.mark.browser
def test_a_sheet_is_one_page_of_its_paper_and_holds_all_that_is_on_it(show):
    facts = [{"kind": "detail", "text": f"Something to bring along, number {n}"} for n in range(24)]
    when = [{"kind": "date", "text": "12 July"}, {"kind": "place", "text": "Riverside Park"}]
    options = {"headline": "Summer party", "layout": "date", "paper": "A4", "day": "12", "facts": when + facts}
    page = show(render_stack(spec(AppKind.SLIDES, starter={"name": "sheet", "options": options})))
    assert page.evaluate("(e => e.scrollHeight <= e.clientHeight + 2)(document.querySelector('.sheet .in'))")
    data = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", data)) == 1
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert page.get_by_role("button", name="Print").is_visible()
    assert page.problems == []


@pytest.mark.browser
def test_a_downloaded_deck_opens_from_its_folder(show, tmp_path):
    write_archive(written(tmp_path / "app", deck_files()), tmp_path / "deck.zip", "bicycles")
    with zipfile.ZipFile(tmp_path / "deck.zip") as archive:
        files = {name.removeprefix("bicycles/"): archive.read(name) for name in archive.namelist()}
    assert set(files) >= ENGINE
    page = show(files)
    page.keyboard.press("ArrowRight")
    assert shown(page) == 2
    assert page.evaluate("document.fonts.check('20px \"Inter Variable\"')")
    assert page.problems == []
