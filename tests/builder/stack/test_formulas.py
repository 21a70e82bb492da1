"""Formulas in the database, in the browser and in plain Python: three ways that must agree."""

import datetime as dt
import json
import random
import subprocess
import sys
from collections.abc import Iterable

import pytest

from builder.stack import render_stack
from builder.stack.features import Features
from builder.stack.formulas import own_formulas
from builder.stack.previews import preview
from builder.stack.views import SpecView
from tests.builder.formulas import TODAY, World, app, made_up
from tests.samples import spec

READ = """
import datetime as dt, json, sys
from sqlalchemy import orm
from backend import arithmetic, database, migrate
from backend.entities.thing import Thing, ThingRow
arithmetic.TODAY.callable = lambda: dt.date.fromisoformat(sys.argv[1])
migrate.main()
with orm.Session(database.engine) as session:
    for thing in session.query(Thing).order_by(Thing.id):
        print(ThingRow.model_validate(thing).model_dump_json())
"""


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_database_agrees_with_plain_python(apps, kind, request):
    chance = random.Random(5)
    source = app(unique(made_up(chance) for _ in range(60)), 3)
    made = apps.make(spec(source))
    if kind == "postgresql":
        made.url = request.getfixturevalue("new_postgres")
    found = [json.loads(line) for line in made.run("-c", READ, str(TODAY)).splitlines()]
    compare(source, found)


def compare(source: dict, found: list[dict]) -> None:
    """Each result of a row's formulas with that of plain Python."""
    world = World(source)
    for row, got in zip(world.rows("thing"), found, strict=True):
        for field in source["entities"][1]["fields"]:
            if "formula" in field:
                wanted = world.value("thing", row, field["name"])
                value = got.get(field["name"])
                assert same(value, wanted), (field["formula"], row, value, wanted)


def same(got: object, wanted: object) -> bool:
    if isinstance(wanted, float | int) and isinstance(got, float | int):
        return got == pytest.approx(wanted, abs=1e-6)
    return got == (str(wanted) if isinstance(wanted, dt.date) else wanted)


RUN = """
import fs from "node:fs";
import { pathToFileURL } from "node:url";
const [kit, today] = process.argv.slice(2);
const { transformWithOxc } = await import(pathToFileURL(`${kit}/vite/dist/node/index.js`));
const source = fs.readFileSync("formula.ts", "utf8").replace("new Date();", `new Date("${today}T12:00");`);
fs.writeFileSync("formula.mjs", (await transformWithOxc(source, "formula.ts")).code);
const { work } = await import(pathToFileURL("work.mjs"));
const rows = JSON.parse(fs.readFileSync("rows.json", "utf8"));
console.log(JSON.stringify(rows.map((row) => Object.fromEntries(Object.entries(work).map(([n, w]) => [n, w(row)])))));
"""


def test_the_browser_agrees_with_plain_python(tmp_path, toolchain):
    chance = random.Random(6)
    source = app(unique(made_up(chance, own=True) for _ in range(60)), 4)
    asked = spec(source)
    thing = SpecView(asked, Features(asked, ())).entity("thing")
    work = ", ".join(f"{f.name}: (row) => {preview(f)}" for f in own_formulas(thing))
    (tmp_path / "formula.ts").write_bytes(render_stack(asked)["frontend/src/lib/formula.ts"])
    (tmp_path / "work.mjs").write_text(f'import * as f from "./formula.mjs";\nexport const work = {{ {work} }};')
    (tmp_path / "rows.json").write_text(json.dumps(source["entities"][1]["seed"]))
    (tmp_path / "run.mjs").write_text(RUN)
    command = [toolchain.node, "run.mjs", toolchain.node_modules, str(TODAY)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    compare(source, json.loads(done.stdout))


def test_python_is_laid_out_as_formatters_leave_it(tmp_path):
    chance = random.Random(8)
    for n in range(3):
        source = app(unique(made_up(chance, depth=5) for _ in range(60)), n)
        path = tmp_path / f"thing{n}.py"
        path.write_bytes(render_stack(spec(source))["backend/entities/thing.py"])
    ruff = [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length=120", "--no-cache", "--diff", "."]
    done = subprocess.run(ruff, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[:4000]


def unique(formulas: Iterable[str]) -> list[str]:
    return [f for f in dict.fromkeys(formulas) if len(f) <= 300 and sum(map(f.count, "(+")) < 40]
