const SVG = "http://www.w3.org/2000/svg";
const TONES = ["#e5484d", "#f0a029", "#2f9e56", "#2e7fd6", "#8e4ec6", "#0f9a9a", "#d6409f", "#7c6f2b"];
const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
let angle = 0, spinning = false;

const names = () => byId("names").value.split("\n").map((name) => name.trim()).filter(Boolean).slice(0, 60);

function draw() {
  const all = names(), part = 360 / Math.max(1, all.length);
  byId("turn").replaceChildren(...all.flatMap((name, at) => slice(name, at, part, all.length)));
  byId("spin").disabled = all.length < 2;
  byId("won").textContent = all.length < 2 ? TEXTS.few : "";
}

function slice(name, at, part, count) {
  const [from, to] = [at * part, (at + 1) * part].map((turn) => (turn - 90) * (Math.PI / 180));
  const point = (turn) => `${(96 * Math.cos(turn)).toFixed(2)} ${(96 * Math.sin(turn)).toFixed(2)}`;
  const field = document.createElementNS(SVG, count === 1 ? "circle" : "path");
  if (count === 1) field.setAttribute("r", "96");
  else field.setAttribute("d", `M0 0L${point(from)}A96 96 0 ${part > 180 ? 1 : 0} 1 ${point(to)}Z`);
  const last = at === count - 1 && count % TONES.length === 1 ? 3 : 0; // never beside its own colour
  field.setAttribute("fill", TONES[(at + last) % TONES.length]);
  const text = document.createElementNS(SVG, "text");
  text.textContent = name.length > 16 ? `${name.slice(0, 15)}…` : name;
  text.setAttribute("transform", `rotate(${(at + 0.5) * part - 90}) translate(90 0)`);
  text.setAttribute("font-size", String(Math.max(3.5, Math.min(10, 170 / Math.max(8, count), 110 / Math.max(6, name.length)))));
  return [field, text];
}

/** Who wins is drawn first; then the wheel turns until that name stands at the hand. */
function spin() {
  const all = names();
  if (spinning || all.length < 2) return;
  const winner = Math.floor(Math.random() * all.length), part = 360 / all.length;
  const goal = 360 - (winner + 0.15 + Math.random() * 0.7) * part;
  angle += 360 * 5 + ((goal - (angle % 360)) + 360) % 360;
  spinning = true;
  byId("spin").disabled = true;
  byId("won").textContent = "";
  byId("turn").style.transition = still ? "none" : "transform 4.2s cubic-bezier(0.12, 0.7, 0.1, 1)";
  byId("turn").style.transform = `rotate(${angle}deg)`;
  setTimeout(() => finish(all[winner]), still ? 50 : 4300);
}

function finish(name) {
  spinning = false;
  byId("spin").disabled = false;
  if (byId("remove").checked) {
    const all = names();
    all.splice(all.indexOf(name), 1);
    byId("names").value = all.join("\n");
    byId("turn").style.transition = "none";
    draw();
    keep();
  }
  byId("won").textContent = `${TEXTS.won}: ${name}`;
}

function keep() {
  try {
    localStorage.setItem(NAME, byId("names").value);
  } catch {
    return; // storage may be forbidden: the names last as long as the page
  }
}

function kept() {
  try {
    return localStorage.getItem(NAME);
  } catch {
    return null;
  }
}

byId("names").value = kept() ?? (OPTIONS.names.length ? OPTIONS.names : TEXTS.sample.split(" ")).join("\n");
byId("remove").checked = OPTIONS.remove;
byId("names").addEventListener("input", () => {
  draw();
  keep();
});
byId("spin").addEventListener("click", spin);
byId("wheel").addEventListener("click", spin);
draw();
