const board = byId("board");
const pen = board.getContext("2d");
const theme = getComputedStyle(document.documentElement);
const color = (name) => theme.getPropertyValue(`--${name}`).trim();
let state = "ready";
let score = 0;
let ended = 0;
let last = 0;

/** The board in its own measure, twice as fine as it is said. */
function lay(width, height) {
  board.width = width * 2;
  board.height = height * 2;
  board.style.aspectRatio = `${width} / ${height}`;
  pen.setTransform(2, 0, 0, 2, 0, 0);
}

function offer(text, label) {
  byId("said").textContent = text;
  byId("again").textContent = label;
  byId("ending").hidden = false;
}

function begin() {
  reset();
  state = "playing";
  byId("ending").hidden = true;
  byId("told").textContent = "";
  board.focus({ preventScroll: true });
}

function end(text) {
  state = "over";
  ended = performance.now();
  offer(text, TEXTS.again);
  byId("told").textContent = TEXTS.score ? `${text} ${TEXTS.score} ${number.format(score)}` : text;
}

/** A key or a tap begins, but not the one that has just lost. */
function mayBegin() {
  return state === "ready" || (state === "over" && performance.now() - ended > 600);
}

function gain(points) {
  score += points;
  if (score > best) {
    best = score;
    keep();
  }
  tally();
}

function tally() {
  byId("score").textContent = number.format(score);
  if (byId("best")) byId("best").textContent = number.format(best);
}

function round(x, y, width, height, radius, fill) {
  pen.fillStyle = fill;
  pen.beginPath();
  pen.roundRect(x, y, width, height, radius);
  pen.fill();
}

function disc(x, y, radius, fill) {
  pen.fillStyle = fill;
  pen.beginPath();
  pen.arc(x, y, radius, 0, Math.PI * 2);
  pen.fill();
}

function frame(now) {
  const passed = Math.min(0.05, (now - last) / 1000);
  last = now;
  if (state === "playing") advance(passed);
  draw();
  requestAnimationFrame(frame);
}

function onButton(event) {
  return event.target.closest("button") || event.altKey || event.ctrlKey || event.metaKey;
}

function run() {
  byId("new").addEventListener("click", begin);
  byId("again").addEventListener("click", begin);
  reset();
  offer("", TEXTS.start);
  requestAnimationFrame(frame);
}
