const SVG = "http://www.w3.org/2000/svg";
const number = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 1 });
// Colour, days of a year there, million km from the sun, size and orbit as drawn (neither is to scale).
const PLANETS = {
  mercury: ["#b8aba0", 88, 57.9, 1.6, 14], venus: ["#e8c37a", 224.7, 108.2, 2.5, 22], earth: ["#4f9df0", 365.2, 149.6, 2.7, 31], mars: ["#e0643c", 687, 227.9, 2, 40],
  jupiter: ["#d9a877", 4331, 778.6, 6.2, 53], saturn: ["#ead6a0", 10747, 1433.5, 5.2, 69], uranus: ["#93dfe2", 30589, 2872.5, 3.8, 82], neptune: ["#5677f5", 59800, 4495.1, 3.7, 93],
};
let moving = !matchMedia("(prefers-reduced-motion: reduce)").matches;
let days = 23000; // when the planets stand well apart
let before = 0;
const places = new Map();

function draw(name, parent, values) {
  const shape = parent.appendChild(document.createElementNS(SVG, name));
  for (const [key, value] of Object.entries(values)) shape.setAttribute(key, String(value));
  return shape;
}

function build() {
  const sky = byId("sky");
  for (let at = 0; at < 90; at++) {
    const [x, y] = [(at * 73.3) % 200, (at * at * 17.7) % 200];
    draw("circle", sky, { cx: x - 100, cy: y - 100, r: 0.2 + (at % 4) * 0.1, fill: "#fff", opacity: 0.3 + (at % 5) * 0.12 });
  }
  for (const [, , , , orbit] of Object.values(PLANETS)) draw("circle", sky, { class: "orbit", r: orbit });
  draw("circle", sky, { r: 13, fill: "url(#glow)" });
  for (const [name, [color, , , size]] of Object.entries(PLANETS)) {
    const group = draw("g", sky, { class: "planet", role: "button", tabindex: 0, "aria-label": TEXTS[name], "aria-pressed": false });
    draw("circle", group, { class: "near", r: Math.max(6, size + 1.5) });
    draw("circle", group, { r: size, fill: color });
    if (name === "saturn") draw("ellipse", group, { rx: size * 1.7, ry: size * 0.5, fill: "none", stroke: "#cdb98a", "stroke-width": 0.9, transform: "rotate(-18)" });
    group.addEventListener("click", () => tell(name));
    group.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      tell(name);
    });
    places.set(name, group);
  }
}

function tell(name) {
  const [, year, far] = PLANETS[name];
  byId("told").textContent = `${TEXTS[name]}: ${TEXTS.far} ${number.format(far)} ${TEXTS.million}; ${TEXTS.year} ${number.format(year)} ${TEXTS.days}.`;
  for (const [other, group] of places) group.setAttribute("aria-pressed", String(other === name));
}

function place() {
  for (const [name, [, year, , , orbit]] of Object.entries(PLANETS)) {
    const angle = (-2 * Math.PI * days) / year;
    places.get(name).setAttribute("transform", `translate(${(orbit * Math.cos(angle)).toFixed(2)} ${(orbit * Math.sin(angle)).toFixed(2)})`);
  }
}

function frame(now) {
  if (!moving) return;
  days += (Math.min(100, now - before) / 1000) * Number(byId("speed").value);
  before = now;
  place();
  requestAnimationFrame(frame);
}

function run(on) {
  moving = on;
  byId("go").textContent = on ? TEXTS.pause : TEXTS.play;
  before = performance.now();
  if (on) requestAnimationFrame(frame);
}

build();
place();
byId("go").addEventListener("click", () => run(!moving));
run(moving);
