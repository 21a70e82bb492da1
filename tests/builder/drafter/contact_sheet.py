"""What the apps of blueprints look like: `python -m tests.builder.drafter.contact_sheet [--detail] FOLDER [NAME…]`.

Each app is built and served with its first rows, and its home page photographed at 1440 and 390 pixels; `sheet.png`
shows them all side by side. With `--detail` come the form, a row's page, the dark mode and the other pages, too.
"""

import argparse
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from builder import blueprints
from builder.drafter import BlueprintDrafter
from builder.spec import AppSpec
from builder.toolchain import Toolchain, ensure_toolchain, find_chromium
from tests.builder.served import served, sign_in
from tests.builder.test_frontend import built
from tests.conftest import BROWSER_FLAGS

CACHE = Path(__file__).parents[3] / ".cache"
WIDTHS = {"desktop": (1440, 900), "phone": (390, 844)}
SHEET = """<style>
body {{ margin: 24px; font: 15px sans-serif; display: grid; grid-template-columns: repeat(4, 1fr); gap: 24px }}
figure {{ margin: 0 }} div {{ display: flex; gap: 6px; align-items: start }}
img {{ border: 1px solid #ccc; min-width: 0; width: 79% }} img:last-child {{ width: 20.5% }}
</style>{figures}"""
FIGURE = """<figure><figcaption>{name}</figcaption>
<div><img src="{name}-desktop.png"><img src="{name}-phone.png"></div></figure>"""


def main() -> None:
    options = _options()
    options.folder.mkdir(parents=True, exist_ok=True)
    toolchain = ensure_toolchain(CACHE)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(find_chromium()), args=BROWSER_FLAGS)
        for name in options.names or blueprints.names():
            photograph(name, options.folder, toolchain, browser, options.detail)
            print(name, flush=True)
        lay_out(options.folder, browser)
        browser.close()


def photograph(name: str, folder: Path, toolchain: Toolchain, browser: Browser, detail: bool) -> None:
    spec = BlueprintDrafter().draft(f"{blueprints.read(name)['words'][0]} app").spec
    app = Path(tempfile.mkdtemp(prefix="sheet-"))
    try:
        with served(built(spec, app, toolchain)) as address:
            for width in WIDTHS:
                with _page(browser, address, width) as page:
                    _shoot(page, folder / f"{name}-{width}.png")
                    for what, path, mode in _details(spec) if detail else ():
                        page.emulate_media(color_scheme=mode)
                        page.goto(f"{address}{path}")
                        _shoot(page, folder / f"{name}-{width}-{what}.png", whole=True)
    finally:
        shutil.rmtree(app)


def _page(browser: Browser, address: str, width: str) -> Page:
    wide, high = WIDTHS[width]
    page = browser.new_page(viewport={"width": wide, "height": high}, reduced_motion="reduce", color_scheme="light")
    page.goto(address)
    sign_in(page)
    page.goto(address)
    return page


def _shoot(page: Page, path: Path, whole: bool = False) -> None:
    page.wait_for_load_state("networkidle")
    page.screenshot(path=path, full_page=whole)


def _details(spec: AppSpec) -> Iterator[tuple[str, str, str]]:
    """What else to look at: a name for the picture, the path, the mode."""
    main = f"/{spec.entities[0].plural}"
    yield "list", main, "light"
    yield "form", f"{main}/new", "light"
    yield "row", f"{main}/1", "light"
    yield "row-dark", f"{main}/1", "dark"
    yield "list-dark", main, "dark"
    for page in spec.pages:
        yield f"page-{page.name}", f"/{page.name}", "light"


def lay_out(folder: Path, browser: Browser) -> None:
    names = sorted(path.name.removesuffix("-desktop.png") for path in folder.glob("*-desktop.png"))
    figures = "".join(FIGURE.format(name=name) for name in names)
    (folder / "sheet.html").write_text(SHEET.format(figures=figures), encoding="utf-8")
    page = browser.new_page(viewport={"width": 2400, "height": 1200})
    page.goto((folder / "sheet.html").resolve().as_uri())
    _shoot(page, folder / "sheet.png", whole=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--detail", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
