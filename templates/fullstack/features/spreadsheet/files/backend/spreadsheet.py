"""Lines of CSV that a spreadsheet opens as they are meant: numbers as numbers, and no text as a formula."""

import csv
import io
import typing

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def line(cells: typing.Iterable[typing.Any]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow([cell(value) for value in cells])
    return written.getvalue()


def cell(value: typing.Any) -> str:
    if isinstance(value, list):
        return cell("; ".join(item["label"] for item in value))
    if isinstance(value, dict):
        return cell(value["label"])
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"  # or a spreadsheet would run it as a formula
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
