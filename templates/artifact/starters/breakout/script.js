const [WIDTH, HEIGHT, RADIUS] = [480, 540, 8];
const [PADDLE, DEEP, COLUMNS] = [92, HEIGHT - 30, 8];
const BRICK = (WIDTH - 16) / COLUMNS;
const ROWS = OPTIONS.rows;
const PACE = { slow: 250, normal: 340, fast: 450 }[OPTIONS.speed];
let bricks, ball, paddle, lives, held;

function reset() {
  bricks = Array.from({ length: ROWS * COLUMNS }, (_, at) => ({
    x: 8 + (at % COLUMNS) * BRICK, y: 30 + Math.floor(at / COLUMNS) * 25, row: Math.floor(at / COLUMNS),
  }));
  score = 0;
  lives = 3;
  paddle = WIDTH / 2;
  held = 0;
  serve();
  tally();
  byId("lives").textContent = number.format(lives);
}

function serve() {
  const aside = (Math.random() - 0.5) * 0.8;
  ball = { x: paddle, y: DEEP - 40, left: Math.sin(aside) * PACE, down: -Math.cos(aside) * PACE };
}

function advance(passed) {
  paddle = Math.max(PADDLE / 2, Math.min(WIDTH - PADDLE / 2, paddle + held * 480 * passed));
  for (let part = 0; part < 4 && state === "playing"; part++) fly(passed / 4);
}

function fly(passed) {
  ball.x += ball.left * passed;
  ball.y += ball.down * passed;
  if (ball.x < RADIUS) ball.left = Math.abs(ball.left);
  if (ball.x > WIDTH - RADIUS) ball.left = -Math.abs(ball.left);
  if (ball.y < RADIUS) ball.down = Math.abs(ball.down);
  const away = ball.x - paddle;
  if (ball.down > 0 && ball.y > DEEP - RADIUS && ball.y < DEEP + 12 && Math.abs(away) < PADDLE / 2 + RADIUS) {
    const aside = (away / (PADDLE / 2)) * 1.05;
    ball.left = Math.sin(aside) * PACE;
    ball.down = -Math.max(0.3, Math.cos(aside)) * PACE;
  }
  if (ball.y > HEIGHT + 20) return miss();
  const hit = bricks.find((one) => {
    const [x, y] = [Math.max(one.x, Math.min(ball.x, one.x + BRICK)), Math.max(one.y, Math.min(ball.y, one.y + 22))];
    return Math.hypot(ball.x - x, ball.y - y) < RADIUS;
  });
  if (hit) strike(hit);
}

function strike(hit) {
  bricks = bricks.filter((one) => one !== hit);
  const beside = ball.x < hit.x || ball.x > hit.x + BRICK;
  if (beside) ball.left = Math.abs(ball.left) * (ball.x < hit.x ? -1 : 1);
  else ball.down = Math.abs(ball.down) * (ball.y < hit.y + 11 ? -1 : 1);
  gain((ROWS - hit.row) * 10);
  if (!bricks.length) end(TEXTS.won);
}

function miss() {
  lives--;
  byId("lives").textContent = number.format(lives);
  if (lives) serve();
  else end(TEXTS.over);
}

function draw() {
  pen.clearRect(0, 0, WIDTH, HEIGHT);
  for (const { x, y, row } of bricks) {
    pen.globalAlpha = 1 - (row / ROWS) * 0.65;
    round(x + 2, y, BRICK - 4, 22, 6, color("accent"));
  }
  pen.globalAlpha = 1;
  round(paddle - PADDLE / 2, DEEP, PADDLE, 12, 6, color("accent"));
  disc(ball.x, ball.y, RADIUS, color("star"));
}

window.addEventListener("keydown", (event) => {
  const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!way && (onButton(event) || event.key !== " ")) return;
  event.preventDefault();
  if (way) held = way;
  if (!event.repeat && mayBegin()) {
    begin();
    held = way || 0;
  }
});
window.addEventListener("keyup", (event) => event.key.startsWith("Arrow") && (held = 0));
for (const name of ["pointermove", "pointerdown"]) {
  window.addEventListener(name, (event) => {
    const box = board.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * WIDTH;
    if (state === "playing") paddle = Math.max(PADDLE / 2, Math.min(WIDTH - PADDLE / 2, x));
  });
}
lay(WIDTH, HEIGHT);
run();
