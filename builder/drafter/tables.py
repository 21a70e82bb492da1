"""Read the tables of a prompt: rows of cells between bars.

A table is either of fields, one a row with its type beside it, or of data, whose head names the fields.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from builder.drafter.fields import colored
from builder.drafter.lexicon import lexicon
from builder.drafter.sketch import AppSketch, EntitySketch, FieldSketch
from builder.drafter.text import Word, Words
from builder.spec import FieldType

_RULE = re.compile(r"[\s|:+\-—–]*")  # the line between head and rows
FEWEST_ROWS, MOST_ROWS, MOST_CELLS, MOST_CHOICES = 2, 100, 24, 8
YES = frozenset("yes required mandatory true x ✓ ✔".split())
TYPES = frozenset(
    "text number date time datetime money boolean yes/no list choice link reference photo image file email phone whole "
    "decimal integer string currency long short reference".split()
)


@dataclass(frozen=True)
class Grid:
    """The cells of a table of data as they are written; `key` is the head of its first column."""

    key: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Table:
    """`start` and `end` are places in the prompt; a cell is where its text stands."""

    start: int
    end: int
    rows: tuple[tuple[tuple[int, int], ...], ...]

    @property
    def width(self) -> int:
        return len(self.rows[0])


def find_tables(text: str) -> list[Table]:
    found: list[Table] = []
    rows: list[tuple[tuple[int, int], ...]] = []
    start = end = at = 0
    for line in [*text.split("\n"), ""]:
        cells = tuple(_cells(line, at))
        if len(cells) > 1:
            start = start if rows else at
            if not _RULE.fullmatch(line):
                rows.append(cells[:MOST_CELLS])
            end = at + len(line)
        elif rows:
            if len(rows) > FEWEST_ROWS:
                found.append(Table(start, end, tuple(rows[: MOST_ROWS + 1])))
            rows = []
        at += len(line) + 1
    return found


def _cells(line: str, start: int) -> Iterator[tuple[int, int]]:
    if line.count("|") < 1:
        return
    at = 0
    parts = line.split("|")
    for number, part in enumerate(parts):
        edge = number in {0, len(parts) - 1} and not part.strip()
        if not edge:
            yield start + at, start + at + len(part)
        at += len(part) + 1


def split_text(text: str, tables: Sequence[Table]) -> tuple[str, str]:
    """The text without its tables, and the tables alone, both with all words in their places."""
    rest, inside, at = "", "", 0
    for table in tables:
        between, own = text[at : table.start], text[table.start : table.end]
        rest += between + " " * len(own)
        inside += " " * len(between) + own.replace("|", ";")
        at = table.end
    return rest + text[at:], inside


def as_sentence(table: Table, words: Words) -> tuple[Word, ...]:
    """The table as a list: "it has number (text) required, room, bought on (date)"."""
    fields = is_of_fields(table, words)
    first = table.rows[0][0][0]
    found = [_mark("it", first), _mark("has", first)]
    if not fields:
        name = _in(words, table.rows[0][0])
        found = [_mark("each", first), *name, _mark("has", first), _mark("name", first)]
        for cell in table.rows[0][1:]:
            found += [_mark(",", cell[0]), *_in(words, cell)]
        return tuple(found)
    for row in table.rows[1:]:
        name, kind = _in(words, row[0]), _in(words, row[1])
        required = any(w.norm in YES for cell in row[2:] for w in _in(words, cell))
        found += [*name, *(_in_brackets(kind, row[1][0]) if kind else [])]
        found += [_mark("required", row[0][1])] if required else []
        found.append(_mark(",", row[0][1]))
    return tuple(found[:-1])


def _in_brackets(kind: list[Word], at: int) -> list[Word]:
    flags = [w for w in kind if w.norm in {"required", "unique", "optional", "mandatory"}]
    rest = [w for w in kind if w not in flags]
    while rest and not rest[-1].is_word:
        rest.pop()
    if any(w.lemma in {"link", "url", "reference"} for w in rest[:1]) and len(rest) > 1:
        rest = []  # "link to a room": what the field is called says to what
    chosen = any(w.text in ",/;" for w in rest) and not all(w.lemma in TYPES for w in rest if w.is_word)
    known = next((w for w in rest if w.norm in lexicon().types), None)
    if rest and not chosen and (known or " ".join(w.lemma for w in rest) in lexicon().fields):
        rest = [known] if known else rest[:1]
    elif rest and not chosen:
        rest = []
    return [*flags, *([_mark("(", at), *rest, _mark(")", at)] if rest else [])]


def is_of_fields(table: Table, words: Words) -> bool:
    """Whether the second column says types or choices, and the first what is called so."""
    told = 0
    for row in table.rows[1:]:
        second = _in(words, row[1]) if len(row) > 1 else []
        types = any(w.lemma in TYPES or w.norm in lexicon().types for w in second)
        told += types or sum(w.text in ",/" for w in second) > 0
    numbers = sum(1 for row in table.rows[1:] for w in _in(words, row[-1])[:1] if w.norm[:1].isdecimal())
    return told * 2 > len(table.rows) - 1 and numbers * 2 < len(table.rows)


def _in(words: Words, cell: tuple[int, int]) -> list[Word]:
    return [w for w in words if cell[0] <= w.start < cell[1]]


def _mark(text: str, at: int) -> Word:
    return Word(text, text, text, at, at)


def grid_of(table: Table, text: str, words: Words) -> Grid | None:
    """The cells of a table of data, for rows to start with; of a table of fields nothing."""
    head = _in(words, table.rows[0][0])
    if is_of_fields(table, words) or not head:
        return None
    cells = [tuple(text[a:b].strip(" *_\t") for a, b in row) for row in table.rows]
    whole = tuple(row for row in cells[1:] if len(row) == table.width)
    return Grid(" ".join(w.lemma for w in head if w.is_word), cells[0], whole)


def fill(sketch: AppSketch, grids: Sequence[Grid]) -> None:
    """Give the rows of a table to the thing that its first column names, and to its fields the types of the cells."""
    for grid in grids:
        entity = sketch.entity(grid.key)
        if entity is None:
            continue
        columns = _columns(entity, grid)
        for at, field in columns.items():
            _type(field, [row[at] for row in grid.rows])
        entity.seed = [
            {f.key: value for at, f in columns.items() if (value := _value(row[at], f)) is not None}
            for row in grid.rows
        ]


def _columns(entity: EntitySketch, grid: Grid) -> dict[int, FieldSketch]:
    title = entity.find("name") or entity.fields[0]
    found = {0: title}
    for at, head in enumerate(grid.heads[1:], 1):
        name = head.split("(")[0].strip().lower()
        own = next((f for f in entity.fields if f is not title and name and f.label.lower().startswith(name)), None)
        if own and own.type is not FieldType.RELATION:
            found[at] = own
    return found


def _type(field: FieldSketch, cells: list[str]) -> None:
    told = [cell for cell in cells if cell]
    if told and all(map(is_number, told)):
        whole = all("." not in cell for cell in told)
        if not field.type.is_number or (field.type is FieldType.INTEGER and not whole):
            field.type = FieldType.INTEGER if whole else FieldType.DECIMAL
        field.choices = []
        field.min = None if field.min is not None and any(_number(c) < field.min for c in told) else field.min
        field.max = None if field.max is not None and any(_number(c) > field.max for c in told) else field.max
    elif field.type in {FieldType.STRING, FieldType.CHOICE} and not field.required:
        unique = list(dict.fromkeys(told))
        if len(unique) <= MOST_CHOICES and len(unique) < len(told):
            field.type, field.choices, field.values = FieldType.CHOICE, colored(unique), ()
        else:
            field.type, field.choices = FieldType.STRING, []
    elif field.type not in {FieldType.STRING, FieldType.TEXT}:
        field.type, field.choices = FieldType.STRING, []


def _value(cell: str, field: FieldSketch) -> str | int | float | None:
    if not cell:
        return None
    if field.type.is_number:
        number = _number(cell)
        return int(number) if field.type is FieldType.INTEGER else number
    return cell[:200]


def is_number(text: str) -> bool:
    return text.replace(",", "").replace(" ", "").removeprefix("-").replace(".", "", 1).isdecimal() and len(text) < 16


def _number(cell: str) -> float:
    return float(cell.replace(",", "").replace(" ", ""))
