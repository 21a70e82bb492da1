"""How long a prompt takes to become an AppSpec without a model: `python tests/bench/draft.py [--length N]`.

Prompts as long as they may be, in several languages and shapes; the dictionaries are read before. Prints medians.
"""

import argparse
import statistics
import time
from datetime import date

from builder.drafter import BlueprintDrafter

SHAPES = {
    "English prose": "Each plant has a name, a species and the date it was last watered. I want to search by name. ",
    "English fields": "tasks (title, notes, due date, priority (low, high)), people with name and phone, ",
    "German": "Jede Pflanze hat einen Namen, eine Art und das Datum der letzten Bewässerung. ",
    "Russian": "Книги с названием, автором и жанром (роман, поэзия), читатели с именем и телефоном. ",
    "Chinese": "书籍包含标题、作者、类型（小说、诗歌）、页数和购买日期。",
    "one word": "plant " * 8,
    "brackets": "plants ((with (names, kinds [and, dates ",
}
GOAL = 0.15  # seconds


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--length", type=int, default=20_000)
    arguments.add_argument("--times", type=int, default=5)
    chosen = arguments.parse_args()
    drafter = BlueprintDrafter(date.today)
    for name, words in SHAPES.items():
        prompt = ("An app for my plants and books. " + words * (chosen.length // len(words) + 1))[: chosen.length]
        times = [timed(drafter, prompt) for _ in range(chosen.times + 1)][1:]
        kept = "" if statistics.median(times) <= GOAL else "  over the goal"
        print(f"{name:<20}{statistics.median(times) * 1000:7.0f} ms (worst {max(times) * 1000:.0f}){kept}")


def timed(drafter: BlueprintDrafter, prompt: str) -> float:
    began = time.process_time()  # its own time, whatever else the machine does
    drafter.draft(prompt)
    return time.process_time() - began


if __name__ == "__main__":
    main()
