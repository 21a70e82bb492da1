"""What a person sees and touches, in a real browser."""

import re

import pytest
from playwright.sync_api import Browser, expect
from pydantic import SecretStr

from builder.events import Noted, Phase, PhaseChanged, Served
from builder.settings import Settings
from tests.conftest import Broker
from tests.web.api.conftest import serving
from tests.web.pages.conftest import MARKUP, Studio, axe_findings
from workers.models import BuildKind

pytestmark = pytest.mark.browser
LONG = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverwaltung " * 2
WIDTHS = pytest.mark.parametrize(("phone", "dark"), [(False, False), (False, True), (True, False), (True, True)])


def overflow(page) -> int:  # type: ignore[no-untyped-def]
    return int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))


def test_a_prompt_opens_its_project(studio: Studio) -> None:
    with studio.visit() as page:
        page.get_by_role("button", name="Expenses").click()
        prompt = page.locator("#prompt").input_value()
        assert "expense tracker" in prompt
        page.keyboard.press("Control+Enter")
        page.wait_for_url("**/projects/*")
        expect(page.locator(".said p")).to_have_text(prompt)
        expect(page.locator("#progress")).to_contain_text("Waiting")


def test_the_language_is_chosen_and_what_was_typed_stays(studio: Studio) -> None:
    project, build = studio.teller.project()
    studio.teller.succeed(build)
    with studio.visit() as page:
        page.fill("#prompt", "A plant diary")
        page.get_by_role("button", name="Language").click()
        page.get_by_role("menuitemradio", name="العربية").click()
        expect(page.locator("html")).to_have_attribute("dir", "rtl")
        expect(page.locator("#prompt")).to_have_value("A plant diary")
        page.goto(f"{studio.url}/projects/{project.id}")
        expect(page.locator(".kind-files .row-title")).to_have_text("كُتب ملف واحد")
        conversation, stage = page.locator("#side").bounding_box(), page.locator(".stage").bounding_box()
        assert conversation is not None
        assert stage is not None
        assert conversation["x"] > stage["x"]
        assert overflow(page) <= 0
        assert axe_findings(page) == []


def test_a_refused_prompt_is_explained_beneath(studio: Studio) -> None:
    with studio.visit() as page:
        page.get_by_role("button", name="Build").click()
        expect(page.locator("#composer-error")).to_contain_text("Write a sentence")
        page.fill("#prompt", "asdf qwer ;;;; 12345 %%%% zxcv")
        page.get_by_role("button", name="Build").click()
        expect(page.locator("#composer-error")).to_be_visible()
        assert page.url.endswith("/")
        expect(page.locator("#prompt")).to_have_value("asdf qwer ;;;; 12345 %%%% zxcv")


def test_a_build_is_watched_live_and_survives_a_reload(studio: Studio) -> None:
    project, build = studio.teller.project()
    with studio.visit(f"/projects/{project.id}") as page:
        studio.teller.start(build)
        expect(page.locator(".row.alive .row-title")).to_have_text("Checking that it works")
        expect(page.locator(".kind-files .row-title")).to_have_text("Wrote 1 file")
        expect(page.locator("#panel-preview")).to_contain_text("Checking that it works")
        page.reload()
        expect(page.locator(".row.alive .row-title")).to_have_text("Checking that it works")
        expect(page.locator(".spec")).to_contain_text("Not used: moonlight")
        page.get_by_text("How it was read").click()
        expect(page.locator(".pairs")).to_have_text("feature search“searchable”")
        studio.teller.tell(build, Noted("One more thing."))
        expect(page.locator(".kind-note .row-title")).to_have_text("One more thing.")


def test_the_prompt_stays_in_view_above_the_newest_row(studio: Studio) -> None:
    project, build = studio.teller.project("A plant diary. " * 40)
    studio.teller.start(build)
    studio.teller.tell(build, *(Noted(f"Note {n}") for n in range(40)))
    with studio.visit(f"/projects/{project.id}") as page:
        said, newest = page.locator(".said"), page.locator(".row").last
        expect(newest).to_have_text("Note 39")
        expect(newest).to_be_in_viewport()
        expect(said).to_be_in_viewport(ratio=1)
        page.get_by_role("button", name="Show all").click()
        assert page.locator(".said p").evaluate("p => p.clientHeight <= innerHeight * 0.4")
        expect(said).to_be_in_viewport(ratio=1)
        page.get_by_role("button", name="Show less").click()
        expect(page.get_by_role("button", name="Show all")).to_be_visible()


def test_an_app_is_ready_while_it_is_scored(studio: Studio) -> None:
    project, build = studio.teller.project()
    studio.teller.start(build)
    with studio.visit(f"/projects/{project.id}") as page:
        expect(page.locator("#project-status")).to_have_text("Building")
        studio.teller.tell(build, Served(1, "http://plant.localhost:8001/"), PhaseChanged(Phase.SCORING))
        expect(page.locator("#project-status")).to_have_text("Ready")
        expect(page.locator("#progress")).to_contain_text("still being scored")
        studio.teller.tell(build, PhaseChanged(Phase.SUCCEEDED))
        expect(page.locator(".kind-score .row-title")).to_have_text("Not scored")


def test_a_phone_says_on_one_side_that_the_other_has_news(studio: Studio) -> None:
    project, build = studio.teller.project()
    studio.teller.start(build)
    with studio.visit(f"/projects/{project.id}", phone=True) as page:
        expect(page.locator(".row.alive")).to_be_visible()
        studio.teller.tell(build, Served(1, "http://plant.localhost:8001/"))
        app = page.get_by_role("button", name="App")
        expect(app).to_have_text("AppLive")
        assert axe_findings(page) == []
        app.click()
        expect(app).to_have_text("App")


def test_a_build_that_starts_again_says_so(studio: Studio) -> None:
    project, build = studio.teller.project()
    studio.teller.start(build)
    studio.teller.tell(build, PhaseChanged(Phase.QUEUED, "The worker stopped."), PhaseChanged(Phase.DRAFTING))
    with studio.visit(f"/projects/{project.id}") as page:
        expect(page.locator(".kind-checks .row-title")).to_have_text("Interrupted after 0 checks")
        expect(page.locator(".kind-queued .row-title").last).to_have_text("Starting again")


def test_stop_cancels_the_build(studio: Studio) -> None:
    project, build = studio.teller.project()
    with studio.visit(f"/projects/{project.id}") as page:
        page.get_by_role("button", name="Stop").click()
        expect(page.locator("#progress")).to_be_hidden()
        expect(page.locator("#project-status")).to_have_text("Stopped")
    assert studio.teller.store.build(build.id).status == "cancelled"


def test_what_runs_is_shown_and_stopped_before_what_waits(studio: Studio) -> None:
    project, first = studio.teller.project()
    second = studio.teller.store.create_build(project.id, BuildKind.MESSAGE, "Water it", {})
    studio.teller.tell(second, PhaseChanged(Phase.QUEUED))
    studio.teller.start(first)
    with studio.visit(f"/projects/{project.id}") as page:
        expect(page.locator("#progress")).to_contain_text("Checking that it works · 1 more waiting")
        page.get_by_role("button", name="Stop").click()
        expect(page.get_by_text("Stopping")).to_be_visible()
    assert studio.teller.store.build(second.id).status == "queued"


def test_a_failed_build_names_cause_and_way_on(studio: Studio) -> None:
    project, build = studio.teller.project()
    studio.teller.fail(build, "Port 80 is taken. Choose another one.")
    with studio.visit(f"/projects/{project.id}") as page:
        expect(page.locator("#panel-preview")).to_contain_text("Port 80 is taken. Choose another one.")
        expect(page.get_by_role("button", name="Try again")).to_be_visible()
        expect(page.locator(".row.failed .row-title").first).to_have_text("1 of 1 check failed")


def test_a_change_that_needs_a_model_is_explained_kindly(studio: Studio) -> None:
    project, build = studio.teller.project()
    studio.teller.succeed(build)
    with studio.visit(f"/projects/{project.id}") as page:
        page.fill("#message", "Make the garden bloom")
        page.keyboard.press("Control+Enter")
        expect(page.locator("#message-error")).to_contain_text("Without a model")
        page.get_by_role("button", name="Open Design").click()
        expect(page.get_by_label("Tagline")).to_have_value("What grows, and when it was watered")


def test_the_design_is_changed_by_a_build(studio: Studio) -> None:
    project, build = studio.teller.project()
    studio.teller.succeed(build)
    with studio.visit(f"/projects/{project.id}#design") as page:
        page.get_by_label("Background as hex").fill("#112233")
        page.get_by_label("New field of Plants").fill("Größe der Pflanze")
        page.get_by_role("button", name="Add", exact=True).click()
        page.get_by_label("New field of Plants").fill("高さ")  # typed, not added: it is meant all the same
        page.get_by_role("button", name="Save and build").click()
        expect(page.locator(".turn")).to_have_count(2)
    waiting = studio.teller.store.latest_builds([project.id])[project.id]
    spec = waiting.payload["spec"]
    assert spec["theme"]["background"] == "#112233"
    assert [f["name"] for f in spec["entities"][0]["fields"]] == ["name", "grosse_der_pflanze", "field"]
    assert [(f["name"], f["label"]) for f in spec["entities"][0]["fields"]][1] == (
        "grosse_der_pflanze",
        "Größe der Pflanze",
    )


def test_things_fields_choices_abilities_and_rules_are_edited(studio: Studio) -> None:
    project, build = studio.teller.project()
    studio.teller.succeed(build)
    with studio.visit(f"/projects/{project.id}#design") as page:
        page.get_by_label("Another kind of thing").fill("Supplier")
        page.get_by_role("button", name="Add thing").click()
        plants = page.locator("#design-plant")
        for label, kind in (("State", "choice"), ("Bought at", "one:supplier"), ("Height", "integer")):
            plants.get_by_label("New field of Plants").fill(label)
            plants.get_by_label("Its type").select_option(kind)
            plants.get_by_role("button", name="Add", exact=True).click()
        plants.get_by_label("Add a choice to State").fill("Thirsty, Happy")
        page.keyboard.press("Enter")
        plants.get_by_label("Remove Open", exact=True).click()
        plants.get_by_label("Label of Height", exact=True).press("Alt+ArrowUp")
        plants.get_by_text("What Plants can do").click()
        plants.get_by_label("Favourites").check()
        plants.get_by_label("Board").check()
        plants.get_by_text("Rules of Plants").click()
        for kind in ("range", "required_if", "transition"):
            plants.get_by_label("Add a rule to Plants").select_option(kind)
        expect(page.locator(".mock")).to_contain_text("Bought at")
        page.get_by_role("button", name="Save and build").click()
        expect(page.locator(".turn")).to_have_count(2)
    spec = studio.teller.store.latest_builds([project.id])[project.id].payload["spec"]
    plant, supplier = spec["entities"]
    assert [f["name"] for f in plant["fields"]] == ["name", "state", "height", "bought_at"]
    assert [c["label"] for c in plant["fields"][1]["choices"]] == ["Done", "Thirsty", "Happy"]
    assert (plant["fields"][3]["type"], plant["fields"][3]["target"]) == ("relation", "supplier")
    assert (supplier["label_plural"], supplier["fields"][0]["name"]) == ("Suppliers", "name")
    features = {(f["name"], f["entity"]): f["options"] for f in spec["features"]}
    assert features["kanban", "plant"] == {"field": "state"}
    assert ("favorites", "plant") in features
    assert [rule["kind"] for rule in spec["rules"]] == ["range", "required_if", "transition"]


def test_what_a_change_does_is_seen_beside_it_and_taken_back(studio: Studio) -> None:
    project, build = studio.teller.project()
    studio.teller.succeed(build)
    columns = {"name": {"filled": 3, "different": 2, "values": {"Fern": 2, "Ivy": 1}}}
    studio.host.census = {"plants": {"rows": 3, "columns": columns}}
    with studio.visit(f"/projects/{project.id}#design") as page:
        page.get_by_label("New field of Plants").fill("name")
        page.keyboard.press("Enter")
        expect(page.locator("[data-field=name_2] .field-error")).to_have_text(re.compile("Two fields are called so"))
        expect(page.get_by_role("button", name="Save and build")).to_be_disabled()
        page.get_by_label("Label of name", exact=True).fill("Colour")
        expect(page.locator(".effects")).to_contain_text("Adds “Colour” to Plants, empty in 3 rows.")
        page.get_by_label("Remove Name", exact=True).click()
        expect(page.locator(".effects")).to_contain_text("Drops “Name” of Plants, which holds 3 values.")
        page.get_by_role("button", name="Save and build").click()
        expect(page.get_by_role("dialog")).to_contain_text("This loses data")
        page.get_by_role("button", name="Cancel").click()
        page.get_by_role("button", name="Undo").click()
        expect(page.locator(".effects")).not_to_contain_text("Drops")
        page.keyboard.press("Control+Shift+z")
        page.get_by_role("button", name="Discard").click()
        expect(page.get_by_role("button", name="Save and build")).to_be_hidden()
        assert axe_findings(page) == []


def test_markup_in_names_files_and_findings_stays_text(studio: Studio) -> None:
    project, build = studio.teller.project(MARKUP, name=MARKUP[:110])
    studio.teller.succeed(build)
    studio.teller.tell(build, Noted(MARKUP))
    with studio.visit(f"/projects/{project.id}") as page:
        expect(page.locator(".kind-note .row-title")).to_have_text(MARKUP)
        page.locator("#tab-checks").click()
        expect(page.locator(".findings")).to_contain_text(MARKUP)
        page.locator("#tab-code").click()
        assert page.locator(".stage img, .side img, main script").count() == 0
        page.goto(studio.url)
        expect(page.locator(".card-name")).to_have_text(MARKUP[:110])
        assert page.title() == "Protodex"


def test_everything_is_done_by_keyboard(studio: Studio) -> None:
    project, build = studio.teller.project()
    studio.teller.succeed(build)
    with studio.visit(f"/projects/{project.id}") as page:
        page.locator("#tab-preview").focus()
        page.keyboard.press("ArrowRight")
        expect(page.locator("#panel-code")).to_be_visible()
        page.locator("#divider").focus()
        page.keyboard.press("ArrowRight")
        assert page.locator("#divider").get_attribute("aria-valuenow") == "416"
        page.keyboard.press("Control+k")
        page.keyboard.type("checks")
        page.keyboard.press("Enter")
        expect(page.locator("#panel-checks")).to_be_visible()
        page.keyboard.press("?")
        expect(page.get_by_role("dialog")).to_contain_text("Reload the preview")
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)


def test_files_are_read_by_keyboard_and_compared(studio: Studio) -> None:
    project, build = studio.teller.project()
    studio.teller.succeed(build)
    studio.teller.succeed(studio.teller.store.create_build(project.id, BuildKind.MESSAGE, "Water it", {}), 2)
    with studio.visit(f"/projects/{project.id}#code") as page:
        page.get_by_role("treeitem", name="README.md").focus()
        expect(page.locator("pre.code")).to_contain_text(MARKUP)
        for key in ("Home", "ArrowRight", "ArrowRight", "Enter"):
            page.keyboard.press(key)
        expect(page.locator(".code-path")).to_have_text("backend/main.py")
        expect(page.locator("pre.code")).to_contain_text("x = 2")
        page.get_by_label("Compare with").select_option(label="Changes since release 1")
        expect(page.locator(".diff-row.minus .t")).to_have_text("x = 1")
        expect(page.locator(".diff-row.plus .t")).to_have_text("x = 2")
        assert axe_findings(page) == []


def test_a_finding_leads_to_its_line(studio: Studio) -> None:
    project, build = studio.teller.project()
    studio.teller.succeed(build)
    with studio.visit(f"/projects/{project.id}#checks") as page:
        page.get_by_role("button", name="backend/main.py:1").click()
        expect(page.locator(".line.marked .t")).to_have_text("x = 1")


def test_projects_are_listed_and_deleted_after_asking(studio: Studio) -> None:
    names = [f"{LONG[:100]} {n}" for n in range(26)]
    for name in names:
        _, build = studio.teller.project(name=name)
        studio.teller.store.cancel(build.id)
    with studio.visit() as page:
        expect(page.locator(".card")).to_have_count(24)
        page.get_by_role("button", name="Load more").click()
        expect(page.locator(".card")).to_have_count(26)
        page.locator(".card-menu").first.click()
        page.get_by_role("menuitem", name="Delete").click()
        page.get_by_role("dialog").get_by_role("button", name="Delete").click()
        expect(page.locator(".card")).to_have_count(25)
        assert overflow(page) <= 0


@WIDTHS
def test_axe_finds_nothing_serious(studio: Studio, phone: bool, dark: bool) -> None:
    project, build = studio.teller.project("A plant diary " * 40, name=LONG[:120])
    studio.teller.succeed(build)
    with studio.visit(phone=phone, dark=dark) as page:
        expect(page.locator(".card")).to_have_count(1)
        assert axe_findings(page) == []
        assert overflow(page) <= 0
        page.goto(f"{studio.url}/projects/{project.id}")
        expect(page.locator(".kind-end")).to_have_count(1)
        assert axe_findings(page) == []
        if phone:
            page.locator("[data-side=stage]").click()
        for tab in ("preview", "code", "design", "requirements", "checks", "logs"):
            page.locator(f"#tab-{tab}").click()
            page.wait_for_timeout(250)
            assert axe_findings(page) == [], tab
            assert overflow(page) <= 0, tab


@pytest.mark.parametrize("dark", [False, True])
def test_axe_finds_nothing_serious_in_what_floats(studio: Studio, dark: bool) -> None:
    project, build = studio.teller.project()
    studio.teller.succeed(build)
    with studio.visit(f"/projects/{project.id}", dark=dark) as page:
        expect(page.locator(".kind-end")).to_have_count(1)
        page.keyboard.press("Control+k")
        expect(page.get_by_role("option", name="A plant diary")).to_have_count(1)
        page.wait_for_timeout(300)  # the dialog rises
        assert axe_findings(page) == []
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Release 1").click()
        assert axe_findings(page) == []
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Blueprint mode").click()
        page.wait_for_timeout(300)
        assert axe_findings(page) == []


def test_the_theme_is_chosen_and_remembered(studio: Studio) -> None:
    with studio.visit() as page:
        theme = page.get_by_role("button", name="Change the theme")
        theme.click()
        theme.click()
        assert page.evaluate("document.documentElement.dataset.theme") == "dark"
        page.reload()
        assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_an_older_release_is_looked_at_compared_and_restored(studio: Studio) -> None:
    project, build = studio.teller.project()
    studio.teller.succeed(build)
    studio.teller.succeed(studio.teller.store.create_build(project.id, BuildKind.MESSAGE, "Water it", {}), 2)
    with studio.visit(f"/projects/{project.id}") as page:
        page.get_by_role("button", name="Release 2").click()
        page.get_by_role("menuitem", name="Release 1", exact=False).first.click()
        expect(page.locator("#panel-code")).to_be_visible()
        expect(page.get_by_role("link", name="Download")).to_have_attribute(
            "href", f"/api/projects/{project.id}/archive?release=1"
        )
        page.get_by_role("button", name="Release 1").click()
        page.get_by_role("menuitem", name="Restore release 1").click()
        page.get_by_label("Also restore its data").check()
        page.get_by_role("button", name="Restore", exact=True).click()
        expect(page.locator(".turn")).to_have_count(3)
    waiting = studio.teller.store.latest_builds([project.id])[project.id]
    assert (waiting.kind, waiting.payload) == ("restore", {"n": 1, "data": True})
    studio.teller.store.cancel(waiting.id)


def test_lost_connections_are_said(studio: Studio) -> None:
    with studio.visit() as page:
        page.context.set_offline(True)
        expect(page.locator("#offline")).to_contain_text("You are offline")
        page.context.set_offline(False)
        expect(page.locator("#offline")).to_be_hidden()


def test_a_cut_stream_is_said_and_taken_up_again(studio: Studio) -> None:
    project, build = studio.teller.project()
    with studio.visit() as page:
        page.route("**/events?*", lambda route: route.abort())
        page.goto(f"{studio.url}/projects/{project.id}")
        expect(page.locator("#offline")).to_contain_text("Reconnecting", timeout=10_000)
        studio.teller.start(build)
        page.unroute("**/events?*")
        expect(page.locator("#offline")).to_be_hidden(timeout=15_000)
        expect(page.locator(".row.alive .row-title")).to_have_text("Checking that it works")


def test_a_protected_studio_asks_for_its_token(settings: Settings, broker: Broker, browser: Browser) -> None:
    guarded = settings.model_copy(update={"token": SecretStr("open sesame")})
    with serving(guarded) as client, Studio(str(client.base_url), None, browser).visit() as page:
        page.wait_for_url("**/signin")
        page.fill("#token", "guess")
        page.keyboard.press("Enter")
        expect(page.locator("#signin-error")).to_contain_text("try again")
        page.fill("#token", "open sesame")
        page.keyboard.press("Enter")
        expect(page.locator("#projects-state")).to_contain_text("No projects yet")
        assert axe_findings(page) == []
