"""Text that means harm to a parser is only text: drafting ends, and every name is safe."""

import time
from contextlib import suppress
from datetime import date

import pytest

from builder.drafter import BlueprintDrafter
from builder.drafter.revise import revise
from builder.drafter.revise.orders import MOST_ORDERS
from builder.names import IDENTIFIER
from builder.refusal import Refusal

LONG = 20_000


def repeated(text: str) -> str:
    return (text * (LONG // len(text) + 1))[:LONG]


@pytest.mark.parametrize(
    "prompt",
    [
        repeated("books with title, "),
        repeated("a list of (((((("),
        repeated("things with a, b (c, (d, "),
        repeated("filter by "),
        repeated("each plant has a name and many leaves. "),
        repeated("a-"),
        repeated("w1 w2 'quoted \"twice "),
        repeated("between 1 and 2 and 3 and "),
        "list of " + "x" * (LONG - 8),
        "books with " + ", ".join(f"field{n}" for n in range(1_500)),
        repeated("书和作者,"),
        repeated("🎁 gift list "),
        repeated("dark blue background and "),
        "books with title and author. and.",
        "تطبيق كتب: لكل كتاب تاريخ ا",
    ],
)
def test_drafting_ends(prompt):
    started = time.perf_counter()
    with suppress(Refusal):
        BlueprintDrafter().draft(prompt)
    print(f"{len(prompt)} characters in {(time.perf_counter() - started) * 1000:.0f} ms")
    assert len(prompt) <= LONG


@pytest.mark.parametrize(
    "prompt",
    [
        "A table called class (import, def, id, metadata, None)",
        "Books'); DROP TABLE books;-- with title, author\"; and <script>alert(1)</script>",
        "A list of {{ 7 * 7 }} with {% raw %}, ../../etc/passwd and $(rm -rf)",
        "🎁 gifts with 🎄 name, price 💶 and ‮reversed‬ note",
        "Список книг: название, автор, год",
        "a table called Select (from, where, group, order) and a table called Select (from, where)",
    ],
)
def test_every_name_is_safe(prompt):
    spec = BlueprintDrafter().draft(prompt).spec
    names = [n for e in spec.entities for n in (e.name, e.plural, *(f.name for f in e.fields))]
    assert names
    assert all(IDENTIFIER.fullmatch(name) for name in names)


def test_the_words_of_the_person_stay_in_the_labels():
    spec = BlueprintDrafter().draft("A table called class (import, def, 名前)").spec
    assert spec.entities[0].label == "Class"
    assert [f.label for f in spec.entities[0].fields] == ["Import", "Def", "名前"]


def test_what_a_message_says_beyond_its_orders_is_told_as_unused():
    app = BlueprintDrafter().draft("books with title and author").spec
    revision = revise(app, "".join(f"Add a field note{n} to books. " for n in range(600)), date(2026, 3, 1))
    assert [f.name for f in revision.spec.entities[0].fields][-1] == f"note{MOST_ORDERS - 1}"
    assert len(revision.said) == MOST_ORDERS
    assert f"field note{MOST_ORDERS} to books." in revision.unused[-1]
    assert revision.unused[-1].endswith("characters not read)")


def test_what_is_more_than_an_app_holds_is_told_as_unused():
    unused = BlueprintDrafter().draft(repeated("书籍包含标题、作者、类型（小说、诗歌）、页数和购买日期。")).unused
    assert unused[-1].endswith("个字符)")
    things = [f"{a}{b}ets" for a in "bdfgk" for b in ("an", "el", "im", "or", "un", "av")]
    draft = BlueprintDrafter().draft(". ".join(f"{thing} with name and price" for thing in things))
    kept = {entity.label_plural.lower() for entity in draft.spec.entities}
    assert len(kept) == 24
    assert kept | set(draft.unused) == set(things)
