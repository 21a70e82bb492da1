"""Ready pages played with in a real browser, one load each: what a person does first changes what is seen."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page

from builder.spec import AppKind, AppSpec, Starter
from builder.stack import render_stack

pytestmark = pytest.mark.browser
Opener = Callable[..., Page]


@pytest.fixture(scope="module")
def opened(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opener]:
    folder = tmp_path_factory.mktemp("pages")
    context = browser.new_context(viewport={"width": 390, "height": 844}, reduced_motion="reduce", has_touch=True)
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))

    def open_starter(name: str, **options: object) -> Page:
        assert problems == []
        starter = Starter(name=name, options=options)
        files = render_stack(AppSpec(name=name, kind=AppKind.ARTIFACT, starter=starter))
        (folder / f"{name}.html").write_bytes(files["index.html"])
        page.goto(f"file://{folder / name}.html")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        return page

    yield open_starter
    context.close()
    assert problems == []


def test_hangman_takes_letters_from_keys_and_touch_and_ends(opened: Opener) -> None:
    page = opened("hangman", words=["Éclair"])
    for letter in "ecla":
        page.keyboard.press(letter)
    page.tap("[data-letter=i]")
    assert page.inner_text("#said") == ""
    page.tap("[data-letter=r]")
    assert page.inner_text("#said") == "You got it!"


def test_sliding_puzzle_is_solved_by_undoing_its_moves(opened: Opener) -> None:
    page = opened("sliding_puzzle", size=3)
    page.evaluate("tiles = [1, 2, 3, 4, 5, 6, 7, 0, 8]; show()")
    page.keyboard.press("ArrowLeft")
    assert page.inner_text("#said") == "Solved!"
    assert page.inner_text("#moves") == "1"


def test_moles_are_hit_where_they_are_and_simon_says_when_it_was_wrong(opened: Opener) -> None:
    page = opened("whack_a_mole")
    page.tap("#again")
    page.evaluate("raise()")
    page.tap("#board .up")
    assert page.inner_text("#score") == "1"
    page = opened("simon", silent=True)
    page.evaluate("order = [2]; at = 0; state = 'play'")
    page.keyboard.press("1")
    assert page.inner_text("#said").startswith("Game over")


def test_a_locked_colour_stays_and_every_colour_tells_its_code(opened: Opener) -> None:
    page = opened("color_palette")
    codes = "[...document.querySelectorAll('.color button:not(.lock)')].map((code) => code.textContent)"
    page.tap(".color .lock")
    before = page.evaluate(codes)
    page.tap("#new")
    after = page.evaluate(codes)
    assert (len(after), after[0]) == (5, before[0])
    assert after[1:] != before[1:]


def test_chance_is_shown_whole(opened: Opener) -> None:
    page = opened("dice", count=3)
    page.keyboard.press("Space")
    sides = [int(side) for side in (page.get_attribute("#dice", "aria-label") or "").split(", ")]
    assert page.inner_text("#sum") == f"Sum {sum(sides)}"
    page = opened("wheel_of_names", names=["Ann", "Bo"], remove=True)
    page.tap("#spin")
    page.wait_for_function("document.querySelector('#won').textContent !== ''")
    assert page.input_value("#names") in {"Ann", "Bo"}


def test_clocks_are_added_and_taken_away_and_a_sky_stands_still_when_asked(opened: Opener) -> None:
    page = opened("world_clock", cities=["Tokyo"])
    page.fill("#city", "são paulo")
    page.keyboard.press("Enter")
    assert page.locator("#list h2").all_inner_texts() == ["Tokyo", "São Paulo"]
    page.tap("#list li:first-child button")
    assert page.locator("#list h2").all_inner_texts() == ["São Paulo"]
    page = opened("starry_night", stars=40)
    assert page.inner_text("#go") == "Play"
    assert page.locator("#stars circle").count() == 40
