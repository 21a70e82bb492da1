const COLUMNS = 3;
const LINES = [[0, 1, 2], [3, 4, 5], [6, 7, 8], [0, 3, 6], [1, 4, 7], [2, 5, 8], [0, 4, 8], [2, 4, 6]];
const MARKS = ["", "✕", "◯"];
const board = byId("board");
const wins = [0, 0, 0];
let cells, turn, over, waiting;

function start() {
  clearTimeout(waiting);
  cells = Array(9).fill(0);
  turn = 1;
  over = false;
  byId("again").hidden = true;
  board.style.setProperty("--columns", "3");
  board.replaceChildren(...cells.map((_, at) => field(at)));
  tell();
}

function field(at) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "field";
  made.setAttribute("aria-label", `${number.format(at + 1)}: ${TEXTS.empty}`);
  made.addEventListener("click", () => (OPTIONS.friend || turn === 1) && put(at));
  return made;
}

function put(at) {
  if (over || cells[at]) return;
  cells[at] = turn;
  const made = board.children[at];
  made.textContent = MARKS[turn];
  made.classList.add(turn === 1 ? "first" : "second");
  made.setAttribute("aria-label", `${number.format(at + 1)}: ${MARKS[turn]}`);
  turn = 3 - turn;
  const line = row(cells);
  if (line || cells.every(Boolean)) return end(line);
  tell();
  if (turn === 2 && !OPTIONS.friend) waiting = setTimeout(() => put(choose()), 350);
}

const row = (state) => LINES.find(([a, b, c]) => state[a] && state[a] === state[b] && state[a] === state[c]);

function choose() {
  const free = [...cells.keys()].filter((at) => !cells[at]);
  const slip = { easy: 0.7, normal: 0.2, hard: 0 }[OPTIONS.level];
  if (Math.random() < slip) return free[Math.floor(Math.random() * free.length)];
  const worth = free.map((at) => -value(placed(cells, at, 2), 1));
  return free[worth.indexOf(Math.max(...worth))];
}

const placed = (state, at, mark) => state.map((old, place) => (place === at ? mark : old));

/** What a position is worth to the one who moves: sooner wins count more. */
function value(state, mark) {
  const free = [...state.keys()].filter((at) => !state[at]);
  if (row(state)) return -1 - free.length;
  if (!free.length) return 0;
  return Math.max(...free.map((at) => -value(placed(state, at, mark), 3 - mark)));
}

function end(line) {
  over = true;
  const winner = line ? cells[line[0]] : 0;
  for (const at of line || []) board.children[at].classList.add("line");
  wins[winner]++;
  tell();
  const result = winner === 1 ? TEXTS.won : TEXTS.lost;
  byId("told").textContent = !winner ? TEXTS.draw : OPTIONS.friend ? `${MARKS[winner]} ${TEXTS.wins}` : result;
  byId("again").hidden = false;
  byId("again").focus({ preventScroll: true });
}

function tell() {
  byId("you").textContent = number.format(wins[1]);
  byId("computer").textContent = number.format(wins[2]);
  byId("told").textContent = OPTIONS.friend ? MARKS[turn] : turn === 1 ? TEXTS.your_turn : "…";
}

if (OPTIONS.friend) for (const [at, id] of ["you", "computer"].entries()) byId(id).previousElementSibling.textContent = MARKS[at + 1];
if (OPTIONS.friend) document.querySelector(".row p").textContent = `${MARKS[1]} – ${MARKS[2]}`;

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
