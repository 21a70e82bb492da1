"""How long a prompt takes to become an AppSpec without a model: `python -m tests.bench.draft [--length N] [--times N]`.

Prompts as long as they may be: one sentence over and over in several languages, real prompts one after the other, in
another order each time, facts for a sheet, and a message to an app that is there. The dictionaries are read before.
Prints medians of processor time.
"""

import argparse
import gc
import json
import logging
import random
import statistics
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path

from builder.drafter import BlueprintDrafter
from builder.drafter.revise import revise
from builder.refusal import Refusal

DATA = Path(__file__).parents[1] / "builder" / "data"
REPEATED = {
    "English prose": "Each plant has a name, a species and the date it was last watered. I want to search by name. ",
    "English fields": "tasks (title, notes, due date, priority (low, high)), people with name and phone, ",
    "German": "Jede Pflanze hat einen Namen, eine Art und das Datum der letzten Bewässerung. ",
    "Russian": "Книги с названием, автором и жанром (роман, поэзия), читатели с именем и телефоном. ",
    "Chinese": "书籍包含标题、作者、类型（小说、诗歌）、页数和购买日期。",
    "one word": "plant " * 8,
    "brackets": "plants ((with (names, kinds [and, dates ",
}
SHEETS = {
    "poster": ("Poster for our summer party: ", "{n} July, {hour} pm, Stage {n}, band number {n}, {n} €, "),
    "deck": ("Slides about our year:\n", "Slide {n}: revenue {n} million, up {hour} %; new clients: Alba, Bosch {n}\n"),
}
LANGUAGES = ("en", "de", "ru", "zh", "es", "ar")
OPENING = "An app that keeps a list of my plants and books and of much else, which I say now. "
GOAL = 0.15  # seconds


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--length", type=int, default=20_000)
    arguments.add_argument("--times", type=int, default=5)
    chosen = arguments.parse_args()
    logging.disable()  # of wishes that can't be granted
    drafter, shuffled = BlueprintDrafter(date.today), random.Random(1)
    shapes = {name: _repeated(words) for name, words in REPEATED.items()}
    shapes |= {f"real prompts, {code}": _stitched(code, shuffled) for code in LANGUAGES}
    shapes |= {name: _facts(*parts, shuffled) for name, parts in SHEETS.items()}
    app = drafter.draft("books with a title, an author and a rating").spec
    for shape in shapes.values():
        drafter.draft(shape(1_000))
    gc.freeze()  # as a worker does once it knows the words
    for name, shape in shapes.items():
        _print(name, [timed(drafter.draft, shape(chosen.length)) for _ in range(chosen.times + 1)][1:])
    message = shapes["English prose"](chosen.length)
    _print("message: English prose", [timed(lambda text: revise(app, text, date.today()), message) for _ in range(3)])


def _repeated(words: str) -> Callable[[int], str]:
    return lambda length: (OPENING + words * (length // len(words) + 1))[:length]


def _stitched(code: str, shuffled: random.Random) -> Callable[[int], str]:
    """Every prompt of a language that the tests know, one after the other."""
    found = [row["prompt"] for file in ("asks", "asks_more", "short", "variants") for row in _rows(file, code)]

    def stitch(length: int) -> str:
        text = OPENING
        while len(text) < length:
            text += ". ".join(shuffled.sample(found, len(found))) + ". "
        return text[:length]

    return stitch


def _rows(file: str, code: str) -> list[dict[str, str]]:
    rows = map(json.loads, (DATA / f"{file}.jsonl").read_text(encoding="utf-8").splitlines())
    return [row for row in rows if row.get("lang", row.get("language")) == code and row.get("kind") != "bad"]


def _facts(opening: str, fact: str, shuffled: random.Random) -> Callable[[int], str]:
    facts = [fact.format(n=n % 28 + 1, hour=n % 11 + 1) for n in range(1_000)]
    return lambda length: (opening + "".join(shuffled.sample(facts, len(facts))))[:length]


def timed(draft: Callable[[str], object], prompt: str) -> float:
    began = time.process_time()  # its own time, whatever else the machine does
    with suppress(Refusal):
        draft(prompt)
    return time.process_time() - began


def _print(name: str, times: list[float]) -> None:
    kept = "" if statistics.median(times) <= GOAL else "  over the goal"
    print(f"{name:<32}{statistics.median(times) * 1000:7.0f} ms (worst {max(times) * 1000:.0f}){kept}", flush=True)


if __name__ == "__main__":
    main()
