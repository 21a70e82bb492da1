const HOLES = OPTIONS.size * OPTIONS.size;
const STAYS = { slow: 1300, normal: 950, fast: 650 }[OPTIONS.speed];
const MOLE = '<svg viewBox="0 0 60 60" aria-hidden="true"><path class="fur" d="M8 62V32a22 22 0 0 1 44 0v30Z"/><ellipse class="face" cx="30" cy="40" rx="13" ry="10"/><circle cx="22" cy="27" r="2.6"/><circle cx="38" cy="27" r="2.6"/><ellipse class="nose" cx="30" cy="35" rx="4.5" ry="3.2"/></svg>';
const board = byId("board");
let score = 0, until = 0, up = -1, shown = 0, hides = 0, playing = false;

function build() {
  board.style.setProperty("--size", String(OPTIONS.size));
  board.replaceChildren(...[...Array(HOLES).keys()].map((at) => {
    const made = document.createElement("button");
    made.type = "button";
    made.setAttribute("aria-label", `${TEXTS.hole} ${number.format(at + 1)}`);
    made.innerHTML = MOLE;
    made.addEventListener("pointerdown", () => hit(at));
    made.addEventListener("keydown", (event) => (event.key === "Enter" || event.key === " ") && hit(at));
    return made;
  }));
}

function start() {
  clearTimeout(shown);
  clearTimeout(hides);
  score = 0;
  playing = true;
  until = Date.now() + OPTIONS.seconds * 1000;
  byId("ending").hidden = true;
  lower();
  tally();
  shown = setTimeout(raise, 500);
}

/** They come faster toward the end. */
function raise() {
  if (!playing) return;
  let next = Math.floor(Math.random() * HOLES);
  if (next === up) next = (next + 1) % HOLES;
  lower();
  up = next;
  board.children[up].className = "up";
  const left = Math.max(0, until - Date.now()) / (OPTIONS.seconds * 1000);
  const stays = STAYS * (0.55 + 0.45 * left);
  hides = setTimeout(lower, stays);
  shown = setTimeout(raise, stays + 150 + Math.random() * 250);
}

function lower() {
  if (up >= 0) board.children[up].classList.remove("up");
  up = -1;
}

function hit(at) {
  if (!playing || at !== up) return;
  score++;
  const made = board.children[at];
  lower();
  made.classList.add("hit");
  setTimeout(() => made.classList.remove("hit"), 250);
  clearTimeout(shown);
  shown = setTimeout(raise, 180);
  tally();
}

function end() {
  playing = false;
  lower();
  if (score > best) {
    best = score;
    keep();
  }
  tally();
  offer(`${TEXTS.over}: ${number.format(score)}`, TEXTS.again);
  byId("told").textContent = `${TEXTS.over}. ${TEXTS.score} ${number.format(score)}`;
}

function offer(text, label) {
  byId("said").textContent = text;
  byId("again").textContent = label;
  byId("ending").hidden = false;
}

function tally() {
  const left = playing ? Math.max(0, Math.ceil((until - Date.now()) / 1000)) : OPTIONS.seconds;
  byId("score").textContent = number.format(score);
  byId("left").textContent = number.format(left);
  byId("best").textContent = number.format(best);
  if (playing && !left) end();
}

document.addEventListener("keydown", (event) => {
  const at = Number(event.key) - 1;
  if (at >= 0 && at < HOLES && event.key !== " ") hit(at);
});
byId("new").addEventListener("click", start);
byId("again").addEventListener("click", start);
setInterval(tally, 200);
build();
tally();
offer("", TEXTS.start);
