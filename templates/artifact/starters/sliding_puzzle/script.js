const SIZE = OPTIONS.size, FIELDS = SIZE * SIZE;
const board = byId("board");
const WAYS = { ArrowUp: SIZE, ArrowDown: -SIZE, ArrowLeft: 1, ArrowRight: -1, w: SIZE, s: -SIZE, a: 1, d: -1 };
let tiles, moves, begun, ended;

/** Mixed by moves that are allowed, so that it can always be put in order. */
function start() {
  tiles = [...Array(FIELDS).keys()].map((at) => (at + 1) % FIELDS);
  let before = -1;
  for (let turn = 0; turn < FIELDS * 24; turn++) {
    const ways = beside(gap()).filter((at) => at !== before);
    before = gap();
    swap(ways[Math.floor(Math.random() * ways.length)]);
  }
  moves = 0;
  begun = ended = 0;
  byId("ending").hidden = true;
  show();
}

const gap = () => tiles.indexOf(0);

function beside(at) {
  const found = [at - SIZE, at + SIZE];
  if (at % SIZE) found.push(at - 1);
  if (at % SIZE < SIZE - 1) found.push(at + 1);
  return found.filter((other) => other >= 0 && other < FIELDS);
}

function swap(at) {
  tiles[gap()] = tiles[at];
  tiles[at] = 0;
}

function move(at) {
  if (ended || !beside(gap()).includes(at)) return;
  begun = begun || Date.now();
  swap(at);
  moves++;
  if (tiles.every((tile, place) => tile === (place + 1) % FIELDS)) finish();
  show();
}

function finish() {
  ended = Date.now();
  if (!best || moves < best) {
    best = moves;
    keep();
  }
  byId("said").textContent = TEXTS.solved;
  byId("told").textContent = `${TEXTS.solved} ${TEXTS.moves} ${number.format(moves)}`;
  byId("ending").hidden = false;
  byId("again").focus({ preventScroll: true });
}

function show() {
  for (const tile of tiles) {
    const at = tiles.indexOf(tile), made = board.children[tile];
    made.style.translate = `${(at % SIZE) * 100}% ${Math.floor(at / SIZE) * 100}%`;
    made.classList.toggle("right", tile === (at + 1) % FIELDS);
    made.tabIndex = tile && beside(gap()).includes(at) ? 0 : -1;
  }
  byId("moves").textContent = number.format(moves);
  byId("best").textContent = best ? number.format(best) : "–";
  tick();
}

function tick() {
  const seconds = begun ? Math.floor(((ended || Date.now()) - begun) / 1000) : 0;
  byId("time").textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function build() {
  board.style.setProperty("--size", String(SIZE));
  board.replaceChildren(...[...Array(FIELDS).keys()].map((tile) => {
    const made = document.createElement(tile ? "button" : "i");
    if (!tile) return made;
    made.type = "button";
    made.setAttribute("aria-label", `${TEXTS.tile} ${number.format(tile)}`);
    made.append(document.createElement("span"));
    made.firstChild.textContent = number.format(tile);
    made.addEventListener("click", () => move(tiles.indexOf(tile)));
    return made;
  }));
}

document.addEventListener("keydown", (event) => {
  if (!(event.key in WAYS) || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  move(gap() + WAYS[event.key]);
});
byId("new").addEventListener("click", start);
byId("again").addEventListener("click", start);
setInterval(tick, 500);
build();
start();
