const COLUMNS = 7;
const ROWS = 6;
const NAMES = OPTIONS.friend ? ["", TEXTS.first, TEXTS.second] : ["", TEXTS.you, TEXTS.computer];
const DEPTH = { easy: 1, normal: 3, hard: 5 }[OPTIONS.level];
const board = byId("board");
const wins = [0, 0, 0];
const LINES = [];
for (let at = 0; at < COLUMNS * ROWS; at++) {
  for (const [x, y] of [[1, 0], [0, 1], [1, 1], [-1, 1]]) {
    const [endX, endY] = [(at % COLUMNS) + 3 * x, Math.floor(at / COLUMNS) + 3 * y];
    if (endX >= 0 && endX < COLUMNS && endY < ROWS) LINES.push([0, 1, 2, 3].map((step) => at + step * (x + y * COLUMNS)));
  }
}
let cells, turn, over, waiting;

function start() {
  clearTimeout(waiting);
  cells = Array(COLUMNS * ROWS).fill(0);
  turn = 1;
  over = false;
  byId("again").hidden = true;
  board.style.setProperty("--columns", String(COLUMNS));
  board.replaceChildren(...Array.from({ length: COLUMNS }, (_, x) => column(x)));
  tell();
}

function column(x) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "column";
  made.append(...Array.from({ length: ROWS }, () => document.createElement("span")));
  made.addEventListener("click", () => (OPTIONS.friend || turn === 1) && put(x));
  name(made, x);
  return made;
}

function name(made, x) {
  const held = Array.from({ length: ROWS }, (_, y) => NAMES[cells[(ROWS - 1 - y) * COLUMNS + x]]).filter(Boolean);
  made.setAttribute("aria-label", `${TEXTS.column} ${number.format(x + 1)}${held.length ? ": " : ""}${held.join(", ")}`);
}

/** The lowest free cell of a column, or -1. */
function lowest(x) {
  for (let y = ROWS - 1; y >= 0; y--) if (!cells[y * COLUMNS + x]) return y * COLUMNS + x;
  return -1;
}

const disc = (at) => board.children[at % COLUMNS].children[Math.floor(at / COLUMNS)];
const four = () => LINES.find((line) => cells[line[0]] && line.every((at) => cells[at] === cells[line[0]]));

function put(x) {
  const at = lowest(x);
  if (over || at < 0) return;
  cells[at] = turn;
  disc(at).className = `${turn === 1 ? "first" : "second"} fresh`;
  name(board.children[x], x);
  turn = 3 - turn;
  const line = four();
  if (line || cells.every(Boolean)) return end(line);
  tell();
  if (turn === 2 && !OPTIONS.friend) waiting = setTimeout(() => put(choose()), 450);
}

/** The middle first: it belongs to the most lines. */
const order = () => [3, 2, 4, 1, 5, 0, 6].filter((x) => lowest(x) >= 0);

function choose() {
  const worth = order().map((x) => [x, tried(x, 2, DEPTH, -1e6, 1e6) + Math.random()]);
  return worth.reduce((one, other) => (other[1] > one[1] ? other : one))[0];
}

function tried(x, mark, depth, low, high) {
  const at = lowest(x);
  cells[at] = mark;
  const worth = four() ? 10000 + depth : depth ? -value(3 - mark, depth - 1, -high, -low) : standing(mark);
  cells[at] = 0;
  return worth;
}

function value(mark, depth, low, high) {
  let most = -1e6;
  for (const x of order()) {
    most = Math.max(most, tried(x, mark, depth, Math.max(low, most), high));
    if (most >= high) break;
  }
  return most === -1e6 ? 0 : most;
}

function standing(mark) {
  let sum = 0;
  for (const line of LINES) {
    const own = line.filter((at) => cells[at] === mark).length;
    const other = line.filter((at) => cells[at] === 3 - mark).length;
    if (!other) sum += own * own;
    if (!own) sum -= other * other;
  }
  return sum;
}

function end(line) {
  over = true;
  const winner = line ? cells[line[0]] : 0;
  for (const at of line || []) disc(at).classList.add("line");
  wins[winner]++;
  tell();
  const result = winner === 1 ? TEXTS.won : TEXTS.lost;
  byId("told").textContent = !winner ? TEXTS.draw : OPTIONS.friend ? `${NAMES[winner]}: ${TEXTS.won}` : result;
  byId("again").hidden = false;
  byId("again").focus({ preventScroll: true });
}

function tell() {
  byId("you").textContent = number.format(wins[1]);
  byId("computer").textContent = number.format(wins[2]);
  byId("told").textContent = OPTIONS.friend ? NAMES[turn] : turn === 1 ? TEXTS.your_turn : "…";
}

for (const [at, id] of ["you", "computer"].entries()) byId(id).previousElementSibling.textContent = NAMES[at + 1];

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
