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
