const SIZE = OPTIONS.size;
const GOAL = OPTIONS.goal;
const board = byId("board");
let cells = [];
let score = 0;
let over = false;
let won = false;

function start() {
  cells = Array(SIZE * SIZE).fill(0);
  score = 0;
  over = won = false;
  byId("ending").hidden = true;
  show([spawn(), spawn()], []);
  board.focus({ preventScroll: true });
}

/** A 2, now and then a 4, in a free place; its index. */
function spawn() {
  const free = cells.flatMap((value, at) => (value ? [] : [at]));
  const at = free[Math.floor(Math.random() * free.length)];
  if (at !== undefined) cells[at] = Math.random() < 0.9 ? 2 : 4;
  return at;
}

/** The indices of each line, the first being the side that tiles move to. */
function lines(direction) {
  return Array.from({ length: SIZE }, (_, line) =>
    Array.from({ length: SIZE }, (_, step) => {
      const at = direction === "ArrowRight" || direction === "ArrowDown" ? SIZE - 1 - step : step;
      return direction === "ArrowLeft" || direction === "ArrowRight" ? line * SIZE + at : at * SIZE + line;
    }),
  );
}

/** Tiles close up and equal neighbours join, each once in a move. */
function closed(values) {
  const tiles = values.filter(Boolean);
  const made = [];
  const joins = [];
  for (let at = 0; at < tiles.length; at++) {
    if (tiles[at] === tiles[at + 1]) {
      joins.push(made.length);
      made.push(tiles[at++] * 2);
    } else made.push(tiles[at]);
  }
  return { made: [...made, ...Array(SIZE - made.length).fill(0)], joins };
}

function move(direction) {
  if (over) return;
  const before = cells.join();
  const joined = [];
  let gained = 0;
  for (const line of lines(direction)) {
    const { made, joins } = closed(line.map((at) => cells[at]));
    line.forEach((at, place) => (cells[at] = made[place]));
    for (const place of joins) {
      joined.push(line[place]);
      gained += made[place];
    }
  }
  if (cells.join() === before) return;
  score += gained;
  if (score > best) {
    best = score;
    keep();
  }
  show([spawn()], joined);
  byId("told").textContent = `${TEXTS.score} ${number.format(score)}`;
  if (!won && cells.some((value) => value >= GOAL)) end(TEXTS.won, true);
  else if (!movesLeft()) end(TEXTS.over, false);
}

function movesLeft() {
  return cells.some((value, at) => {
    const right = (at + 1) % SIZE ? cells[at + 1] : undefined;
    return !value || value === right || value === cells[at + SIZE];
  });
}

function end(text, victory) {
  over = true;
  won = won || victory;
  byId("said").textContent = text;
  byId("on").hidden = !victory;
  byId("ending").hidden = false;
  (victory ? byId("on") : byId("again")).focus({ preventScroll: true });
}

function show(born, joined) {
  const deepest = Math.log2(GOAL);
  for (const [at, value] of cells.entries()) {
    const cell = board.querySelectorAll("[role=gridcell]")[at];
    const share = value ? Math.min(100, 12 + (Math.log2(value) / deepest) * 88) : 0;
    cell.textContent = value ? number.format(value) : "";
    cell.setAttribute("aria-label", value ? number.format(value) : TEXTS.empty);
    cell.style.setProperty("--share", String(share));
    cell.className = "";
    if (value >= 8) cell.classList.add("full");
    void cell.offsetWidth; // so that an animation starts anew
    if (born.includes(at)) cell.classList.add("born");
    if (joined.includes(at)) cell.classList.add("joined");
  }
  byId("score").textContent = number.format(score);
  byId("best").textContent = number.format(best);
}

function build() {
  board.style.setProperty("--size", String(SIZE));
  for (let row = 0; row < SIZE; row++) {
    const line = board.appendChild(document.createElement("div"));
    line.setAttribute("role", "row");
    for (let column = 0; column < SIZE; column++) {
      line.appendChild(document.createElement("div")).setAttribute("role", "gridcell");
    }
  }
}

let touched = null;
board.addEventListener("pointerdown", (event) => (touched = [event.clientX, event.clientY]));
window.addEventListener("pointerup", (event) => {
  if (!touched) return;
  const [x, y] = [event.clientX - touched[0], event.clientY - touched[1]];
  touched = null;
  if (Math.max(Math.abs(x), Math.abs(y)) < 24) return;
  if (Math.abs(x) > Math.abs(y)) move(x > 0 ? "ArrowRight" : "ArrowLeft");
  else move(y > 0 ? "ArrowDown" : "ArrowUp");
});
window.addEventListener("keydown", (event) => {
  if (!event.key.startsWith("Arrow") || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  move(event.key);
});
byId("new").addEventListener("click", start);
byId("again").addEventListener("click", start);
byId("on").addEventListener("click", () => {
  over = false;
  byId("ending").hidden = true;
  board.focus({ preventScroll: true });
});
build();
start();
