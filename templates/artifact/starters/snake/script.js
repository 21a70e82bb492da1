const SIZE = OPTIONS.size;
const STEPS = { slow: 5, normal: 8, fast: 12 }[OPTIONS.speed];
const CELL = 480 / SIZE;
const WAYS = {
  ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0],
  w: [0, -1], s: [0, 1], a: [-1, 0], d: [1, 0],
};
let snake, way, turns, food, waited;

function reset() {
  const middle = Math.floor(SIZE / 2);
  snake = [2, 1, 0].map((x) => [x + Math.max(0, middle - 4), middle]);
  way = [1, 0];
  turns = [];
  waited = 0;
  score = 0;
  food = place();
  tally();
}

/** A free cell, or nothing on a full board. */
function place() {
  const free = [];
  for (let x = 0; x < SIZE; x++) {
    for (let y = 0; y < SIZE; y++) if (!snake.some((part) => part[0] === x && part[1] === y)) free.push([x, y]);
  }
  return free[Math.floor(Math.random() * free.length)];
}

function advance(passed) {
  waited += passed;
  while (waited > 1 / STEPS && state === "playing") {
    waited -= 1 / STEPS;
    step();
  }
}

function step() {
  way = turns.shift() || way;
  let [x, y] = [snake[0][0] + way[0], snake[0][1] + way[1]];
  if (OPTIONS.wrap) [x, y] = [(x + SIZE) % SIZE, (y + SIZE) % SIZE];
  const eats = x === food[0] && y === food[1];
  const body = eats ? snake : snake.slice(0, -1); // the tail moves on
  const hits = body.some((part) => part[0] === x && part[1] === y);
  if (hits || x < 0 || y < 0 || x >= SIZE || y >= SIZE) return end(TEXTS.over);
  snake = [[x, y], ...body];
  if (!eats) return;
  gain(1);
  food = place();
  if (!food) end(TEXTS.full);
}

function turn(next) {
  const before = turns.at(-1) || way;
  if (mayBegin()) begin();
  if (turns.length < 3 && next[0] !== -before[0] && next[1] !== -before[1]) turns.push(next);
}

function draw() {
  pen.clearRect(0, 0, 480, 480);
  for (let x = 0; x < SIZE; x++) {
    for (let y = x % 2; y < SIZE; y += 2) round(x * CELL, y * CELL, CELL, CELL, 0, color("raised"));
  }
  if (food) disc((food[0] + 0.5) * CELL, (food[1] + 0.5) * CELL, CELL * 0.36, color("star"));
  pen.lineJoin = pen.lineCap = "round";
  pen.lineWidth = CELL * 0.78;
  pen.strokeStyle = color("accent");
  pen.beginPath();
  snake.forEach(([x, y], at) => {
    const near = at && Math.abs(x - snake[at - 1][0]) + Math.abs(y - snake[at - 1][1]) === 1;
    pen[near ? "lineTo" : "moveTo"]((x + 0.5) * CELL, (y + 0.5) * CELL);
    if (!near) pen.lineTo((x + 0.5) * CELL, (y + 0.5) * CELL);
  });
  pen.stroke();
  const [x, y] = [(snake[0][0] + 0.5) * CELL, (snake[0][1] + 0.5) * CELL];
  for (const side of [-1, 1]) {
    const eye = [x + (way[0] * 0.12 - way[1] * side * 0.18) * CELL, y + (way[1] * 0.12 + way[0] * side * 0.18) * CELL];
    disc(...eye, CELL * 0.1, color("on-accent"));
  }
}

window.addEventListener("keydown", (event) => {
  if (onButton(event) && !event.key.startsWith("Arrow")) return;
  const next = WAYS[event.key] || WAYS[event.key.toLowerCase()];
  if (next) turn(next);
  else if (event.key === " " && mayBegin()) begin();
  else return;
  event.preventDefault();
});
let touched = null;
board.addEventListener("pointerdown", (event) => (touched = [event.clientX, event.clientY]));
window.addEventListener("pointermove", (event) => {
  if (!touched) return;
  const [x, y] = [event.clientX - touched[0], event.clientY - touched[1]];
  if (Math.max(Math.abs(x), Math.abs(y)) < 24) return;
  touched = [event.clientX, event.clientY];
  turn(Math.abs(x) > Math.abs(y) ? [Math.sign(x), 0] : [0, Math.sign(y)]);
});
for (const name of ["pointerup", "pointercancel"]) window.addEventListener(name, () => (touched = null));
lay(480, 480);
run();
