"""Apps that sell, count, print, and take rows and files: what is chosen from their fields, and what they then do."""

import json

from builder.stack import render_stack
from tests.builder.stack.test_apps import answers
from tests.samples import LIBRARY, SHOP, spec

NAMES = "cart checkout low_stock dashboard report spreadsheet randomize importing csv_files files filetypes".split()


def test_a_shop_passes_its_own_tests(apps):
    assert " passed" in apps.make(spec(SHOP)).run("-m", "pytest")


def test_what_is_not_asked_for_is_not_there():
    plain = render_stack(spec(SHOP | {"features": [{"name": "detail"}], "pages": []}))
    text = b"\n".join(data for path, data in plain.items() if path.endswith((".py", ".ts", ".tsx", ".css")))
    for name in NAMES:
        assert f"backend/{name}.py" not in plain
    for word in (b"useCart", b"low_stock", b"DashboardPage", b"ReportPage", b"@media print", b"import_", b"upload"):
        assert word not in text, word


def test_a_cart_without_anything_that_has_a_price_is_left_out():
    authors = [{"name": name, "entity": "author"} for name in ("cart", "checkout", "low_stock_alert")]
    entities = [e for e in LIBRARY["entities"] if e["name"] == "author"]
    files = render_stack(spec(LIBRARY | {"entities": entities, "features": authors, "rules": [], "pages": []}))
    assert "backend/checkout.py" not in files
    assert not [path for path in files if "Cart" in path]


def test_the_dashboard_says_what_matters_most():
    shown = render_stack(spec(SHOP))["frontend/src/dashboard.ts"].decode()
    tiles, charts, lists = (_rows(part) for part in shown.split("export const ")[1:])
    assert [tile["label"] for tile in tiles[:2]] == ["Order total", "Pieces running low"]
    assert [chart["title"] for chart in charts] == [
        "Order total by month",
        "Number of orders by status",
        "Total quantity by product",
    ]
    assert [found["title"] for found in lists] == ["Latest orders", "Latest pieces"]


def test_a_dashboard_charts_first_what_a_list_was_asked_for():
    """And adds up nothing that is an average above the list; averages are no parts of a ring."""
    asked = {"name": "chart", "entity": "order", "options": {"by": "status", "measure": "avg:total"}}
    shown = render_stack(spec(SHOP | {"features": [*SHOP["features"], asked]}))["frontend/src/dashboard.ts"].decode()
    charts = [(chart["by"], chart["measure"], chart["shape"]) for chart in _rows(shown.split("export const ")[2])]
    assert [chart for chart in charts if "total" in chart[1]] == [
        ("month:placed", "avg:total", "columns"),
        ("status", "avg:total", "bars"),
    ]


def test_a_file_of_rows_is_read_as_it_was_meant(apps):
    """Semicolons, commas for decimals, other words for a column, and a reason for each row that doesn't fit."""
    app = apps.make(spec(SHOP))
    looked = _imported(
        app, "Name;CATEGORY;Price (EUR);Stock\nBowl;cups;1.234,50;3\nJar;Jars;9;1\n;Cups;9;x\n", dry=True
    )
    assert (looked["good"], looked["bad"]) == (1, 2)
    assert looked["sample"][0]["price"] == 1234.5
    assert [(p["line"], sorted(p["fields"])) for p in looked["problems"]] == [(3, ["category"]), (4, ["stock"])]


def test_a_report_is_a_table_with_sums_at_both_ends(apps):
    query = "by=status&across=customer&measure=sum:total"
    [[status, report]] = answers(apps.make(spec(SHOP)), ["GET", f"/api/orders/report?{query}"])
    assert status == 200
    assert [line["total"] for line in report["lines"]] == [28, 56]
    assert report["total"] == sum(report["totals"]) == 84


def _rows(source: str) -> list[dict]:
    lines = (line.strip().rstrip(",") for line in source.splitlines())
    return [json.loads(line) for line in lines if line.startswith("{")]


def _imported(app, text: str, *, dry: bool) -> dict:
    code = (
        "import json\nfrom starlette.testclient import TestClient\nfrom backend import main, migrate\nmigrate.main()\n"
        "with TestClient(main.app) as client:\n"
        f"    print(client.post('/api/products/import?dry_run={dry}', content={text.encode()!r}).text)"
    )
    return json.loads(app.run("-W", "ignore::ResourceWarning", "-c", code))
