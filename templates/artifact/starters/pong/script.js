const [WIDTH, HEIGHT, RADIUS, PADDLE] = [480, 540, 9, 88];
const PACE = { slow: 240, normal: 330, fast: 440 }[OPTIONS.speed];
const SKILL = { slow: 130, normal: 190, fast: 270 }[OPTIONS.speed];
let ball, mine, theirs, points, held, rest;

function reset() {
  points = [0, 0];
  mine = theirs = WIDTH / 2;
  held = 0;
  serve(1);
  count();
}

function serve(way) {
  const aside = (Math.random() - 0.5) * 1.2;
  ball = { x: WIDTH / 2, y: HEIGHT / 2, left: Math.sin(aside) * PACE, down: Math.cos(aside) * PACE * way, pace: PACE };
  rest = 0.6;
}

const within = (x) => Math.max(PADDLE / 2, Math.min(WIDTH - PADDLE / 2, x));

function advance(passed) {
  mine = within(mine + held * 480 * passed);
  const goal = ball.down < 0 ? ball.x : WIDTH / 2;
  theirs = within(theirs + Math.max(-SKILL * passed, Math.min(SKILL * passed, goal - theirs)));
  rest -= passed;
  if (rest > 0) return;
  ball.x += ball.left * passed;
  ball.y += ball.down * passed;
  if (ball.x < RADIUS) ball.left = Math.abs(ball.left);
  if (ball.x > WIDTH - RADIUS) ball.left = -Math.abs(ball.left);
  if (ball.down > 0 && ball.y > HEIGHT - 34 && ball.y < HEIGHT - 8) strike(mine, -1);
  if (ball.down < 0 && ball.y < 34 && ball.y > 8) strike(theirs, 1);
  if (ball.y < -20) point(0);
  else if (ball.y > HEIGHT + 20) point(1);
}

/** The farther from the middle, the flatter it leaves; every return is a little faster. */
function strike(paddle, way) {
  const away = (ball.x - paddle) / (PADDLE / 2);
  if (Math.abs(away) > 1.2) return;
  ball.pace = Math.min(ball.pace * 1.04, PACE * 2);
  ball.left = Math.sin(away * 0.9) * ball.pace;
  ball.down = Math.cos(away * 0.9) * ball.pace * way;
}

function point(side) {
  points[side]++;
  count();
  if (points[side] >= OPTIONS.goal) {
    end(side ? TEXTS.lost : TEXTS.won);
    byId("told").textContent = `${byId("said").textContent} ${number.format(points[0])} : ${number.format(points[1])}`;
  } else serve(side ? -1 : 1);
}

function count() {
  byId("you").textContent = number.format(points[0]);
  byId("computer").textContent = number.format(points[1]);
}

function draw() {
  pen.clearRect(0, 0, WIDTH, HEIGHT);
  for (let x = 6; x < WIDTH; x += 26) round(x, HEIGHT / 2 - 2, 14, 4, 2, color("border"));
  round(theirs - PADDLE / 2, 14, PADDLE, 12, 6, color("muted"));
  round(mine - PADDLE / 2, HEIGHT - 26, PADDLE, 12, 6, color("accent"));
  disc(ball.x, ball.y, RADIUS, color("star"));
}

window.addEventListener("keydown", (event) => {
  const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!way && (onButton(event) || event.key !== " ")) return;
  event.preventDefault();
  if (!event.repeat && mayBegin()) begin();
  if (way) held = way;
});
window.addEventListener("keyup", (event) => event.key.startsWith("Arrow") && (held = 0));
for (const name of ["pointermove", "pointerdown"]) {
  window.addEventListener(name, (event) => {
    const box = board.getBoundingClientRect();
    if (state === "playing") mine = within(((event.clientX - box.left) / box.width) * WIDTH);
  });
}
lay(WIDTH, HEIGHT);
run();
