"""The apps of blueprints build, pass their own tests and have no accessibility finding.

With each commit it is another twelve that are built, and another one that is looked at; `-m slow` does all the others.
"""

import hashlib
import random
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from builder import blueprints
from builder.agent.flow import MAX_FLOW_STEPS
from builder.checks.bench import Bench, read_flow
from builder.checks.prove import FLOW_SECONDS, as_dicts
from builder.proofs import proof
from builder.proofs.app import App
from builder.sandbox import open_sandbox
from builder.spec import AppSpec
from tests.builder.drafter.test_blueprints import first
from tests.builder.served import served, sign_in
from tests.builder.stack.conftest import Apps
from tests.builder.test_frontend import AXE, built

FINDINGS = """axe.run(document, { resultTypes: ["violations"] }).then(
  ({ violations }) => violations.map((one) => [one.id, one.nodes[0].html]))"""


def _shuffled() -> list[str]:
    """All of them, in another order with each commit, so that all have their turn."""
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=Path(__file__).parent, capture_output=True, text=True)
    text = done.stdout or " ".join(blueprints.names())
    seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])
    return random.Random(seed).sample(blueprints.names(), len(blueprints.names()))


ORDER = _shuffled()


def some(count: int) -> pytest.MarkDecorator:
    """`count` of them always, the others where there is time."""
    others = (pytest.param(name, marks=pytest.mark.slow) for name in ORDER[count:])
    return pytest.mark.parametrize("name", [*ORDER[:count], *others])


@some(12)
def test_its_app_builds_and_passes_its_own_tests(name, tmp_path, toolchain):
    built(first(name), tmp_path / "front", toolchain)
    assert " passed" in Apps(tmp_path).make(first(name), name).run("-m", "pytest")


@pytest.mark.browser
@some(1)
def test_its_app_has_no_accessibility_finding_in_light_and_in_dark(name, tmp_path, toolchain, browser):
    spec = first(name)
    with served(built(spec, tmp_path, toolchain)) as address, _page(browser, address) as page:
        for path in _paths(spec):
            page.goto(address + path)
            page.wait_for_load_state("networkidle")
            for mode in ("light", "dark"):
                page.emulate_media(color_scheme=mode)
                page.evaluate(AXE.read_text())
                assert page.evaluate(FINDINGS) == [], f"{path} in {mode} mode"


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("name", ORDER)
def test_all_that_it_does_is_proven_as_if_it_had_been_asked_for(name, tmp_path, toolchain):
    spec, data = first(name), tmp_path / "data"
    data.mkdir()
    app = built(spec, tmp_path / "app", toolchain)
    bench = Bench(app, data, toolchain, open_sandbox("bubblewrap", tmp_path / "run"), built=True)
    names = dict.fromkeys([*(f.name for f in spec.features), *(r.kind for r in spec.rules)])
    parts = [*(f"entities.{entity.name}" for entity in spec.entities), *(f"features.{one}" for one in names)]
    proofs, found = App.of(spec), {}
    try:
        for part in parts:
            if flow := (proof(proofs, part) or [])[:MAX_FLOW_STEPS]:
                found[part] = read_flow(bench.call("run_flow", {"steps": as_dicts(flow)}, FLOW_SECONDS)).finding
    finally:
        bench.stop()
    assert len(found) > len(parts) / 2
    assert {part: why for part, why in found.items() if why} == {}


@contextmanager
def _page(browser: Browser, address: str) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    page.goto(address)
    sign_in(page)
    yield page
    page.close()


def _paths(spec: AppSpec) -> Iterator[str]:
    """Every page of the navigation, a form and a row."""
    main = f"/{spec.entities[0].plural}"
    yield from ("/", f"{main}/new", f"{main}/1")
    yield from (f"/{page.name}" for page in spec.pages[1:])
