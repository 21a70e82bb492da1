"""Which colours a picture is made of, counted by a blank page of the browser. Knows nothing of pages and flows."""

import base64
import re
from dataclasses import dataclass

from playwright.sync_api import Browser

_HEX = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE)
# A colour counts with its close neighbours: cloth, gradients and soft edges are still that colour, white is not linen.
_COUNT = """async ([png, wanted, near]) => {
  const picture = await createImageBitmap(await (await fetch("data:image/png;base64," + png)).blob());
  const { width, height } = picture, canvas = new OffscreenCanvas(width, height), pen = canvas.getContext("2d");
  pen.drawImage(picture, 0, 0);
  const data = pen.getImageData(0, 0, width, height).data, counts = new Map();
  for (let i = 0; i < data.length; i += 4) {
    const color = data[i] << 16 | data[i + 1] << 8 | data[i + 2];
    counts.set(color, (counts.get(color) ?? 0) + 1);
  }
  const apart = (a, b) => Math.hypot((a >> 16) - (b >> 16), (a >> 8 & 255) - (b >> 8 & 255), (a & 255) - (b & 255));
  const percent = n => 100 * n / (width * height), sorted = [...counts].sort((a, b) => b[1] - a[1]);
  const share = sorted.reduce((sum, [color, n]) => apart(color, wanted) <= near ? sum + n : sum, 0);
  const main = [];
  for (const [color, n] of sorted.slice(0, 300)) {
    const like = main.find(other => apart(color, other[0]) <= near);
    if (like) like[1] += n;
    else main.push([color, n]);
  }
  return { share: percent(share), main: main.slice(0, 4).map(([color, n]) => [color, percent(n)]) };
}"""
_NEAR = 20


@dataclass(frozen=True)
class Colors:
    """How many percent have the wanted colour, and what there is most of."""

    percent: float
    main: str


def number(color: str) -> int | None:
    return int(color.strip()[1:], 16) if _HEX.fullmatch(color.strip()) else None


def count(browser: Browser, png: bytes, wanted: int) -> Colors:
    context = browser.new_context()
    try:
        found = context.new_page().evaluate(_COUNT, [base64.b64encode(png).decode(), wanted, _NEAR])
    finally:
        context.close()
    main = ", ".join(f"#{int(color):06x} {percent:.0f} %" for color, percent in found["main"] if percent >= 1)
    return Colors(float(found["share"]), main)
