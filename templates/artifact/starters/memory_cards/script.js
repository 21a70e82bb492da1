const PICTURES = "★ ♥ ♣ ♠ ♦ ☀ ☂ ☎ ✈ ☕ ♞ ♫ ✿ ❄ ⚓ ⚖ ☾ ⌂".split(" ");
const CARDS = Math.round(OPTIONS.pairs) * 2;
const COLUMNS = CARDS <= 12 ? 3 : CARDS <= 20 ? 4 : CARDS <= 30 ? 5 : 6;
const board = byId("board");
let cards, open, moves, waiting;

function offer(text) {
  byId("said").textContent = text;
  byId("told").textContent = text;
  byId("ending").hidden = false;
  byId("again").focus({ preventScroll: true });
}

function mixed(list) {
  const made = [...list];
  for (let at = made.length - 1; at > 0; at--) {
    const other = Math.floor(Math.random() * (at + 1));
    [made[at], made[other]] = [made[other], made[at]];
  }
  return made;
}

function start() {
  clearTimeout(waiting);
  waiting = 0;
  const pictures = mixed(PICTURES).slice(0, CARDS / 2);
  cards = mixed([...pictures, ...pictures]);
  open = [];
  moves = 0;
  byId("ending").hidden = true;
  byId("told").textContent = "";
  board.style.setProperty("--columns", String(COLUMNS));
  board.replaceChildren(...cards.map(card));
  tally();
}

function card(picture, at) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "card";
  made.addEventListener("click", () => turn(at));
  close(made, at);
  return made;
}

function close(made, at) {
  made.classList.remove("open");
  made.textContent = "";
  made.setAttribute("aria-label", `${TEXTS.card} ${number.format(at + 1)}`);
}

function turn(at) {
  if (waiting) back();
  const made = board.children[at];
  if (made.classList.contains("open")) return;
  made.classList.add("open");
  made.appendChild(document.createElement("span")).textContent = cards[at];
  made.setAttribute("aria-label", `${TEXTS.card} ${number.format(at + 1)}: ${cards[at]}`);
  open.push(at);
  if (open.length === 2) compare();
}

function compare() {
  moves++;
  tally();
  if (cards[open[0]] !== cards[open[1]]) {
    waiting = setTimeout(back, 1000);
    return;
  }
  for (const at of open) board.children[at].classList.add("found");
  open = [];
  byId("told").textContent = TEXTS.pair;
  if (board.querySelectorAll(".found").length < CARDS) return;
  if (!best || moves < best) {
    best = moves;
    keep();
  }
  tally();
  offer(TEXTS.found);
}

function back() {
  clearTimeout(waiting);
  waiting = 0;
  for (const at of open) close(board.children[at], at);
  open = [];
}

function tally() {
  byId("moves").textContent = number.format(moves);
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
