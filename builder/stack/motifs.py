"""Drawings for posters, of a few kinds, laid out by the poster's own words: the same words give the same drawing.

Each fills a field of 100 by 60 and takes its colours from the page: `a` and `b` are classes of the style sheet.
"""

import math
import random
from collections.abc import Callable

Draw = Callable[[random.Random], str]


def motif(name: str, seed: str) -> str:
    shapes = _MOTIFS[name](random.Random(seed))  # noqa: S311 a drawing, not a secret
    return (
        f'<svg class="art" viewBox="0 0 100 60" preserveAspectRatio="xMidYMid slice" aria-hidden="true">{shapes}</svg>'
    )


def _rings(chance: random.Random) -> str:
    x, y = chance.choice(((70, 34), (30, 30), (50, 44)))
    rings = (
        f'<circle class="line" cx="{x}" cy="{y}" r="{r}" stroke-width="{w}"/>'
        for r, w in ((46, 1), (38, 1.6), (30, 2.4), (22, 3.4))
    )
    return (
        "".join(rings)
        + f'<circle class="a" cx="{x}" cy="{y}" r="13"/><circle class="b" cx="{x + 13}" cy="{y - 12}" r="4.5"/>'
    )


def _waves(chance: random.Random) -> str:
    shift = chance.uniform(0, 6)
    sun = f'<circle class="b" cx="{chance.choice((26, 50, 72))}" cy="22" r="12"/>'
    return sun + "".join(_wave(30 + 7 * row, 3.2 - row * 0.3, shift + row * 4, row) for row in range(5))


def _wave(y: float, height: float, shift: float, row: int) -> str:
    curves = "".join(f"q6.25 {-height if at % 2 else height} 12.5 0" for at in range(10))
    return f'<path class="a" opacity="{0.35 + 0.15 * row:.2f}" d="M{-12 - shift:.1f} {y:.1f}{curves}V64H-14Z"/>'


def _hills(chance: random.Random) -> str:
    sun = f'<circle class="b" cx="{chance.choice((24, 68, 76))}" cy="18" r="9"/>'
    ridges = []
    for row, (low, opacity) in enumerate(((34, 0.35), (41, 0.6), (49, 1))):
        at = chance.uniform(-8, 8) + row * 9
        rise = f"C{12 + at:.1f} {low - 12} {30 + at:.1f} {low - 8} {46 + at:.1f} {low + 2}"
        fall = f"S{80 + at:.1f} {low - 10} 105 {low}"
        ridges.append(f'<path class="a" opacity="{opacity}" d="M-5 64V{low + 3}{rise}{fall}V64Z"/>')
    return sun + "".join(ridges)


def _stripes(chance: random.Random) -> str:
    bands = []
    for at in range(14):
        tone = f'class="{"b" if at % 4 == 1 else "a"}" opacity="{1 if at % 2 else 0.45}"'
        bands.append(f'<rect {tone} x="{at * 12 - 30}" y="-40" width="6.5" height="150"/>')
    return f'<g transform="rotate({chance.choice((-24, 24))} 50 30)">' + "".join(bands) + "</g>"


def _confetti(chance: random.Random) -> str:
    shapes = []
    for at in range(64):
        x, y = (at % 10) * 10.6 + chance.uniform(0, 7), (at // 10) * 9.6 + chance.uniform(-2, 5)
        place = f'transform="translate({x:.1f} {y:.1f}) rotate({chance.randrange(180)})"'
        tone = "b" if chance.random() < 0.35 else "a"
        kinds = (
            f'<circle class="{tone}" {place} r="1.3"/>',
            f'<rect class="{tone}" {place} x="-1.6" y="-0.6" width="3.2" height="1.2" rx="0.3"/>',
            f'<path class="{tone}" {place} d="M0-1.8 1.6 1.2H-1.6Z"/>',
            f'<path class="line {tone}" {place} stroke-width="0.7" d="M-2.6 0q1.3-2 2.6 0t2.6 0"/>',
        )
        shapes.append(chance.choice(kinds))
    return "".join(shapes)


def _stars(chance: random.Random) -> str:
    moon = '<path class="b" d="M20 10a11 11 0 1 0 9 17 9 9 0 0 1-9-17Z"/>'
    star = "M0-2.4C.3-.6.6-.3 2.4 0 .6.3.3.6 0 2.4-.3.6-.6.3-2.4 0-.6-.3-.3-.6 0-2.4Z"
    stars = []
    for at in range(46):
        x, y = (at % 9) * 11.6 + chance.uniform(0, 9), (at // 9) * 12 + chance.uniform(-2, 8)
        size = chance.choice((0.3, 0.45, 0.45, 0.9, 1.6))
        if not (7 < x < 34 and 2 < y < 34):
            stars.append(f'<path class="a" transform="translate({x:.1f} {y:.1f}) scale({size})" d="{star}"/>')
    return moon + "".join(stars)


def _hearts(chance: random.Random) -> str:
    heart = "M0 4C-7-1-4-6-1.6-5.2-.6-4.9 0-4 0-3.4 0-4 .6-4.9 1.6-5.2 4-6 7-1 0 4Z"
    shapes = []
    for at in range(15):
        x, y = (at % 5) * 22 + chance.uniform(-2, 12), (at // 5) * 22 + chance.uniform(2, 14)
        place = f"translate({x:.1f} {y:.1f}) rotate({chance.randint(-22, 22)}) scale({chance.choice((0.7, 1, 1.5))})"
        tone = f'class="{"b" if at % 3 == 1 else "a"}" opacity="{chance.choice((0.35, 0.6, 1))}"'
        shapes.append(f'<path {tone} transform="{place}" d="{heart}"/>')
    return "".join(shapes)


def _notes(chance: random.Random) -> str:
    """The bars of a sound."""
    bars = []
    for at in range(34):
        high = 8 + 28 * abs(math.sin(at * 0.43 + chance.uniform(0, 0.5))) + chance.uniform(0, 14)
        tone, place = "b" if at % 7 == 3 else "a", f'x="{at * 3 - 0.5:.1f}" y="{30 - high / 2:.1f}"'
        bars.append(f'<rect class="{tone}" {place} width="1.7" height="{high:.1f}" rx="0.85"/>')
    return "".join(bars)


def _grid(chance: random.Random) -> str:
    dots = []
    for row in range(8):
        for column in range(13):
            x, y, pick = column * 8 + 2, row * 8 + 2, chance.random()
            if pick < 0.16:
                dots.append(
                    f'<rect class="{"b" if pick < 0.05 else "a"}" x="{x - 3}" y="{y - 3}" width="6" height="6" rx="1"/>'
                )
            else:
                dots.append(f'<circle class="a" opacity="0.5" cx="{x}" cy="{y}" r="0.8"/>')
    return "".join(dots)


_MOTIFS: dict[str, Draw] = {
    "rings": _rings, "waves": _waves, "hills": _hills, "stripes": _stripes, "confetti": _confetti, "stars": _stars,
    "hearts": _hearts, "notes": _notes, "grid": _grid,
}  # fmt: skip
