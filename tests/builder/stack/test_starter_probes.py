"""What proves a ready page: steps that are whole in every language, hold in a browser, and fail on a broken page."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from builder.agent.flow import FlowStep, check_flow
from builder.answers import ENGLISH, say_in
from builder.checks.bench import Bench, read_flow
from builder.checks.prove import FLOW_SECONDS, as_dicts
from builder.drafter import BlueprintDrafter
from builder.proofs import NO_PROBE, TAKEN_OUT, redrawn
from builder.proofs.pages import page_proof
from builder.sandbox import open_sandbox
from builder.spec import AppKind, AppSpec, Starter
from builder.stack import render_stack
from builder.stack.starters import about, names, probes
from builder.toolchain import Toolchain

LANGUAGES = ("en", "de", "es", "fr", "pt", "it", "ru", "zh", "ar", "id")
QUICK = ("game_2048", "tip_calculator", "snake")
Prove = Callable[..., dict[str, str | None]]


def page(name: str, locale: str = "en", **options: object) -> AppSpec:
    return AppSpec(name=name, kind=AppKind.ARTIFACT, locale=locale, starter=Starter(name=name, options=options))


@pytest.fixture(scope="module")
def prove(tmp_path_factory: pytest.TempPathFactory, toolchain: Toolchain) -> Iterator[Prove]:
    """What is found of each probe that has steps, None where it held. All pages stand in one sandbox."""
    app, data = (tmp_path_factory.mktemp("pages") / name for name in ("app", "data"))
    for folder in (app, data):
        folder.mkdir()
    (app / "index.html").write_text("<!doctype html><title>Pages</title>")
    bench = Bench(app, data, toolchain, open_sandbox("bubblewrap", tmp_path_factory.mktemp("sandbox")), built=True)

    def run(spec: AppSpec, *wanted: str, old: str = "", new: str = "", patience: float = 1.0) -> dict[str, str | None]:
        assert spec.starter
        source = bytes(render_stack(spec)["index.html"]).decode()
        assert old in source
        name = f"{spec.starter.name}-{len(list(Path(app).iterdir()))}.html"
        (app / name).write_text(source.replace(old, new) if old else source)
        found = {}
        for key in wanted or probes(spec.starter.name):
            flow = [_at(step, name) for step in page_proof(spec, [key])]
            if flow:
                told = bench.call("run_flow", {"steps": as_dicts(flow), "patience": patience}, FLOW_SECONDS)
                found[key] = read_flow(told).finding
        return found

    yield run
    bench.stop()


def _at(step: FlowStep, name: str) -> FlowStep:
    return step.model_copy(update={"path": f"/{name}"}) if step.do == "open" else step


# Options without which a probe is not asked for.
SHAPED: dict[str, dict[str, object]] = {
    "tic_tac_toe": {"friend": True},
    "connect_four": {"friend": True},
    "snake": {"wrap": True},
    "password_generator": {"symbols": False},
    "minesweeper": {"mines": 7},
    "wheel_of_names": {"names": ["Anna", "Ben"]},
    "world_clock": {"cities": ["Tokyo", "London"]},
}


@pytest.mark.parametrize("name", names())
def test_every_probe_is_whole_in_every_language(name: str) -> None:
    """And the page as a whole has one, which is asked for by the page's name."""
    assert probes(name)["main"].steps
    for key, probe in probes(name).items():
        assert {*probe.options, *probe.unless} <= {*about(name).options}
        shaped = {} if probe.words or key == "main" else SHAPED[name]
        for locale in LANGUAGES if probe.steps else ():
            assert check_flow(page_proof(page(name, locale, **shaped), [key])) is None, (key, locale)


# What a prompt asks for, and which of its clauses can be proven.
ASKED = {
    "The game 2048: arrow keys and swipes move the tiles, equal tiles merge, score and best score, a win at 2048, "
    "game over with a new game button. Linen background, maroon tiles.": {
        "The game 2048": True,
        "Arrow keys and swipes move the tiles": True,
        "Equal tiles merge": True,
        "Score and best score": True,
        "A win at 2048": False,
        "Game over with a new game button": False,
        "Linen background": True,
        "Maroon tiles": True,
    },
    "Snake game: the score, 3 lives, the score doubles, a rainbow and a new game button": {
        "Snake game": True,
        "The score": True,
        "3 lives": False,
        "The score doubles": False,
        "A rainbow": False,
        "A new game button": True,
    },
    "Pomodoro timer: 50 minutes of work, 10 minute breaks": {
        "Pomodoro timer": True,
        "50 minutes of work": True,
        "10 minute breaks": True,
    },
    "A fast snake game with arrow keys": {"A fast snake game": False, "Arrow keys": True},
    "2048 Spiel: Pfeiltasten und Wischen bewegen die Kacheln, Punkte und Rekord, neues Spiel, ein Regenbogen": {
        "2048 Spiel": True,
        "Pfeiltasten und Wischen bewegen die Kacheln": True,
        "Punkte und Rekord": True,
        "Neues Spiel": True,
        "Ein Regenbogen": False,
    },
    "Игра 2048: счёт и рекорд, новая игра": {"Игра 2048": True, "Счёт и рекорд": True, "Новая игра": True},
    "Wheel of names: Anna, Ben and Carla": {"Wheel of names": True, "Anna, Ben and Carla": True},
}


@pytest.mark.parametrize("prompt", ASKED)
def test_each_clause_is_a_requirement_with_its_place_in_the_prompt(prompt: str) -> None:
    draft = BlueprintDrafter().draft(prompt)
    assert {one.text: bool(one.flow) for one in draft.requirements} == ASKED[prompt]
    for one in draft.requirements:
        start, end = one.source or (0, 0)
        assert " ".join(prompt[start:end].split()).lower() == one.text.lower()
        assert check_flow(one.flow) is None if one.flow else one.reason == say_in(draft.spec.locale)(NO_PROBE)


def test_what_the_prompt_shaped_is_what_is_proven() -> None:
    draft = BlueprintDrafter().draft("Tip calculator, tip from 5 to 50 percent")
    found = {one.text: one.flow for one in draft.requirements}
    values = [step.value for step in found["Tip from 5 to 50 percent"] if step.do == "expect_value"]
    assert values == ["5", "50"]


def test_what_a_later_change_takes_away_says_so_and_the_rest_is_proven_as_it_is_now() -> None:
    draft = BlueprintDrafter().draft("The game 2048: a 5 by 5 board, linen background, score")
    assert not list(redrawn(draft.spec, draft.requirements))
    starter = Starter(name="game_2048", options={"size": 6})
    theme = draft.spec.theme.model_copy(update={"background": "#000080"})
    after = draft.spec.model_copy(update={"starter": starter, "theme": theme})
    found = {one.text: one for one in redrawn(after, draft.requirements)}
    assert found["Linen background"].reason == ENGLISH(TAKEN_OUT)
    assert [step.count for step in found["A 5 by 5 board"].flow if step.count] == [36]
    assert "Score" not in found


def _prove_all(prove: Prove, name: str, locale: str) -> dict[str, str | None]:
    asked = [key for key, probe in probes(name).items() if probe.words or key == "main"]
    chosen = [key for key in probes(name) if key not in asked]
    found = prove(page(name, locale), *asked)
    return found | (prove(page(name, locale, **SHAPED[name]), *chosen) if chosen else {})


@pytest.mark.browser
@pytest.mark.parametrize("name", QUICK)
def test_the_page_holds_what_its_main_probe_expects(prove: Prove, name: str) -> None:
    assert prove(page(name), "main") == {"main": None}


@pytest.mark.browser
@pytest.mark.parametrize(
    ("name", "key", "old", "new"),
    [
        ("game_2048", "merges", "if (tiles[at] === tiles[at + 1])", "if (false)"),
        ("tip_calculator", "each", "shown(total / heads)", "shown(total)"),
        ("snake", "main", 'if (state === "playing") advance(passed);', ""),
    ],
)
def test_a_broken_page_fails_the_probe(prove: Prove, name: str, key: str, old: str, new: str) -> None:
    found = prove(page(name), key, old=old, new=new, patience=0.3)
    assert found[key]


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("name", names())
def test_every_probe_holds_on_its_page(prove: Prove, name: str) -> None:
    """In two languages that write numbers differently."""
    for locale in ("en", "de"):
        assert set(_prove_all(prove, name, locale).values()) == {None}, locale
