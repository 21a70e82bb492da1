"""Two apps small enough to break in one place: a page alone, and notes with an API and a database."""

from collections.abc import Mapping

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Workbench</title>
<style>
  #ball { width: 40px; height: 40px; background: teal; animation: fly 1s linear infinite alternate; }
  @keyframes fly { to { transform: translateX(200px); } }
  .spot { width: 160px; height: 60px; border: 1px solid; }
  #pad { width: 160px; height: 90px; background: linear-gradient(maroon, #860808); touch-action: none; }
</style></head>
<body><main>
<h1>Workbench</h1>
<button id="add" type="button">Add</button>
<button type="button" disabled>Add all</button>
<button id="later" type="button">Later</button>
<ul id="list" aria-label="Cups"></ul>
<label>Name <input id="name" value="Ada"></label>
<label>Size <select id="size"><option value="s">Small</option><option value="l">Large</option></select></label>
<label><input id="loud" type="checkbox"> Loud</label>
<p id="said">Nothing yet</p>
<p id="key">No key</p>
<div class="spot" role="group" aria-label="Crate" id="crate">Crate</div>
<div class="spot" role="group" aria-label="Shelf" id="shelf">Shelf</div>
<div id="pad" role="img" aria-label="Pad"></div>
<p id="kept"></p>
<p id="late"></p>
<a href="#second">Second part</a>
<div id="ball" aria-hidden="true"></div>
</main>
<script>
  const at = id => document.getElementById(id);
  const say = text => { at("said").textContent = text; };
  const add = () => { const item = document.createElement("li"); item.textContent = "Cup"; at("list").append(item); };
  at("add").addEventListener("click", add);
  at("name").addEventListener("input", e => say("Hello " + e.target.value));
  at("size").addEventListener("change", e => say("Size " + e.target.value));
  at("loud").addEventListener("change", e => say(e.target.checked ? "LOUD" : "quiet"));
  addEventListener("keydown", e => { if (e.key === "ArrowLeft") at("key").textContent = "Went left"; });
  let held = false;
  at("crate").addEventListener("mousedown", e => { e.preventDefault(); held = true; });
  at("shelf").addEventListener("mouseup", () => { if (held) say("On the shelf"); });
  let down = 0;
  at("pad").addEventListener("touchstart", e => { down = e.touches[0].clientX; });
  at("pad").addEventListener("touchend", e => { if (e.changedTouches[0].clientX < down - 50) say("Swiped away"); });
  at("kept").textContent = "Visits: " + (localStorage.visits = Number(localStorage.visits || 0) + 1);
  at("later").addEventListener("click", () => setTimeout(() => { at("late").textContent = "Here at last"; }, 900));
</script>
</body></html>
"""

MAIN_PY = """
import os
import sqlite3

from fastapi import FastAPI, HTTPException
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel

app = FastAPI()
PATH = os.environ["DATABASE_URL"].removeprefix("sqlite:///")


def ask(sql, *values):
    with sqlite3.connect(PATH) as database:
        return database.execute(sql, values).fetchall()


class Note(BaseModel):
    title: str


@app.get("/health")
def health():
    return {"status": "ok"}


@app.get("/api/notes")
def listed():
    rows = ask("select id, title from notes order by id")
    return {"items": [{"id": key, "title": title} for key, title in rows], "total": len(rows)}


@app.post("/api/notes", status_code=201)
def create(note: Note):
    ask("insert into notes (title) values (?)", note.title)
    return listed()["items"][-1]


@app.get("/api/notes/{key}")
def read(key: int):
    for row in listed()["items"]:
        if row["id"] == key:
            return row
    raise HTTPException(404)


app.mount("/", StaticFiles(directory="frontend/dist", html=True))
"""
MIGRATE_PY = """
import os
import sqlite3

with sqlite3.connect(os.environ["DATABASE_URL"].removeprefix("sqlite:///")) as database:
    database.execute("create table if not exists notes (id integer primary key, title text not null)")
    if not database.execute("select count(*) from notes").fetchone()[0]:
        database.execute("insert into notes (title) values ('First')")
"""
MAIN_TS = """
const list = document.querySelector("ul") as HTMLUListElement;
const field = document.querySelector("input") as HTMLInputElement;
async function show(): Promise<void> {
  const answer = await fetch("/api/notes");
  const { items } = (await answer.json()) as { items: { title: string }[] };
  list.replaceChildren(
    ...items.map((note) => Object.assign(document.createElement("li"), { textContent: note.title })),
  );
}
document.querySelector("form")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const body = JSON.stringify({ title: field.value });
  await fetch("/api/notes", { method: "POST", headers: { "Content-Type": "application/json" }, body });
  await show();
});
void show();
"""
TESTS_PY = """
import os
import tempfile

os.environ["DATABASE_URL"] = "sqlite:///" + tempfile.mkdtemp() + "/tests.sqlite"


def test_sums():
    assert 1 + 1 == 2
"""
STATIC: Mapping[str, bytes] = {"index.html": PAGE.encode()}
NOTES: Mapping[str, bytes] = {
    "backend/__init__.py": b"",
    "backend/main.py": MAIN_PY.encode(),
    "backend/migrate.py": MIGRATE_PY.encode(),
    "tests/test_app.py": TESTS_PY.encode(),
    "pytest.ini": b"[pytest]\npythonpath = .\n",
    "frontend/index.html": b"<!doctype html><html lang=en><meta name=viewport content='width=device-width'><title>Notes"
    b"</title><body><main><h1>Notes</h1><form><label>Title <input></label><button>Add note</button></form><ul></ul>"
    b"</main><script type=module src=/src/main.ts></script></body></html>",
    "frontend/src/main.ts": MAIN_TS.encode(),
    "frontend/tsconfig.json": b'{"compilerOptions":{"strict":true,"target":"es2022","module":"esnext",'
    b'"moduleResolution":"bundler","lib":["es2022","dom"],"types":[]},"include":["src"]}',
}


def broken(source: str, old: str, new: str = "") -> bytes:
    """The source with one thing changed, which must be in it."""
    assert source.count(old) == 1, old
    return source.replace(old, new).encode()
