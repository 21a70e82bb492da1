"""Writing: what is refused leaves the file as it was, and the answer says why."""

import pytest

from builder.spec import AppKind
from tests.builder.agent.fakes import APP, Desk, MemoryFiles

LONG = "".join(f"VALUE_{n} = {n}\n" for n in range(60))


def test_a_new_file_is_written_with_a_final_newline() -> None:
    desk = Desk()
    result = desk.call("write_file", path="backend/tips.py", content="TIPS = []")
    assert (result.ok, result.path, result.added, result.removed) == (True, "backend/tips.py", 1, 0)
    assert desk.text("backend/tips.py") == "TIPS = []\n"
    assert result.summary == "Made backend/tips.py"


def test_the_same_content_again_changes_nothing() -> None:
    desk = Desk()
    result = desk.call("write_file", path="README.md", content=APP["README.md"])
    assert "Nothing changed" in result.text
    assert (result.added, result.removed, desk.context.touched) == (0, 0, set())


@pytest.mark.parametrize(
    ("path", "content", "said"),
    [
        ("../x.py", "x = 1", "not a path inside the project"),
        ("/etc/x.py", "x = 1", "not a path inside the project"),
        ("backend/big.py", "#" * 1_000_000, "at most 400 KB"),
        ("backend/main.py", "def (:", "syntax error in line 1"),
        ("frontend/src/App.tsx", "export function App() {\n  return <div>\n", "syntax error"),
        ("backend/main.py", "import requests\n", "Nothing can be installed"),
        ("backend/main.py", "import fastapi\n# ... rest of the code unchanged\n", "stands in place of code"),
        ("start.py", "x = 1", "not yours to change"),
        (".env", "KEY=1", "secrets"),
        ("backend/x.txt", "a\0b", "NUL"),
    ],
)
def test_what_is_refused_leaves_the_files_as_they_were(path: str, content: str, said: str) -> None:
    desk = Desk()
    result = desk.call("write_file", path=path, content=content)
    assert not result.ok
    assert said in result.text
    assert desk.files.now == desk.files.then
    assert desk.context.touched == set()


def test_a_syntax_error_shows_the_lines_around_it_as_data() -> None:
    said = Desk().call("write_file", path="backend/x.py", content="a = 1\nb = (\nc = 3\n").text
    assert '<data from="backend/x.py">' in said
    assert "    2  b = (" in said


def test_an_error_that_was_there_before_may_be_edited_around() -> None:
    desk = Desk(files=MemoryFiles.of({**APP, "frontend/src/odd.ts": "let a = ;\nlet b = 1;\n"}))
    hunks = [{"search": "let b = 1", "replace": "let b = 2"}]
    assert desk.call("edit_file", path="frontend/src/odd.ts", hunks=hunks).ok


def test_a_file_shrinks_only_with_a_reason() -> None:
    desk = Desk(files=MemoryFiles.of({**APP, "backend/long.py": LONG}))
    said = desk.call("write_file", path="backend/long.py", content="VALUE = 1\n").text
    assert "shrink from 60 to 1 lines" in said
    assert not desk.call("write_file", path="backend/long.py", replaces_all=True, content="VALUE = 1\n").ok
    assert desk.text("backend/long.py") == LONG
    why = "the values are read from the database now"
    assert desk.call("write_file", path="backend/long.py", replaces_all=True, reason=why, content="VALUE = 1\n").ok


def test_several_hunks_are_all_done_or_none() -> None:
    desk = Desk()
    good, bad = {"search": "'/health'", "replace": "'/healthy'"}, {"search": "def heath()", "replace": "def x()"}
    result = desk.call("edit_file", path="backend/main.py", hunks=[good, bad])
    assert not result.ok
    assert "Hunk 2 of 2" in result.text
    assert "    7  def health():" in result.text
    assert desk.text("backend/main.py") == APP["backend/main.py"]
    result = desk.call("edit_file", path="backend/main.py", hunks=[good])
    assert (result.ok, result.added, result.removed) == (True, 1, 1)
    assert desk.context.touched == {"backend/main.py"}


def test_an_edit_of_no_file_names_the_nearest() -> None:
    hunks = [{"search": "a", "replace": "b"}]
    assert "Perhaps backend/main.py" in Desk().call("edit_file", path="backend/mian.py", hunks=hunks).text
    assert "not yours to change" in Desk().call("edit_file", path="start.py", hunks=hunks).text


def test_an_edit_may_not_leave_out_code_either() -> None:
    hunks = [{"search": "    return {}", "replace": "    # ... existing code ...\n    return {1: 2}"}]
    assert "stands in place of code" in Desk().call("edit_file", path="backend/main.py", hunks=hunks).text


def test_line_ends_stay_as_they_are() -> None:
    desk = Desk(files=MemoryFiles.of({**APP, "README.md": "# A\r\n\r\ntext\r\n"}))
    assert desk.call("edit_file", path="README.md", hunks=[{"search": "# A\n\ntext", "replace": "# B\n\nmore"}]).ok
    assert desk.text("README.md") == "# B\r\n\r\nmore\r\n"


def test_files_are_deleted_and_moved() -> None:
    desk = Desk()
    assert desk.call("delete_file", path="tests/test_app.py").ok
    assert "tests/test_app.py" not in desk.files.now
    assert "has to stay" in desk.call("delete_file", path="backend/main.py").text
    assert "There is no file" in desk.call("delete_file", path="backend/nothing.py").text
    result = desk.call("move_file", path="frontend/src/style.css", to="frontend/src/styles/base.css")
    assert (result.ok, result.path) == (True, "frontend/src/styles/base.css")
    assert desk.context.touched == {
        "tests/test_app.py", "frontend/src/style.css", "frontend/src/styles/base.css",
    }  # fmt: skip
    assert "is there already" in desk.call("move_file", path="README.md", to="backend/main.py").text
    assert "can't be made there" in desk.call("move_file", path="frontend/src/styles/base.css", to="x.css").text


def test_a_migration_that_loses_data_passes_only_when_the_person_asked() -> None:
    text = (
        'from alembic import op\n\nrevision = "0002"\ndown_revision = "0001"\n\n\n'
        'def upgrade() -> None:\n    op.drop_table("recipes")\n'
    )
    path, desk = "backend/migrations/versions/0002_drop_recipes.py", Desk()
    assert "Only the person" in desk.call("write_file", path=path, content=text).text
    desk.context.allowed_by_person = True
    assert desk.call("write_file", path=path, content=text).ok


def test_a_migration_that_is_served_is_not_changed_any_more() -> None:
    desk = Desk()
    path = "backend/migrations/versions/0002_stars.py"
    text = 'revision = "0002"\ndown_revision = "0001"\n\n\ndef upgrade() -> None:\n    pass\n'
    assert desk.call("write_file", path=path, content=text).ok
    assert desk.call("write_file", path=path, content=text.replace("pass", "return")).ok
    desk.context.served = lambda: desk.files.now
    assert "new migration" in desk.call("write_file", path=path, content=text).text


def test_the_decks_engine_is_not_written() -> None:
    desk = Desk(kind=AppKind.SLIDES, files=MemoryFiles.of({"index.html": "<p>", "deck.js": "1;\n"}))
    assert "not yours to change" in desk.call("write_file", path="deck.js", content="2;").text
    assert desk.call("write_file", path="index.html", content="<section class='slide'></section>").ok
