"""CSV as people have it: whatever spreadsheet wrote it, in whatever encoding, with whatever between its cells."""

import codecs
import csv
import dataclasses
import io

from backend import errors, words

LARGEST, MOST_ROWS = 5_000_000, 10_000
DELIMITERS = ",;\t|"
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclasses.dataclass(frozen=True)
class Sheet:
    """`rows` are the lines below the header, each with its number in the file."""

    header: list[str]
    rows: list[tuple[int, list[str]]]
    delimiter: str


def read(content: bytes) -> Sheet:
    text = decoded(content)
    told = text.partition("\n")[0].strip().lower()
    if told.startswith("sep=") and len(told) == 5:  # how Excel says it
        delimiter, text, first = told[4], text.partition("\n")[2], 2
    else:
        delimiter, first = likeliest_delimiter(text), 1
    rows = list(_rows(text, delimiter, first))
    if len(rows) < 2:
        raise errors.Problem(422, "invalid", words.ERROR_CSV_ROWS)
    header = [cell.strip() for cell in rows[0][1]]
    return Sheet(header, [(line, [cell.strip() for cell in cells]) for line, cells in rows[1:]], delimiter)


def decoded(content: bytes) -> str:
    """By its mark, else UTF-8 where it is that, else what Windows writes in western Europe."""
    for mark, encoding in MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, "replace")
    if b"\0" in content:
        raise errors.Problem(422, "invalid", words.ERROR_CSV_KIND)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def likeliest_delimiter(text: str) -> str:
    """What cuts the first lines into the most cells, the same number in each."""
    start = "\n".join(text.splitlines()[:20])

    def fit(delimiter: str) -> tuple[int, int]:
        widths = [len(cells) for cells in csv.reader(io.StringIO(start), delimiter=delimiter) if any(cells)]
        head = widths[0] if widths else 0
        return (sum(width == head for width in widths) if head > 1 else 0, head)

    return max(DELIMITERS, key=fit)


def _rows(text: str, delimiter: str, first: int) -> list[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    found: list[tuple[int, list[str]]] = []
    line = first
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                found.append((line, cells))
            line = first + reader.line_num
            if len(found) > MOST_ROWS + 1:
                raise errors.Problem(413, "too_large", words.ERROR_CSV_MANY)
    except csv.Error as error:
        raise errors.Problem(422, "invalid", words.ERROR_CSV_LINE.format(n=line)) from error
    return found
