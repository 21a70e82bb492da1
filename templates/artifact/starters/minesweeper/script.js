const COLUMNS = OPTIONS.size;
const FIELDS = COLUMNS * COLUMNS;
const SHARE = { easy: 0.11, normal: 0.15, hard: 0.2 }[OPTIONS.level];
const MINES = Math.min(FIELDS - 9, OPTIONS.mines || Math.round(FIELDS * SHARE));
const board = byId("board");
let mines, open, flags, over, since, ticking, pressed, held;

function offer(text) {
  byId("said").textContent = text;
  byId("told").textContent = text;
  byId("ending").hidden = false;
  byId("again").focus({ preventScroll: true });
}

function start() {
  clearInterval(ticking);
  mines = null;
  open = new Set();
  flags = new Set();
  over = false;
  since = 0;
  byId("ending").hidden = true;
  byId("told").textContent = "";
  board.style.setProperty("--columns", String(COLUMNS));
  board.replaceChildren(...Array.from({ length: FIELDS }, (_, at) => field(at)));
  tally();
}

function field(at) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "field";
  made.setAttribute("aria-label", name(at, TEXTS.closed));
  made.addEventListener("click", () => (held ? (held = false) : reveal(at)));
  made.addEventListener("contextmenu", (event) => {
    event.preventDefault();
    if (!held) flag(at);
  });
  made.addEventListener("keydown", (event) => event.key.toLowerCase() === "f" && flag(at));
  made.addEventListener("pointerdown", (event) => {
    held = false;
    if (event.pointerType === "mouse") return;
    pressed = setTimeout(() => {
      held = true;
      flag(at);
    }, 400);
  });
  for (const end of ["pointerup", "pointerleave", "pointercancel"]) {
    made.addEventListener(end, () => clearTimeout(pressed));
  }
  return made;
}

function name(at, text) {
  return `${number.format(Math.floor(at / COLUMNS) + 1)}, ${number.format((at % COLUMNS) + 1)}: ${text}`;
}

function around(at) {
  const [x, y] = [at % COLUMNS, Math.floor(at / COLUMNS)];
  const near = [];
  for (let row = Math.max(0, y - 1); row <= Math.min(COLUMNS - 1, y + 1); row++) {
    for (let column = Math.max(0, x - 1); column <= Math.min(COLUMNS - 1, x + 1); column++) {
      if (row !== y || column !== x) near.push(row * COLUMNS + column);
    }
  }
  return near;
}

/** The first field and its neighbours are free. */
function lay(first) {
  const safe = new Set([first, ...around(first)]);
  const places = [...Array(FIELDS).keys()].filter((at) => !safe.has(at));
  mines = new Set();
  while (mines.size < MINES) mines.add(places.splice(Math.floor(Math.random() * places.length), 1)[0]);
  since = performance.now();
  ticking = setInterval(tally, 500);
}

const count = (at) => around(at).filter((near) => mines.has(near)).length;

function reveal(at) {
  if (over || flags.has(at)) return;
  if (!mines) lay(at);
  if (open.has(at)) {
    const near = around(at);
    if (near.filter((one) => flags.has(one)).length !== count(at)) return;
    for (const one of near) if (!open.has(one) && !flags.has(one) && !over) reveal(one);
    return;
  }
  if (mines.has(at)) return lose(at);
  const waiting = [at];
  while (waiting.length) {
    const next = waiting.pop();
    if (open.has(next) || flags.has(next)) continue;
    show(next);
    if (!count(next)) waiting.push(...around(next));
  }
  if (open.size === FIELDS - mines.size) win();
}

function show(at) {
  const near = count(at);
  const made = board.children[at];
  open.add(at);
  made.classList.add("open");
  if (near) made.dataset.near = String(near);
  made.textContent = near ? number.format(near) : "";
  made.setAttribute("aria-label", name(at, near ? number.format(near) : TEXTS.empty));
}

function flag(at) {
  if (over || open.has(at)) return;
  const set = !flags.delete(at);
  if (set) flags.add(at);
  board.children[at].textContent = set ? "⚑" : "";
  board.children[at].setAttribute("aria-label", name(at, set ? TEXTS.flag : TEXTS.closed));
  tally();
}

function lose(hit) {
  stop();
  for (const at of mines) {
    board.children[at].textContent = "✹";
    board.children[at].classList.add("open");
    board.children[at].setAttribute("aria-label", name(at, TEXTS.mine));
  }
  board.children[hit].classList.add("hit");
  offer(TEXTS.boom);
}

function win() {
  const seconds = Math.max(1, passed());
  stop();
  if (!best || seconds < best) {
    best = seconds;
    keep();
  }
  tally();
  offer(TEXTS.won);
}

let final = 0;
const passed = () => Math.floor((performance.now() - since) / 1000);

function stop() {
  final = passed();
  over = true;
  clearInterval(ticking);
}

function tally() {
  byId("mines").textContent = number.format(MINES - flags.size);
  byId("time").textContent = number.format(over ? final : since ? passed() : 0);
  byId("best").textContent = best ? number.format(best) : "–";
}

/** Arrow keys go from field to field. */
board.addEventListener("keydown", (event) => {
  const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -COLUMNS, ArrowDown: COLUMNS };
  const fields = [...board.children];
  const at = fields.indexOf(document.activeElement);
  if (!(event.key in steps) || at < 0) return;
  event.preventDefault();
  fields[at + steps[event.key]]?.focus();
});
byId("new").addEventListener("click", start);
byId("again").addEventListener("click", start);
start();
