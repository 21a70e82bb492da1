"""The gate and the score on projects without a back end, each broken in one place at a time."""

from collections.abc import Mapping

import pytest

from builder.checks import score_release
from builder.checks.catalog import STATIC_GATE
from builder.checks.inside.files import POLICY
from builder.events import Checked, CheckStatus, Released, Scored
from builder.path import BuildFailedError, Workshop, release_commit
from builder.release import read_release
from builder.spec import AppKind, AppSpec
from builder.stack import render_stack
from builder.workspace import MAIN, Workspace
from workers.host.headers import safety_headers

pytestmark = pytest.mark.browser

COUNTER = b"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Counter</title><link rel="icon" href="data:,"><link rel="stylesheet" href="assets/style.css"></head>
<body><main><h1>Counter</h1><p id="count">0</p><button id="more">One more</button></main>
<script>
document.querySelector("#more").onclick = () => { document.querySelector("#count").textContent++ }
</script></body></html>
"""
ARTIFACT: Mapping[str, bytes] = {"index.html": COUNTER, "assets/style.css": b"body { margin: 1rem; }\n"}
SPEC = AppSpec(name="Bicycles", tagline="Two centuries on two wheels", kind=AppKind.SLIDES)
DECK = render_stack(SPEC)


@pytest.fixture
def workshop(tmp_path, sandbox, toolchain):
    return Workshop(Workspace.open(tmp_path / "workspace"), tmp_path / "releases", sandbox, toolchain)


def through_the_gate(workshop, files: Mapping[str, bytes]):
    workshop.workspace.render(files, "Render")
    events = []
    try:
        for event in release_commit(workshop.workspace.require(MAIN), workshop):
            events.append(event)
    except BuildFailedError as error:
        events.append(error)
    ended = [e for e in events if isinstance(e, Checked) and e.status is not CheckStatus.RUNNING]
    return events[-1], {e.name: e for e in ended}


@pytest.mark.parametrize("files", [ARTIFACT, DECK], ids=["artifact", "deck"])
def test_plain_files_become_a_release_that_is_scored(workshop, toolchain, sandbox, files):
    last, ended = through_the_gate(workshop, files)
    assert isinstance(last, Released), ended
    assert {name: e.status for name, e in ended.items()} == {c.name: CheckStatus.PASSED for c in STATIC_GATE}
    release = read_release(last.path)
    assert (release.path / "thumbnail.png").exists()
    assert not release.snapshot.exists()
    assert {p.name for p in release.app.iterdir()} == {path.split("/")[0] for path in files}
    events = list(score_release(release, toolchain, sandbox))
    findings = [(e.name, f.message) for e in events if isinstance(e, Checked) for f in e.findings]
    assert events[-1] == Scored(1, 100), findings
    names = {e.name for e in events if isinstance(e, Checked)}
    assert names >= {"accessibility", "phone", "pages", "controls", "speed"}
    assert not names & {"tests", "security"}


SLIPS = COUNTER.replace(
    b"<main>",
    b'<img src="/assets/a.png" alt=""><img src="../../etc/b.png" alt=""><img src="gone.png" alt="">\n<main>',
)
FOREIGN = COUNTER.replace(
    b"<script>", b'<script src="https://cdn.example/x.js"></script><script>fetch("https://api.example/rates")\n'
)
# What is wrong, and what is told of it: each run of the gate looks for all that can be wrong at once.
BROKEN = {
    "nothing": ({"index.html": None}, [("document", "no index.html", None)]),
    "slips": (
        {"index.html": SLIPS, "assets/style.css": b"\nbody { background: url(gone.png) }"},
        [
            ("document", "begins with a slash", ("index.html", 4)),
            ("document", "out of the project", ("index.html", 4)),
            ("document", "no such file", ("index.html", 4)),
            ("document", "no such file", ("assets/style.css", 2)),
        ],
    ),
    "not text": ({"index.html": COUNTER + b"<!-- \xff -->"}, [("document", "not UTF-8", ("index.html", None))]),
    "blank": ({"index.html": COUNTER.replace(b"<main>", b"<main hidden>")}, [("first_paint", "blank", None)]),
    "errors": (
        {"index.html": COUNTER.replace(b"<script>", b"<script>fetch('gone.json'); boom()\n")},
        [("first_paint", "boom", None), ("first_paint", "/gone.json", None)],
    ),
    "elsewhere": (
        {"index.html": FOREIGN, "assets/style.css": b"@import '//fonts.example/inter.css';"},
        [
            ("self_contained", "https://cdn.example/x.js is loaded from elsewhere", ("index.html", 5)),
            ("self_contained", "//fonts.example/inter.css is loaded from elsewhere", ("assets/style.css", 1)),
            ("self_contained", "https://api.example/rates", None),
        ],
    ),
}


@pytest.mark.parametrize("flaw", BROKEN)
def test_each_check_finds_its_faults_and_nothing_is_released(workshop, flaw):
    changed, expected = BROKEN[flaw]
    files = {path: data for path, data in {**ARTIFACT, **changed}.items() if data is not None}
    last, ended = through_the_gate(workshop, files)
    assert isinstance(last, BuildFailedError)
    for check, message, place in expected:
        assert ended[check].status is CheckStatus.FAILED
        told = [(f.message, (f.path, f.line)) for f in ended[check].findings]
        assert any(message in said and place in (None, at) for said, at in told), told
    assert set(ended) == {c.name for c in STATIC_GATE}
    assert list(workshop.releases.iterdir()) == []


def test_a_link_to_elsewhere_is_fine(workshop):
    linked = COUNTER.replace(b"</main>", b'<a href="https://example.org/">More</a></main>')
    last, ended = through_the_gate(workshop, {**ARTIFACT, "index.html": linked})
    assert isinstance(last, Released), ended


def test_a_deck_needs_its_engine_and_a_slide(workshop):
    page = DECK["index.html"].replace(b'<script src="deck.js"></script>', b"").replace(b'"slide title"', b'"page"')
    _, ended = through_the_gate(workshop, {**DECK, "index.html": page})
    messages = " ".join(f.message for f in ended["document"].findings)
    assert "does not load deck.js" in messages
    assert "There is no slide" in messages


def test_the_page_is_tried_under_the_rules_that_it_is_served_under():
    [served] = [value.decode() for name, value in safety_headers(["'self'"]) if name == b"content-security-policy"]
    assert served == f"{POLICY}; frame-ancestors 'self'"


SLIDE = '<section class="slide"><h2>Slide {n}</h2><p>{text}</p><aside class="notes">Say {n}.</aside></section>'
SVG = (
    '<svg viewBox="0 0 {w} 300" width="100%" role="img" aria-label="{n}"><text x="{x}" y="90" font-size="30">'
    "Penny-farthing</text></svg>"
)


def scored(workshop, toolchain, sandbox, files):
    last, ended = through_the_gate(workshop, files)
    assert isinstance(last, Released), ended
    events = score_release(read_release(last.path), toolchain, sandbox)
    return {e.name: e.findings for e in events if isinstance(e, Checked) and e.status is not CheckStatus.RUNNING}


def with_slides(*slides: str):
    page = DECK["index.html"].decode()
    start, end = page.index("<section"), page.index("</main>")
    return {**DECK, "index.html": (page[:start] + "".join(slides) + page[end:]).encode()}


def test_a_deck_is_walked_to_the_end_and_each_slide_and_drawing_must_fit(workshop, toolchain, sandbox):
    long = SLIDE.format(n=2, text="Many words that no slide can hold. " * 120)
    wide = SLIDE.format(n=3, text="<span style='white-space:nowrap'>" + "wide " * 80 + "</span>")
    trap = SLIDE.format(n=4, text="<script>addEventListener('hashchange', () => 0); </script>")
    drawn = [
        SLIDE.format(n=n, text=SVG.format(w=w, x=x, n=n))
        for n, (w, x) in enumerate([(600, 20), (600, 520), (2000, 20)], 5)
    ]
    late = SLIDE.format(n=8, text="Last<script>addEventListener('keydown', e => e.key == 'Home' || boom())</script>")
    files = with_slides(SLIDE.format(n=1, text="Short"), long, wide, trap, *drawn, late)
    found = scored(workshop, toolchain, sandbox, files)
    told = [f.message for f in found["phone"]]
    assert any("Slide 2 at 1440 px holds more than fits" in message for message in told)
    assert any("Slide 3 at 390 px" in message for message in told)
    assert not any("Slide 1 " in message or "Slide 5 " in message for message in told)
    drawings = [message for message in told if message[:8] in {"Slide 6 ", "Slide 7 "}]
    assert [message[:17] for message in drawings] == ["Slide 6 at 1440 p", "Slide 6 at 390 px", "Slide 7 at 390 px"]
    assert "cuts off “text Penny-farthing” at the edge" in drawings[0]
    assert "px high: make it larger" in drawings[2]
    assert "boom" in found["pages"][0].message


def test_an_artifact_that_breaks_when_it_is_used_is_told(workshop, toolchain, sandbox):
    page = COUNTER.replace(b"<script>", b"<script>addEventListener('keydown', e => e.key == 'ArrowUp' && boom());\n")
    page = page.replace(b"</main>", b"<div style='width:900px;background:red'>wide</div></main>")
    found = scored(workshop, toolchain, sandbox, {**ARTIFACT, "index.html": page})
    assert "boom" in found["pages"][0].message
    assert "wider than the screen" in found["phone"][0].message
