"""Derive an app's whole look from the few colours and the style in its AppSpec. Knows nothing of files or templates.

A colour that a person named is kept to the digit in light mode; every other colour moves in OKLCH until its text reads.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Literal

from coloraide import Color

from builder.spec import Theme

READABLE = 4.5  # WCAG AA for text
DISCERNIBLE = 3.0  # WCAG AA for the edge of a control
WHITE, BLACK = Color("#ffffff"), Color("#000000")


@dataclass(frozen=True)
class Palette:
    """One mode's colours as hex. `on_x` is text upon x; `x_text` is x as text upon any ground of this palette."""

    background: str
    surface: str
    raised: str
    text: str
    muted: str
    border: str
    edge: str
    accent: str
    accent_hover: str
    accent_edge: str
    on_accent: str
    accent_text: str
    accent_soft: str
    danger: str
    on_danger: str
    danger_text: str
    success_text: str
    star: str


@dataclass(frozen=True)
class Style:
    """What a preset changes besides colour. Fonts are the kit's package names without their common prefix."""

    heading: str
    body: str
    radius: str
    card_radius: str
    weight: int
    tracking: str
    card: str
    palettes: tuple[tuple[str, str], ...]


STYLES: dict[str, Style] = {
    "clean": Style(
        "inter", "inter", "0.5rem", "0.75rem", 650, "-0.02em", "16rem",
        (("#f8fafb", "#1f5fd6"), ("#f7f9f8", "#0b7a5c"), ("#faf9fc", "#6b46d9"), ("#f6f9fb", "#0e7490"),
         ("#fbf9f8", "#c2410c")),
    ),
    "editorial": Style(
        "newsreader", "inter", "0.125rem", "0.125rem", 520, "-0.02em", "17rem",
        (("#fbfaf7", "#8c1d18"), ("#f9f9f6", "#1d3b34"), ("#fbf9f6", "#5b3a1e"), ("#f8f8f9", "#1e2f5c")),
    ),
    "playful": Style(
        "outfit", "nunito", "0.9rem", "1.4rem", 750, "-0.015em", "15rem",
        (("#fff8ec", "#e0391f"), ("#f1f9ff", "#1769e0"), ("#fdf3fa", "#b5179e"), ("#f3fbf0", "#23803a"),
         ("#f8f4ff", "#6a35d9")),
    ),
    "bold-dark": Style(
        "bricolage-grotesque", "inter", "0.375rem", "0.625rem", 800, "-0.035em", "17rem",
        (("#0e0f12", "#f5c518"), ("#0d1013", "#3ddc97"), ("#100d14", "#ff5c8a"), ("#0b1016", "#4cc2ff"),
         ("#120e0b", "#ff8a3d")),
    ),
    "warm": Style(
        "fraunces", "nunito", "0.75rem", "1.1rem", 600, "-0.02em", "17rem",
        (("#fbf4ea", "#a3401f"), ("#faf5ec", "#5f6b1f"), ("#fcf3ee", "#9d3048"), ("#f8f4ec", "#2f6658")),
    ),
    "technical": Style(
        "space-grotesk", "inter", "0.1875rem", "0.25rem", 600, "-0.02em", "14rem",
        (("#f5f6f7", "#0a58ca"), ("#f4f6f5", "#04703f"), ("#f7f6f4", "#b03a06"), ("#f5f5f8", "#4a3fcf")),
    ),
}  # fmt: skip

FAMILIES = {
    "inter": "Inter Variable",
    "newsreader": "Newsreader Variable",
    "outfit": "Outfit Variable",
    "nunito": "Nunito Variable",
    "bricolage-grotesque": "Bricolage Grotesque Variable",
    "fraunces": "Fraunces Variable",
    "space-grotesk": "Space Grotesk Variable",
    "jetbrains-mono": "JetBrains Mono Variable",
}
SERIFS = {"newsreader", "fraunces"}


@dataclass(frozen=True)
class ThemeTokens:
    style: str
    mode: Literal["light", "dark", "system"]
    light: Palette
    dark: Palette

    @property
    def fonts(self) -> tuple[str, ...]:
        """The kit's font packages that this theme needs."""
        style = STYLES[self.style]
        names = dict.fromkeys(
            (style.heading, style.body, "jetbrains-mono" if self.style == "technical" else style.body)
        )
        return tuple(f"@fontsource-variable/{name}" for name in names)

    @property
    def css(self) -> str:
        """The tokens as CSS custom properties: light by default, dark by `data-mode` or the system's wish."""
        dark = _declarations(self.dark)
        return "\n".join(
            (
                ":root {",
                *(f"  {line}" for line in (*_shape(self.style), *_declarations(self.light))),
                "}",
                "",
                ':root[data-mode="dark"] {',
                *(f"  {line}" for line in dark),
                "}",
                "",
                "@media (prefers-color-scheme: dark) {",
                "  :root:not([data-mode]) {",
                *(f"    {line}" for line in dark),
                "  }",
                "}",
                "",
            )
        )


def derive_theme(theme: Theme, name: str) -> ThemeTokens:
    """The same theme and name always give the same look; without named colours the name picks among the style's."""
    palettes = STYLES[theme.style].palettes
    own_ground, own_accent = palettes[hashlib.sha256(name.encode()).digest()[0] % len(palettes)]
    if theme.background:
        ground = Color(theme.background)
        accent = Color(theme.component) if theme.component else _accent_for(ground)
    elif theme.component:
        accent = Color(theme.component)
        ground = _ground_for(accent, dark=theme.style == "bold-dark")
    else:
        ground, accent = Color(own_ground), Color(own_accent)
    return ThemeTokens(theme.style, theme.mode, light=_ramp(ground, accent), dark=_dark_ramp(ground, accent))


def contrast(one: str, other: str) -> float:
    return float(Color(one).contrast(other, method="wcag21"))


def _ramp(ground: Color, accent: Color) -> Palette:
    ink = _best(ground)  # black or white: one of the two always reads
    toward = 1.0 if ink == WHITE else 0.0
    surface, raised = _surfaces(ground, ink)
    soft = _keeping(surface.mix(accent, 0.12 if toward == 0 else 0.2, space="oklab"), ink, 6.5)
    grounds = tuple(Color(_hex(color)) for color in (ground, surface, raised, soft))  # as rounded as they will be shown
    text = _until(_lch(0.22 if toward == 0 else 0.96, min(_chroma(ground), 0.02), ground), grounds, 7.0, toward)
    muted = _until(text.mix(ground, 0.42, space="oklab"), grounds, 4.7, toward)
    hover = _shifted(accent, -0.05 if _best_on_accent(accent) == WHITE else 0.04)
    danger = _lch(0.52, 0.19, 27) if toward == 0 else _lch(0.7, 0.17, 25)
    return Palette(
        background=_hex(ground),
        surface=_hex(surface),
        raised=_hex(raised),
        text=_hex(text),
        muted=_hex(muted),
        border=_hex(ground.mix(text, 0.13 if toward == 0 else 0.16, space="oklab")),
        edge=_hex(_until(text.mix(ground, 0.6, space="oklab"), (ground, surface), DISCERNIBLE, toward)),
        accent=_hex(accent),
        accent_hover=_hex(hover),
        accent_edge=_hex(_until(accent, (ground, surface), DISCERNIBLE, toward)),
        on_accent=_hex(_best_on_accent(accent)),
        accent_text=_hex(_until(accent, grounds, READABLE, toward)),
        accent_soft=_hex(soft),
        danger=_hex(danger),
        on_danger=_hex(_best_on_accent(danger)),
        danger_text=_hex(_until(danger, grounds, READABLE, toward)),
        success_text=_hex(_until(_lch(0.55, 0.13, 152), grounds, READABLE, toward)),
        star=_hex(_until(_lch(0.72, 0.16, 70), (surface,), DISCERNIBLE, toward)),
    )


def _dark_ramp(ground: Color, accent: Color) -> Palette:
    """A ramp of its own, in the light ground's hue. A ground that is dark already serves both modes."""
    if _lightness(ground) < 0.35:
        return _ramp(ground, accent)
    tint = ground if _chroma(ground) > 0.01 else accent
    night = _lch(0.175, min(_chroma(tint) * 0.35, 0.022), tint)
    return _ramp(night, _until(accent, (night,), DISCERNIBLE, 1.0))  # the named accent itself, where it stands out


def _surfaces(ground: Color, ink: Color) -> tuple[Color, Color]:
    """A card lies a little nearer to the light than the page; a mid-tone page keeps its text readable first."""
    if ink == BLACK:
        surface = ground.mix(WHITE, 0.78, space="oklab")
        return surface, ground.mix(BLACK, 0.035, space="oklab") if _lightness(ground) > 0.8 else surface
    return _keeping(_shifted(ground, 0.035), ink, 7.0), _keeping(_shifted(ground, 0.07), ink, 6.0)


def _ground_for(accent: Color, *, dark: bool) -> Color:
    return _lch(0.17, 0.015, accent) if dark else _lch(0.983, min(_chroma(accent) * 0.06, 0.008), accent)


def _accent_for(ground: Color) -> Color:
    """A deep or bright companion: the ground's own hue where it has one, else a calm blue."""
    hue = ground if _chroma(ground) > 0.012 else _lch(0.5, 0.1, 255)
    return _lch(0.42, 0.13, hue) if _best(ground) == BLACK else _lch(0.82, 0.13, hue)


def _until(color: Color, grounds: Iterable[Color], ratio: float, toward: float) -> Color:
    """`color`, moved in lightness towards black (0) or white (1) only as far as it takes to read on all grounds."""
    grounds = tuple(grounds)
    start = _lightness(color)
    for step in range(41):
        candidate = _at(color, start + (toward - start) * step / 40)
        if all(candidate.contrast(ground, method="wcag21") >= ratio for ground in grounds):
            return candidate
    return WHITE if toward else BLACK


def _keeping(ground: Color, ink: Color, ratio: float) -> Color:
    """`ground`, moved away from `ink` only as far as it takes for `ink` to read on it."""
    return _until(ground, (ink,), ratio, 0.0 if ink == WHITE else 1.0)


def _best(ground: Color) -> Color:
    return WHITE if ground.contrast(WHITE, method="wcag21") >= ground.contrast(BLACK, method="wcag21") else BLACK


def _best_on_accent(accent: Color) -> Color:
    """White wherever it reads: saturated colours look duller under black."""
    return WHITE if accent.contrast(WHITE, method="wcag21") >= READABLE else BLACK


def _lch(lightness: float, chroma: float, hue: Color | float) -> Color:
    angle = hue if isinstance(hue, int | float) else _finite(hue.convert("oklch")["hue"])
    return Color("oklch", [lightness, chroma, angle]).fit("srgb", method="oklch-chroma").convert("srgb")


def _at(color: Color, lightness: float) -> Color:
    if abs(lightness - _lightness(color)) < 1e-6:
        return Color(_hex(color))
    return Color(_hex(_lch(min(max(lightness, 0.0), 1.0), _chroma(color), color)))


def _shifted(color: Color, by: float) -> Color:
    return _at(color, _lightness(color) + by)


def _lightness(color: Color) -> float:
    return _finite(color.convert("oklch")["lightness"])


def _chroma(color: Color) -> float:
    return _finite(color.convert("oklch")["chroma"])


def _finite(value: float) -> float:
    return 0.0 if value != value else float(value)  # a grey has no hue: NaN


def _hex(color: Color) -> str:
    return color.convert("srgb").fit("srgb").to_string(hex=True)


def _shape(name: str) -> tuple[str, ...]:
    style = STYLES[name]
    return (
        f"--font-body: {_family(style.body)};",
        f"--font-heading: {_family(style.heading)};",
        f"--font-label: {_family('jetbrains-mono' if name == 'technical' else style.body)};",
        f"--heading-weight: {style.weight};",
        f"--heading-tracking: {style.tracking};",
        f"--radius-control: {style.radius};",
        f"--radius-card: {style.card_radius};",
        f"--card-width: {style.card};",
    )


def _family(font: str) -> str:
    generic = "Georgia, serif" if font in SERIFS else "ui-monospace, monospace" if "mono" in font else "sans-serif"
    return f'"{FAMILIES[font]}", {generic}'


def _declarations(palette: Palette) -> tuple[str, ...]:
    """What the browser draws by itself, such as the button of a date, has to be seen on the field it stands in."""
    scheme = "dark" if contrast(palette.surface, "#ffffff") > contrast(palette.surface, "#000000") else "light"
    tokens = tuple(f"--{f.name.replace('_', '-')}: {getattr(palette, f.name)};" for f in fields(palette))
    return (f"color-scheme: {scheme};", *tokens)
