const SVG = "http://www.w3.org/2000/svg";
const PACE = { slow: 1.8, normal: 1, fast: 0.55 }[OPTIONS.speed];
const TONES = ["#ffffff", "#ffffff", "#fff3d6", "#dbe6ff"];
let moving = !matchMedia("(prefers-reduced-motion: reduce)").matches;
let next = 0;

function draw(name, parent, values) {
  const shape = parent.appendChild(document.createElementNS(SVG, name));
  for (const [key, value] of Object.entries(values)) shape.setAttribute(key, String(value));
  return shape;
}

/** Small stars many, large ones few, and fewer toward the hills. */
function build() {
  for (let at = 0; at < OPTIONS.stars; at++) {
    const size = 0.12 + Math.random() ** 4 * 0.75;
    const star = draw("circle", byId("stars"), {
      cx: (Math.random() * 160).toFixed(2), cy: (Math.random() ** 1.35 * 76).toFixed(2), r: size.toFixed(2), fill: TONES[at % TONES.length],
    });
    star.style.animationDuration = `${((2 + Math.random() * 5) * PACE).toFixed(2)}s`;
    star.style.animationDelay = `${(-Math.random() * 7).toFixed(2)}s`;
  }
  byId("moon").toggleAttribute("hidden", OPTIONS.moonless);
}

function fall() {
  const [x, y] = [20 + Math.random() * 120, 4 + Math.random() * 26], way = Math.random() > 0.5 ? 1 : -1;
  const trail = draw("line", byId("falling"), { x1: x, y1: y, x2: x + 16 * way, y2: y + 7, pathLength: 1 });
  trail.addEventListener("animationend", () => trail.remove());
}

function run(on) {
  moving = on;
  document.querySelector(".scene").classList.toggle("still", !on);
  byId("go").textContent = on ? TEXTS.pause : TEXTS.play;
  clearInterval(next);
  if (on) next = setInterval(fall, 5200 * PACE);
}

byId("go").addEventListener("click", () => run(!moving));
byId("wish").addEventListener("click", () => {
  if (!moving) run(true);
  fall();
});
build();
run(moving);
