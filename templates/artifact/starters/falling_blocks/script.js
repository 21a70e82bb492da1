const [COLUMNS, ROWS, CELL] = [10, 18, 30];
const PACE = { slow: 0.9, normal: 0.65, fast: 0.35 }[OPTIONS.speed];
const SHAPES = ["....IIII........", "J..JJJ...", "..LLLL...", "OOOO", ".SSSS....", ".T.TTT...", "ZZ..ZZ..."];
let grid, piece, next, rows, waited;

function reset() {
  grid = Array.from({ length: ROWS }, () => Array(COLUMNS).fill(0));
  rows = score = waited = 0;
  next = fresh();
  bring();
  count();
}

function fresh() {
  const kind = Math.floor(Math.random() * SHAPES.length);
  const size = Math.sqrt(SHAPES[kind].length);
  const cells = Array.from({ length: size }, (_, y) =>
    Array.from({ length: size }, (_, x) => (SHAPES[kind][y * size + x] === "." ? 0 : kind + 1)),
  );
  return { cells, x: Math.floor((COLUMNS - size) / 2), y: size === 4 ? -1 : 0 };
}

function bring() {
  piece = next;
  next = fresh();
  if (!fits(piece)) end(TEXTS.over);
}

function each({ cells, x, y }, visit) {
  cells.forEach((line, down) => line.forEach((kind, across) => kind && visit(x + across, y + down, kind)));
}

function fits(candidate) {
  let free = true;
  each(candidate, (x, y) => {
    if (x < 0 || x >= COLUMNS || y >= ROWS || (y >= 0 && grid[y][x])) free = false;
  });
  return free;
}

function shift(x, y) {
  const moved = { ...piece, x: piece.x + x, y: piece.y + y };
  if (state !== "playing" || !fits(moved)) return false;
  piece = moved;
  return true;
}

/** A quarter turn; beside a wall it moves away from it. */
function turn() {
  const size = piece.cells.length;
  const cells = piece.cells.map((line, y) => line.map((_, x) => piece.cells[size - 1 - x][y]));
  for (const aside of [0, 1, -1, 2, -2]) {
    const turned = { ...piece, cells, x: piece.x + aside };
    if (fits(turned)) {
      piece = turned;
      return;
    }
  }
}

function drop() {
  while (shift(0, 1));
  settle();
}

function settle() {
  each(piece, (x, y, kind) => y >= 0 && (grid[y][x] = kind));
  const kept = grid.filter((line) => line.some((cell) => !cell));
  const full = ROWS - kept.length;
  grid = [...Array.from({ length: full }, () => Array(COLUMNS).fill(0)), ...kept];
  rows += full;
  waited = 0;
  gain([0, 100, 300, 500, 800][full]);
  count();
  bring();
}

function count() {
  byId("rows").textContent = number.format(rows);
  tally();
}

function advance(passed) {
  waited += passed;
  if (waited < Math.max(0.08, PACE * 0.9 ** Math.floor(rows / 10))) return;
  waited = 0;
  if (!shift(0, 1)) settle();
}

function cell(x, y, kind, ghost) {
  const fill = color(["accent", "star", "success-text", "danger", "accent-hover", "muted", "accent-text"][kind - 1]);
  pen.globalAlpha = ghost ? 0.2 : 1;
  round(x * CELL + 1, y * CELL + 1, CELL - 2, CELL - 2, 6, fill);
  pen.globalAlpha = ghost ? 0.1 : 0.25;
  round(x * CELL + 4, y * CELL + 4, CELL - 8, 5, 3, "#fff");
  pen.globalAlpha = 1;
}

function draw() {
  pen.clearRect(0, 0, COLUMNS * CELL, ROWS * CELL);
  for (let x = 0; x < COLUMNS; x += 2) round(x * CELL, 0, CELL, ROWS * CELL, 0, color("raised"));
  grid.forEach((line, y) => line.forEach((kind, x) => kind && cell(x, y, kind)));
  let ghost = piece;
  while (fits({ ...ghost, y: ghost.y + 1 })) ghost = { ...ghost, y: ghost.y + 1 };
  each(ghost, (x, y, kind) => cell(x, y, kind, true));
  each(piece, (x, y, kind) => cell(x, y, kind));
}

window.addEventListener("keydown", (event) => {
  if (onButton(event) && !event.key.startsWith("Arrow")) return;
  const acts = {
    ArrowLeft: () => shift(-1, 0), ArrowRight: () => shift(1, 0), ArrowDown: () => shift(0, 1),
    ArrowUp: turn, " ": drop,
  };
  const act = acts[event.key];
  if (!act) return;
  event.preventDefault();
  if (state === "playing") {
    if (!event.repeat || event.key !== " ") act();
  } else if (mayBegin() && !event.repeat) begin();
});
let touched = null;
board.addEventListener("pointerdown", (event) => {
  touched = { x: event.clientX, y: event.clientY, at: event.timeStamp, moved: false };
});
window.addEventListener("pointermove", (event) => {
  if (!touched || state !== "playing") return;
  const wide = board.clientWidth / COLUMNS;
  const [x, y] = [event.clientX - touched.x, event.clientY - touched.y];
  if (Math.abs(x) < wide && y < wide) return;
  if (Math.abs(x) >= wide) shift(Math.sign(x), 0);
  else shift(0, 1);
  touched = { ...touched, x: event.clientX, y: event.clientY, moved: true };
});
window.addEventListener("pointerup", () => {
  if (touched && !touched.moved && state === "playing") turn();
  touched = null;
});
window.addEventListener("pointercancel", () => (touched = null));
lay(COLUMNS * CELL, ROWS * CELL);
run();
