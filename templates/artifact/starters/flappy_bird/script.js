const byId = (id) => document.getElementById(id);
const number = new Intl.NumberFormat(LOCALE, { useGrouping: false });
const KEPT = "flappy-best";
let best = kept();

function kept() {
  try {
    return Number(localStorage.getItem(KEPT)) || 0;
  } catch {
    return 0; // storage may be forbidden: the game goes on without a record
  }
}

function keep() {
  try {
    localStorage.setItem(KEPT, String(best));
  } catch {
    return;
  }
}
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
  byId("told").textContent = `${text} ${TEXTS.score} ${number.format(score)}`;
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

const [WIDTH, HEIGHT, GROUND] = [480, 600, 44];
const [BIRD, RADIUS, PIPE] = [130, 17, 68];
const [PACE, GAP] = { slow: [120, 190], normal: [160, 165], fast: [215, 150] }[OPTIONS.speed];
let height, fall, pipes, gone;

function reset() {
  height = HEIGHT * 0.42;
  fall = -330;
  pipes = [];
  gone = 0;
  score = 0;
  tally();
}

function flap() {
  if (state === "playing") fall = -390;
  else if (mayBegin()) begin();
}

function advance(passed) {
  fall += 1250 * passed;
  height += fall * passed;
  gone += PACE * passed;
  for (const pipe of pipes) pipe.x -= PACE * passed;
  pipes = pipes.filter((pipe) => pipe.x > -PIPE);
  if (!pipes.length || pipes.at(-1).x < WIDTH - 235) {
    const room = HEIGHT - GROUND - GAP - 120;
    pipes.push({ x: WIDTH + (pipes.length ? 0 : 60), top: 60 + Math.random() * room, passed: false });
  }
  for (const pipe of pipes) {
    if (!pipe.passed && pipe.x + PIPE < BIRD) {
      pipe.passed = true;
      gain(1);
    }
  }
  height = Math.max(RADIUS, height);
  if (height > HEIGHT - GROUND - RADIUS || pipes.some(struck)) end(TEXTS.over);
}

function struck({ x, top }) {
  const across = Math.max(x, Math.min(BIRD, x + PIPE)) - BIRD;
  const up = height - Math.min(height, top);
  const down = Math.max(height, top + GAP) - height;
  return [up, down].some((away) => Math.hypot(across, away) < RADIUS - 2);
}

function draw() {
  const sky = pen.createLinearGradient(0, 0, 0, HEIGHT);
  sky.addColorStop(0, color("accent-soft"));
  sky.addColorStop(1, color("surface"));
  round(0, 0, WIDTH, HEIGHT, 0, sky);
  for (let hill = 0; hill < 5; hill++) {
    const x = ((hill * 160 - gone * 0.25) % 800 + 800) % 800 - 130;
    disc(x, HEIGHT - GROUND + 40, 105, color("raised"));
  }
  for (const { x, top } of pipes) {
    round(x, -20, PIPE, top + 20, 10, color("accent"));
    round(x - 5, top - 26, PIPE + 10, 26, 8, color("accent-hover"));
    round(x, top + GAP, PIPE, HEIGHT, 10, color("accent"));
    round(x - 5, top + GAP, PIPE + 10, 26, 8, color("accent-hover"));
  }
  round(0, HEIGHT - GROUND, WIDTH, GROUND, 0, color("edge"));
  for (let x = -(gone % 32); x < WIDTH; x += 32) round(x, HEIGHT - GROUND, 16, 8, 0, color("border"));
  pen.save();
  pen.translate(BIRD, height);
  pen.rotate(state === "ready" ? 0 : Math.max(-0.4, Math.min(1.2, fall / 600)));
  disc(0, 0, RADIUS, color("star"));
  disc(6, -5, 5.5, "#fff");
  disc(8, -5, 2.5, "#111");
  round(12, 0, 13, 8, 4, color("danger"));
  pen.fillStyle = "rgb(255 255 255 / 0.55)";
  pen.beginPath();
  pen.ellipse(-7, fall < 0 ? 5 : 0, 9, 6, 0.3, 0, Math.PI * 2);
  pen.fill();
  pen.restore();
}

window.addEventListener("keydown", (event) => {
  if (onButton(event) || ![" ", "ArrowUp", "w"].includes(event.key)) return;
  event.preventDefault();
  if (!event.repeat) flap();
});
board.addEventListener("pointerdown", (event) => {
  event.preventDefault();
  flap();
});
lay(WIDTH, HEIGHT);
run();
