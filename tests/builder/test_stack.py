"""What a stack renders from an AppSpec: the same every time, well-formed, and a person's words only as text."""

import ast
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from builder.stack import FULLSTACK, render_stack
from builder.stack.templates import as_json, as_python, fit
from builder.stack.views import pascal
from tests.people import ATTENDANCE, FORUM
from tests.samples import BLANK, HOSTILE_WORDS, LIBRARY, RESERVED, SHOP, TODO, hostile, spec

SAMPLES = [LIBRARY, TODO, RESERVED, BLANK, SHOP, FORUM, ATTENDANCE]
RULES = ["--isolated", "--line-length=120", "--select=E,F,I,B,UP", "--ignore=B008"]


def written(files: dict[str, bytes], folder: Path, suffix: str = "") -> Path:
    for path, data in files.items():
        if path.endswith(suffix):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
    return folder


@pytest.mark.parametrize("source", SAMPLES, ids=lambda s: s["name"])
def test_the_same_spec_gives_the_same_bytes(source):
    assert render_stack(spec(source)) == render_stack(spec(source))


@pytest.mark.parametrize("source", SAMPLES, ids=lambda s: s["name"])
def test_python_is_as_linter_and_formatter_like_it(source, tmp_path):
    written(render_stack(spec(source)), tmp_path, ".py")
    for command in (["check", *RULES], ["format", "--check", *RULES[:2]]):
        ruff = [sys.executable, "-m", "ruff", *command, "--no-cache", "."]
        done = subprocess.run(ruff, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("words", HOSTILE_WORDS, ids=range(len(HOSTILE_WORDS)))
def test_hostile_words_stay_text(words):
    files = render_stack(spec(hostile(words)))
    harmless = render_stack(spec(LIBRARY))
    assert set(files) == set(harmless)
    for path, data in files.items():
        if path.endswith(".py"):
            assert _shape(ast.parse(data)) == _shape(ast.parse(harmless[path])), path
        if path.endswith(".json"):
            json.loads(data)
    titles = [row["name"] for row in json.loads(files["backend/seed/genres.json"])]
    assert titles == [words.strip()]


def _shape(tree: ast.AST) -> list[str]:
    """The code without its literals: the words of a person may change those, and nothing else."""
    nodes = [type(node).__name__ for node in ast.walk(tree) if not isinstance(node, ast.Constant)]
    names = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
    return sorted(nodes) + sorted(names)


def test_a_template_cannot_print_words_as_they_are(tmp_path):
    for stack, source in (("bare", "{{ spec.name }}"), ("escaped", "{{ spec.name | html }}")):
        (tmp_path / stack / "base").mkdir(parents=True)
        (tmp_path / stack / "base" / "title.txt.jinja").write_text(source)
    with pytest.raises(TypeError, match="without json"):
        render_stack(spec(LIBRARY), stack=tmp_path / "bare")
    assert render_stack(spec(LIBRARY), stack=tmp_path / "escaped")["title.txt"] == b"Town library"


def test_a_misspelt_name_in_a_template_is_an_error(tmp_path):
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "a.txt.jinja").write_text("{{ spec.nmae }}")
    with pytest.raises(Exception, match="nmae"):
        render_stack(spec(BLANK), stack=tmp_path)


def test_a_feature_is_one_folder(tmp_path):
    stack = tmp_path / "stack"
    shutil.copytree(FULLSTACK, stack)
    feature = stack / "features" / "print"
    for own in (feature, feature.with_name("printing")):
        shutil.rmtree(own)
    (feature / "slots").mkdir(parents=True)
    (feature / "files" / "backend" / "labels").mkdir(parents=True)
    (feature / "slots" / "backend_entity_routes.jinja").write_text(
        '@router.get("/label")\ndef label_of_{{ entity.name }}() -> str:\n    return {{ entity.label | py }}\n\n\n'
    )
    (feature / "files" / "backend" / "labels" / "__entity__.txt.jinja").write_text("{{ entity.label | comment }}\n")
    asked = LIBRARY | {"features": [*LIBRARY["features"], {"name": "print", "entity": "book"}]}
    without = render_stack(spec(LIBRARY), stack=stack)
    files = render_stack(spec(asked), stack=stack)
    assert set(files) - set(without) == {"backend/labels/book.txt"}
    assert b'def label_of_book() -> str:\n    return "Book"\n' in files["backend/entities/book.py"]
    assert files["backend/entities/author.py"] == without["backend/entities/author.py"]
    assert without["backend/entities/book.py"] == render_stack(spec(LIBRARY))["backend/entities/book.py"]


def test_what_is_not_asked_for_is_not_there():
    plain = LIBRARY | {"features": [], "pages": [], "rules": []}
    files = render_stack(spec(plain))
    for name in ("favorites", "facets", "stats", "export", "neighbours"):
        assert f"backend/{name}.py" not in files
        assert name.encode() not in files["backend/entities/book.py"]
    todo = render_stack(spec(TODO))
    assert "backend/facets.py" in todo
    assert "backend/favorites.py" not in todo


def test_a_blank_spec_has_no_entities_and_no_seed():
    files = render_stack(spec(BLANK))
    assert not [p for p in files if p.startswith("backend/seed/") or "__" in p.replace("__init__", "")]
    assert "backend/entities/__init__.py" in files


def test_nothing_of_the_builder_shows_in_an_app():
    for path, data in render_stack(spec(LIBRARY)).items():
        for word in (b"protodex", b"appspec", b"scaffold", b"jinja"):
            assert word not in data.lower(), (path, word)


@pytest.mark.parametrize(
    ("name", "class_name"),
    [("book", "Book"), ("book_author", "BookAuthor"), ("a_1", "A_1"), ("a1", "A1"), ("a__b", "A_B"), ("ab", "Ab")],
)
def test_two_names_never_become_one_class(name, class_name):
    assert pascal(name) == class_name


@pytest.mark.parametrize("words", HOSTILE_WORDS, ids=range(len(HOSTILE_WORDS)))
def test_literals_say_the_same_words(words):
    assert json.loads(as_json(words)) == words
    assert ast.literal_eval(as_python(words)) == words
    assert "\n" not in as_python(words) + as_json(words)
    assert "</script" not in as_json(words)


def test_long_calls_go_over_several_lines():
    assert fit("x = call(", ["a", "b"]) == "x = call(a, b)"
    assert (
        fit("    x = call(", ["a" * 60, "b" * 60]) == f"    x = call(\n        {'a' * 60},\n        {'b' * 60},\n    )"
    )


def test_rows_called_files_leave_room_for_those_that_are_sent():
    files = _keeper("file", "files", {"name": "paper", "type": "file", "label": "Paper"})
    assert b'prefix="/api/files"' in files["backend/entities/file.py"]
    assert b'prefix="/api/app-files"' in files["backend/files.py"]
    assert b"`/api/app-files?" in files["frontend/src/lib/upload.ts"]


def test_code_is_shown_as_it_was_written_and_is_no_teaser():
    files = _keeper("snippet", "snippets", {"name": "code", "type": "text", "label": "Code"})
    assert "frontend/src/components/Code.tsx" in files
    assert b"code: true" in files["frontend/src/entities/snippet.ts"]
    assert b"teaser" not in files["frontend/src/entities/snippet.ts"]
    assert "frontend/src/components/Code.tsx" not in render_stack(spec(LIBRARY))


def _keeper(name, plural, field, *more):
    entity = {
        "name": name,
        "plural": plural,
        "label": name.capitalize(),
        "label_plural": plural.capitalize(),
        "fields": [{"name": "name", "type": "string", "label": "Name", "required": True}, field],
    }
    features = [{"name": name} for name in ("upload", "detail", "create", "edit")]
    return render_stack(spec({"name": "Keeper", "entities": [entity], "features": [*features, *more]}))


@pytest.mark.parametrize(
    ("field", "options", "order"),
    [
        ("points", {}, "-points"),
        ("best_time", {}, "best_time"),
        ("points", {"best": "lowest"}, "points"),
    ],
)
def test_what_is_ranked_opens_with_the_best(field, options, order):
    score = {"name": field, "type": "integer", "label": "Result"}
    files = _keeper("player", "players", score, {"name": "sort"}, _ranked(field, options))
    assert f'order="{order}"'.encode() in files["backend/entities/player.py"]
    assert f'default: "{order}"'.encode() in files["frontend/src/entities/player.ts"]
    assert (b"lowest=True" in files["backend/entities/player.py"]) == (order == field)


def _ranked(field, options):
    return {"name": "leaderboard", "entity": "player", "options": {"by": field, **options}}


def test_a_row_is_called_as_people_would_call_it():
    """A title that is chosen by its label, a match by both of its sides, an open shift by where it is."""
    team = _thing(
        "team", {"name": "ages", "type": "choice", "label": "Ages", "choices": [{"value": "u_9", "label": "U9"}]}
    )
    sides = [_to("team", name, required=True) for name in ("home", "away")]
    ground = {"name": "ground", "type": "string", "label": "Ground"}
    shift = _thing("shift", _to("team", "crew"), _to("game", "at", required=True))
    files = render_stack(spec({"name": "Cup", "entities": [team, _thing("game", ground, *sides), shift]}))
    assert b'LABELS = {"u_9": "U9"}' in files["backend/entities/team.py"]
    assert b'TITLE = "home"\n    PAIR = "away"' in files["backend/entities/game.py"]
    assert b'columns: ["home", "ground"]' in files["frontend/src/entities/game.ts"]
    assert b'INSTEAD = "at"' in files["backend/entities/shift.py"]
    assert b'standIns: ["at"]' in files["frontend/src/entities/shift.ts"]


def _thing(name, *fields):
    return {"name": name, "plural": f"{name}s", "label": name, "label_plural": f"{name}s", "fields": [*fields]}


def _to(target, name, **more):
    return {"name": name, "type": "relation", "label": name, "target": target, **more}


def test_a_goal_may_be_passed_and_a_limit_may_not():
    numbers = [{"name": name, "type": "integer", "label": name} for name in ("raised", "spent", "budget", "wanted")]
    for value, goal, limit in (("raised", "wanted", False), ("spent", "budget", True), ("spent", "wanted", True)):
        bar = {"name": "progress", "entity": "trip", "options": {"value": value, "goal": goal}}
        files = render_stack(spec({"name": "Trips", "entities": [_thing("trip", *numbers)], "features": [bar]}))
        assert (b'"limit": true' in files["frontend/src/entities/trip.ts"]) == limit


def test_a_row_that_a_rule_asks_for_is_not_deleted():
    states = [{"value": "planned", "label": "Planned"}]
    state = {"name": "state", "type": "choice", "label": "State", "choices": states}
    asked = {
        "kind": "required_if",
        "entity": "shift",
        "fields": ["person"],
        "options": {"field": "state", "is": ["planned"]},
    }
    entities = [_thing("person", _name()), _thing("shift", _to("person", "person"), state)]
    files = render_stack(spec({"name": "Rota", "entities": entities, "rules": [asked]}))
    assert b"found += rules.needing(session, row)" in files["backend/rows.py"]
    assert b"needing" not in render_stack(spec({"name": "Rota", "entities": entities}))["backend/rows.py"]


def _name():
    return {"name": "name", "type": "string", "label": "Name", "required": True}


def test_what_was_given_up_is_no_step_on_the_way():
    states = [{"value": v, "label": v} for v in ("to_watch", "watched", "gave_up")]
    state = {"name": "state", "type": "choice", "label": "State", "choices": states}
    steps = {"name": "status_workflow", "entity": "film", "options": {"field": "state"}}
    files = render_stack(spec({"name": "Films", "entities": [_thing("film", _name(), state)], "features": [steps]}))
    assert b'"path": ["to_watch", "watched"]' in files["frontend/src/entities/film.ts"]
