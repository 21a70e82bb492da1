"""Requirements are proven on a release by what a browser finds there, and by nothing a release says of itself."""

import json
import shutil
import sqlite3
from contextlib import closing

import pytest

from builder.agent.flow import FlowStep
from builder.agent.ledger import Requirement, RequirementStatus
from builder.checks.prove import prove_release
from builder.events import Released
from builder.path import Workshop, release_commit
from builder.release import Release, read_release
from builder.sandbox import open_sandbox
from builder.workspace import MAIN, Workspace
from tests.builder.checks.tiny import MAIN_PY, NOTES, broken

pytestmark = pytest.mark.browser

HASTE = 0.3  # of the usual patience, where some flow can't hold anyway
OPEN = FlowStep(do="open", path="/")
ADDING = (
    OPEN,
    FlowStep(do="fill", name="Title", value="Milk"),
    FlowStep(do="click", role="button", name="Add note"),
    FlowStep(do="expect_text", text="Milk"),
    FlowStep(do="reload"),
    FlowStep(do="expect_rows", sql="select * from notes", count=2),
)
KEEPS = Requirement(id="r1", text="A note can be added and is kept", flow=ADDING)
AGAIN = Requirement(id="r2", text="Each proof begins with the release's own data", flow=ADDING)
LACKS = Requirement(
    id="r3", text="Notes can be deleted", flow=(OPEN, FlowStep(do="expect_control", role="button", name="Delete"))
)
UNTOLD = Requirement(id="r4", text="It is lovely")
EMPTY = Requirement(id="r5", text="Nothing is expected", flow=(OPEN,))


@pytest.fixture(scope="module")
def made(tmp_path_factory, toolchain) -> Release:
    """Built once."""
    path = tmp_path_factory.mktemp("notes")
    sandbox = open_sandbox("bubblewrap", path / "sandbox")
    workshop = Workshop(Workspace.open(path / "workspace"), path / "releases", sandbox, toolchain)
    workshop.workspace.render(NOTES, "Render")
    *_, last = release_commit(workshop.workspace.require(MAIN), workshop)
    assert isinstance(last, Released)
    return read_release(last.path)


@pytest.fixture
def release(made: Release, tmp_path) -> Release:
    """A copy, as it was built."""
    path = tmp_path / "releases" / str(made.n)
    shutil.copytree(made.path, path)
    return read_release(path)


def test_requirements_are_proven_or_fail_with_a_picture_and_a_reason(release, toolchain, sandbox):
    before = release.snapshot.read_bytes()
    ended = {r.id: r for r in prove_release(release, (KEEPS, AGAIN, LACKS, UNTOLD, EMPTY), toolchain, sandbox)}
    assert {key: item.status.value for key, item in ended.items()} == {
        "r1": "proven",
        "r2": "proven",
        "r3": "failed",
        "r4": "open",
        "r5": "failed",
    }
    assert ended["r1"].proof.finding is None
    assert ended["r1"].proof.steps[-1] == ADDING[-1].told()
    assert "button “Delete”" in ended["r3"].proof.finding
    assert "the last step must be an expectation" in ended["r5"].proof.finding
    pictures = release.path / "proofs"
    assert {path.name for path in pictures.iterdir()} == {"r1.png", "r2.png", "r3.png"}
    assert (pictures / ended["r1"].proof.screenshot).read_bytes().startswith(b"\x89PNG")
    assert release.snapshot.read_bytes() == before
    assert {path.name for path in release.path.parent.iterdir()} == {"1"}


def test_what_people_entered_since_turns_no_proof_red(release, toolchain, sandbox):
    with closing(sqlite3.connect(release.snapshot)) as database, database:
        database.execute("insert into notes (title) values ('A person wrote this')")
    [alone] = prove_release(release, [KEEPS], toolchain, sandbox, patience=HASTE)
    assert "3" in alone.proof.finding
    kept, lacking = prove_release(release, [KEEPS, LACKS], toolchain, sandbox, lived_in=True, patience=HASTE)
    assert (kept.status, kept.proof.finding) == (RequirementStatus.PROVEN, None)
    assert "button “Delete”" in lacking.proof.finding


def test_a_broken_feature_turns_its_proof_red(release, toolchain, sandbox):
    forgetful = broken(MAIN_PY, 'ask("insert into notes (title) values (?)", note.title)', "pass")
    (release.app / "backend/main.py").write_bytes(forgetful)
    [ended] = prove_release(release, [KEEPS], toolchain, sandbox, patience=HASTE)
    assert ended.status is RequirementStatus.FAILED
    assert "“Milk”" in ended.proof.finding


def test_an_app_that_answers_in_the_labs_place_proves_nothing(release, toolchain, sandbox):
    """It writes what a proof looks like into every descriptor that it could have been given."""
    forged = json.dumps({"id": 1, "value": {"ok": True, "snapshot": "", "seconds": 0}})
    forging = (
        "\n\nfor number in range(3, 64):\n"
        f"    try:\n        os.write(number, {(forged + chr(10)).encode()!r})\n    except OSError:\n        pass\n"
    )
    (release.app / "backend/main.py").write_text(MAIN_PY + forging)
    [ended] = prove_release(release, [LACKS], toolchain, sandbox, patience=HASTE)
    assert ended.status is RequirementStatus.FAILED
