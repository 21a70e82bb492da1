"""Every pairing of text and ground that the stack's style sheet uses must read, whatever colours a person names."""

import re
from itertools import product

import pytest

from builder.spec import Theme
from builder.theme import DISCERNIBLE, READABLE, STYLES, Palette, contrast, derive_theme

NAMED = {
    "white and navy": ("#ffffff", "#000080"),
    "lavender and indigo": ("#e6e6fa", "#4b0082"),
    "alice blue and steel blue": ("#f0f8ff", "#4682b4"),
    "black and yellow": ("#000000", "#ffff00"),
    "linen and maroon": ("#faf0e6", "#800000"),
    "red and blue": ("#ff0000", "#0000ff"),
    "blue and red": ("#0000ff", "#ff0000"),
    "lime and lime": ("#00ff00", "#00ff00"),
    "white and white": ("#ffffff", "#ffffff"),
    "black and black": ("#000000", "#000000"),
    "grey and grey": ("#777777", "#767676"),
    "papaya whip and dark orange": ("#ffefd5", "#ff8c00"),
    "ghost white and slate gray": ("#f8f8ff", "#708090"),
    "yellow and white": ("#ffff00", "#ffffff"),
}
STEPS = ("00", "55", "aa", "ff")
GRID = ["#" + "".join(parts) for parts in product(STEPS, repeat=3)]


def assert_readable(palette: Palette) -> None:
    grounds = (palette.background, palette.surface, palette.raised, palette.accent_soft)
    texts = (palette.text, palette.muted, palette.accent_text, palette.danger_text, palette.success_text)
    for text, ground in product(texts, grounds):
        assert contrast(text, ground) >= READABLE, (text, ground, palette)
    assert contrast(palette.on_accent, palette.accent) >= READABLE
    assert contrast(palette.on_accent, palette.accent_hover) >= READABLE
    assert contrast(palette.on_danger, palette.danger) >= READABLE
    for ground in (palette.background, palette.surface):
        assert contrast(palette.accent_edge, ground) >= DISCERNIBLE
        assert contrast(palette.edge, ground) >= DISCERNIBLE


@pytest.mark.parametrize(("background", "component"), NAMED.values(), ids=NAMED.keys())
def test_named_colours_are_kept_exactly_and_all_text_reads(background, component):
    tokens = derive_theme(Theme(background=background, component=component), "App")
    assert (tokens.light.background, tokens.light.accent) == (background, component)
    assert_readable(tokens.light)
    assert_readable(tokens.dark)


@pytest.mark.parametrize("background", GRID[::3])
def test_any_ground_with_any_component_reads(background):
    for component in GRID[1::7]:
        tokens = derive_theme(Theme(background=background, component=component), "App")
        assert_readable(tokens.light)
        assert_readable(tokens.dark)


@pytest.mark.parametrize("color", ["#e6e6fa", "#000000", "#ffffff", "#ff8c00", "#800000"])
def test_the_colour_that_nobody_named_is_derived(color):
    for theme in (Theme(background=color), Theme(component=color), Theme(component=color, style="bold-dark")):
        tokens = derive_theme(theme, "App")
        assert color in (tokens.light.background, tokens.light.accent)
        assert_readable(tokens.light)
        assert_readable(tokens.dark)


@pytest.mark.parametrize("style", STYLES)
def test_every_palette_of_a_style_reads_and_the_name_picks_one(style):
    looks = {derive_theme(Theme(style=style), f"App {number}") for number in range(40)}
    assert len(looks) == len(STYLES[style].palettes)
    assert derive_theme(Theme(style=style), "Poppy") == derive_theme(Theme(style=style), "Poppy")
    for look in looks:
        assert_readable(look.light)
        assert_readable(look.dark)


def test_dark_mode_is_dark_and_a_dark_ground_serves_both_modes():
    lavender = derive_theme(Theme(background="#e6e6fa", component="#4b0082"), "App")
    assert contrast(lavender.dark.background, "#ffffff") > 12
    black = derive_theme(Theme(background="#000000", component="#ffff00"), "App")
    assert black.light == black.dark


def test_the_css_declares_every_colour_once_per_mode_and_names_no_other_font_than_it_needs():
    tokens = derive_theme(Theme(background="#e6e6fa", component="#4b0082", style="warm"), "App")
    assert re.findall(r"--background: (#\w+);", tokens.css) == ["#e6e6fa", *[tokens.dark.background] * 2]
    assert tokens.css.count("{") == tokens.css.count("}")
    assert tokens.fonts == ("@fontsource-variable/fraunces", "@fontsource-variable/nunito")


@pytest.mark.parametrize(
    ("theme", "schemes"),
    [
        (Theme(), ["light", "dark", "dark"]),
        (Theme(background="#000000"), ["dark", "dark", "dark"]),
        (Theme(style="bold-dark"), ["dark", "dark", "dark"]),
    ],
)
def test_what_the_browser_draws_itself_suits_the_ground(theme, schemes):
    assert re.findall(r"color-scheme: (\w+);", derive_theme(theme, "An app").css) == schemes
