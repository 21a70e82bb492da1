"""What a person sees of a build with a model: steps as they are written, questions, proofs, what it cost."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page, expect

from builder.events import Event, Noted, Phase, PhaseChanged, Scored, Served, UsageTold
from builder.settings import Settings
from builder.workspace import MAIN, Workspace
from tests.conftest import Broker, eventually
from tests.web.api.conftest import serving
from tests.web.pages import model_story as story
from tests.web.pages.conftest import MARKUP, Studio, Teller, axe_findings
from web.api.steps import PNG
from workers.models import Build, BuildKind, BuildStatus, Project, ProjectStatus, Release, StoredRequirement, StoredStep
from workers.queue import Queue
from workers.testing import ScriptedHost

pytestmark = pytest.mark.browser
DOT = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)


@pytest.fixture
def studio(settings: Settings, broker: Broker, browser: Browser, teller: Teller) -> Iterator[Studio]:
    connected = settings.model_copy(update={"model_url": "http://127.0.0.1:9", "model_name": "zai-org/GLM-4.5-Air"})
    with ScriptedHost(settings.host_socket), serving(connected) as client:
        yield Studio(str(client.base_url), teller, browser)


@pytest.fixture
def queue(settings: Settings, studio: Studio) -> Iterator[Queue]:
    """What is published before the web process listens is heard by nobody."""
    queue = Queue(settings.broker)
    eventually(queue.client.pubsub_numpat)
    yield queue
    queue.close()


def begun(studio: Studio, *events: Event) -> tuple[Project, Build]:
    """A build whose first release is served, and which goes on."""
    project, build = studio.teller.project(story.PROMPT)
    studio.teller.start(build)
    studio.teller.tell(build, Served(1, story.URL), *story.REQUIREMENTS, story.working(), *events)
    return project, build


def ended(studio: Studio, build: Build, *events: Event) -> None:
    studio.teller.write(build.project_id, 1, {"a.txt": "one"})
    studio.teller.tell(build, *events, PhaseChanged(Phase.SUCCEEDED))
    studio.teller._update(build, BuildStatus.SUCCEEDED, ProjectStatus.READY, 1)


def live(queue: Queue, build: Build, event: Event) -> None:
    queue.live(build.project_id, build.id, event.data())


def overflow(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))


def test_a_step_is_watched_while_it_is_written_and_folds_when_it_ends(studio: Studio, queue: Queue) -> None:
    project, build = begun(studio)
    live(queue, build, story.streamed(1, 0, reasoning="First the date."))
    with studio.visit(f"/projects/{project.id}") as page:
        expect(page.locator(".row.alive .row-title")).to_have_text("Thinking")  # a page that opens in mid-step sees it
        expect(page.locator(".thought")).to_have_text("First the date.")
        live(queue, build, story.streamed(1, 64, text="The entity first."))
        expect(page.locator(".row.alive .row-title")).to_have_text("Writing backend/entities/watering.py")
        expect(page.locator(".writing")).to_contain_text("64 lines")
        expect(page.locator(".tail")).to_contain_text("watered_11")
        expect(page.locator("#progress")).to_contain_text("Step 1 · Writing backend/entities/watering.py")
        expect(page.locator("#project-status")).to_have_text("Improving")
        live(queue, build, story.streamed(1, 128))
        expect(page.locator(".writing")).to_contain_text("128 lines")
        assert axe_findings(page) == []
        studio.teller.tell(build, story.edited(1))
        expect(page.locator(".live-step")).to_have_count(0)
        expect(page.locator(".kind-step .row-title")).to_have_text("Edited frontend/src/pages/Plant1.tsx")
        live(queue, build, story.streamed(1, 256))  # late: the step has ended
        live(queue, build, replace(story.streamed(2, 8), phase="verify"))
        expect(page.locator(".writing")).to_contain_text("8 lines")
        studio.teller.tell(build, story.working("verify"))  # told later than what the step writes, and begun before it
        expect(page.locator(".kind-stage + .kind-step")).to_have_count(2)
        expect(page.locator(".kind-step")).to_have_count(2)
        studio.teller.tell(build, PhaseChanged(Phase.CANCELLED))
        expect(page.locator(".kind-step")).to_have_count(1)
        page.reload()
        expect(page.locator(".kind-end .row-title")).to_have_text("Stopped")
        expect(page.locator(".kind-step")).to_have_count(1)


def test_much_that_is_written_stays_little_on_the_page(studio: Studio, queue: Queue) -> None:
    project, build = begun(studio)
    with studio.visit(f"/projects/{project.id}") as page:
        endless = story.streamed(1, 5000, reasoning="thought " * 8000)
        endless.calls[0]["tail"] = "\n".join("x" * 900 for _ in range(80))
        live(queue, build, endless)
        expect(page.locator(".writing")).to_contain_text("5,000 lines")
        assert page.locator(".tail").evaluate("n => n.textContent.length") < 3000
        assert page.locator(".thought").evaluate("n => n.textContent.length") <= 6000
        assert page.locator(".side").evaluate("n => n.scrollWidth - n.clientWidth") <= 0


def test_a_step_opens_into_thoughts_calls_and_what_it_changed(studio: Studio) -> None:
    project, build = begun(studio)
    workspace = Workspace.open(studio.teller.settings.project_dir(project.id) / "workspace")
    with studio.teller.database.write() as session:
        for n, text in enumerate((b"one\n", b"two\n")):
            workspace.render({"a.txt": text}, "A step")
            commit = workspace.require(MAIN)
            session.add(StoredStep(build_id=build.id, n=n, messages=[], commit=commit, state={}))
    failed = story.called("browse", f"Opened /plants {MARKUP}", ok=False, result=MARKUP)
    studio.teller.tell(build, story.stepped(1, story.called("edit_file", "Edited a.txt", added=1, removed=1), failed))
    with studio.visit(f"/projects/{project.id}") as page:
        expect(page.locator(".kind-step .row-line")).to_have_text("1 of 2 did not work")
        page.locator(".kind-step .row-head").focus()
        page.keyboard.press("Enter")
        page.get_by_text("What it thought").click()
        expect(page.locator(".thought")).to_contain_text("Then the page.")
        page.locator(".calls summary").click()
        expect(page.locator(".call-result")).to_have_text(MARKUP)
        page.get_by_text("What changed").click()
        expect(page.locator(".diff-row.plus .t")).to_have_text("two")
        assert axe_findings(page) == []


def test_releases_stages_and_steps_keep_their_order_after_a_reload(studio: Studio) -> None:
    project, _ = begun(studio, story.edited(1), *story.checkpoint(2), story.edited(2), *story.checkpoint(3, 92))
    order = ["Building", "Edited frontend/src/pages/Plant1.tsx", "Release 2 is live", "Verifying"]
    order += ["Edited frontend/src/pages/Plant2.tsx", "Release 3 is live"]
    with studio.visit(f"/projects/{project.id}") as page:
        for _ in range(2):
            expect(page.locator(".row:is(.kind-stage, .kind-step, .kind-checkpoint) .row-title")).to_have_text(order)
            page.reload()
        expect(page.locator(".kind-checkpoint .row-line").last).to_have_text(
            "Score 92 · 1 of 4 proven · 1 check to mend"
        )
    with studio.teller.database.write() as session:
        session.add_all(Release(project_id=project.id, n=n, commit="c0ffee", score=None, checks=[]) for n in (2, 3))
        session.get_one(Project, project.id).served_release = 3
    with studio.visit(f"/projects/{project.id}") as page:
        expect(page.locator(".kind-checkpoint")).to_have_count(2)
        page.get_by_role("button", name="Release 3").click()
        expect(page.get_by_role("menuitem", name="Release 3")).to_contain_text("1/4 proven · score 92")
        expect(page.get_by_role("menuitem", name="Restore release 2")).to_be_visible()


def test_new_proofs_of_what_is_live_are_told_as_that(studio: Studio) -> None:
    again = (PhaseChanged(Phase.SCORING), Scored(2, 95))
    project, _ = begun(studio, story.edited(1), *story.checkpoint(2), story.edited(2), *again, story.working())
    with studio.visit(f"/projects/{project.id}") as page:
        titles = page.locator(".kind-checkpoint .row-title")
        expect(titles).to_have_text(["Release 2 is live", "Tried release 2 again"])
        expect(page.locator(".kind-checkpoint .row-line").last).to_contain_text("Score 95")


@pytest.mark.parametrize("phone", [False, True])
def test_questions_are_answered_with_chips_and_words(studio: Studio, phone: bool) -> None:
    project, build = begun(studio)
    ended(studio, build, story.asks())
    with studio.visit(f"/projects/{project.id}", phone=phone) as page:
        expect(page.locator(".questions")).to_have_count(1)
        if phone:
            page.locator("[data-side=side]").click()
        expect(page.locator("#project-status")).to_have_text("Asks you")
        page.get_by_role("button", name="Build with these answers").click()
        expect(page.locator(".questions [role=alert]")).to_contain_text("Choose or write an answer")
        page.get_by_role("radio", name="Only me").focus()
        page.keyboard.press("ArrowRight")
        expect(page.get_by_role("radio", name="My family")).to_be_checked()
        page.get_by_label("What should be on the first screen?").fill("What is overdue")
        assert axe_findings(page) == []
        assert overflow(page) <= 0
        page.get_by_role("button", name="Build with these answers").click()
        expect(page.locator(".turn")).to_have_count(2)
        expect(page.locator(".questions")).to_have_count(0)
        expect(page.locator(".answered dd")).to_have_text(["My family", "What is overdue"])
    sent = studio.teller.store.latest_builds([project.id])[project.id]
    assert sent.message == (
        "Question: Who uses it?\nAnswer: My family\n"
        "Question: What should be on the first screen?\nAnswer: What is overdue"
    )


def test_questions_may_be_left_open(studio: Studio) -> None:
    project, build = begun(studio)
    ended(studio, build, story.asks())
    with studio.visit(f"/projects/{project.id}") as page:
        page.get_by_role("button", name="Build it as it is").click()
        expect(page.locator(".answered dd")).to_have_text(["Left open", "Left open"])
    assert studio.teller.store.latest_builds([project.id])[project.id].message == "Build it as it is."


def test_why_a_model_stopped_is_read_and_a_choice_taken(studio: Studio) -> None:
    project, build = begun(studio, story.edited(1))
    ended(studio, build, Noted(story.POST_MORTEM, "warning"), story.usage(9))
    with studio.visit(f"/projects/{project.id}") as page:
        note = page.locator(".kind-note")
        expect(note.locator(".row-title")).to_have_text("The model stopped early: the same check failed three times.")
        expect(note.locator("ul li").first).to_have_text("Edited backend/entities/plant.py")
        expect(note.locator(".code-line.plus")).to_contain_text("datetime | None")
        note.get_by_role("button", name="Write this").click()
        expect(page.locator("#message")).to_have_value("Overdue plants come first")
        expect(page.locator(".kind-end .row-line")).to_have_text("9 steps · 412.3K tokens in · 18.2K out")
        assert axe_findings(page) == []


def test_requirements_show_words_proof_and_the_way_to_mend(studio: Studio) -> None:
    project, build = begun(studio)
    ended(studio, build)
    proofs = studio.teller.settings.project_dir(project.id) / "releases" / "1" / "proofs"
    proofs.mkdir()
    assert DOT.startswith(PNG)
    (proofs / "r1.png").write_bytes(DOT)
    with studio.teller.database.write() as session:
        row = StoredRequirement(
            project_id=project.id, id="r1", text="", source=None, status="proven", flow=[], proof=story.PROOF,
            reason=None, position=0,
        )  # fmt: skip
        session.add(row)
    with studio.visit(f"/projects/{project.id}#requirements") as page:
        panel = page.locator("#panel-requirements")
        expect(panel.get_by_role("heading")).to_have_text("1 of 4 proven")
        expect(panel.locator("mark")).to_have_text(
            ["a watering calendar", "search plants by room", "see overdue ones first"]
        )
        panel.get_by_text("How it was proven").click()
        expect(panel.locator(".proof-steps li").nth(1)).to_have_text("Click button “Water”")
        panel.get_by_role("button", name="Show the screenshot large").click()
        expect(page.get_by_role("dialog").get_by_role("img")).to_be_visible()
        page.keyboard.press("Escape")
        panel.get_by_role("button", name="Failed 1").click()
        expect(panel.locator(".requirement")).to_have_count(1)
        expect(panel.locator(".finding-line")).to_have_text("“Fern” was expected first, “Aloe” is.")
        panel.get_by_role("button", name="Ask the model to mend it").click()
        expect(page.locator("#message")).to_have_value(
            "Mend this: Overdue plants come first\nIt failed: “Fern” was expected first, “Aloe” is."
        )
        studio.teller.tell(build, story.requirement(3, "Overdue plants come first", "proven", proof=story.PROOF))
        expect(panel).to_contain_text("None is failed right now.")
        expect(panel.get_by_role("heading")).to_have_text("2 of 4 proven")
        assert axe_findings(page) == []


@pytest.mark.parametrize(("phone", "dark"), [(False, True), (True, False), (True, True)])
def test_long_and_foreign_requirements_fit(studio: Studio, phone: bool, dark: bool) -> None:
    arabic = "مذكرات نباتات مع بحث حسب الغرفة"
    project, build = studio.teller.project(arabic)
    studio.teller.start(build)
    studio.teller.tell(
        build,
        story.working(),
        story.requirement(1, "يمكن البحث", "proven", source="بحث حسب الغرفة", prompt=arabic, proof=story.PROOF),
        story.requirement(2, "Donaudampfschifffahrt" * 12, "failed", proof={**story.PROOF, "finding": "x" * 900}),
        *(story.requirement(n, f"Sentence {n}", proof=story.PROOF) for n in range(3, 120)),
    )
    with studio.visit(f"/projects/{project.id}#requirements", phone=phone, dark=dark) as page:
        if phone:
            page.locator("[data-side=stage]").click()
        expect(page.locator(".requirement")).to_have_count(119)
        expect(page.locator("mark")).to_have_text("بحث حسب الغرفة")
        assert overflow(page) <= 0
        assert page.locator("#panel-requirements").evaluate("n => n.scrollWidth - n.clientWidth") <= 0
        assert axe_findings(page) == []


@pytest.mark.parametrize("dark", [False, True])
def test_what_was_spent_is_told_and_explained(studio: Studio, dark: bool) -> None:
    project, build = begun(studio, UsageTold(3, 1000, 50, 0))
    with studio.visit(f"/projects/{project.id}", dark=dark) as page:
        meter = page.locator(".usage")
        expect(meter).to_have_text("3 steps · 1K in · 50 out")
        studio.teller.tell(build, story.usage(12, wasted=31_000))
        expect(meter).to_contain_text("12 steps · 412.3K in · 18.2K out")
        expect(meter).to_contain_text("31K on repeats")
        meter.click()
        panel = page.get_by_role("dialog", name="Spent so far")
        for words in ("From cache90 %", "Drafts accepted68 %", "Spent on repeats31K tokens", "Window used31 %"):
            expect(panel).to_contain_text(words)
        expect(page.get_by_role("button", name="Stop")).to_be_in_viewport(ratio=1)
        page.wait_for_timeout(250)
        assert axe_findings(page) == []
        page.keyboard.press("Escape")
        expect(panel).to_have_count(0)
        expect(meter).to_be_focused()
        page.set_viewport_size({"width": 1440, "height": 720})
        ended(studio, build)
        page.locator(".row-head").filter(has_text="18.2K out").click()
        expect(page.locator(".usage-list dt").last).to_be_in_viewport()


def test_a_message_during_a_build_waits_its_turn(studio: Studio) -> None:
    project, _ = begun(studio, story.edited(1))
    with studio.visit(f"/projects/{project.id}") as page:
        expect(page.get_by_role("button", name="GLM-4.5-Air")).to_be_visible()
        expect(page.locator("#message-hint")).to_have_text("Waits its turn")
        page.fill("#message", "Bigger letters")
        page.keyboard.press("Control+Enter")
        expect(page.locator(".toast")).to_contain_text("It waits its turn")
        expect(page.locator(".turn").last.locator(".row-title")).to_have_text("Waits its turn")
        expect(page.locator("#message")).to_have_value("")
    assert studio.teller.store.latest_builds([project.id])[project.id].kind == BuildKind.PROMPT  # it runs on


def test_without_a_build_the_tab_says_what_requirements_are(studio: Studio) -> None:
    project, _ = studio.teller.project()
    with studio.visit(f"/projects/{project.id}#requirements") as page:
        expect(page.locator("#panel-requirements")).to_contain_text("The model draws them from what you write")
        assert axe_findings(page) == []
