const pad = byId("pad"), pen = pad.getContext("2d");
const COLORS = ["#1c1b22", "#e03131", "#f08c00", "#2f9e44", "#1971c2", "#9c36b5"];
let color = COLORS[0];
let strokes = kept(); // each {color, size, points}; null stands for a wiped page
let current = null;

function kept() {
  try {
    const read = JSON.parse(localStorage.getItem("drawing")) ?? [];
    return read.filter((stroke) => stroke === null || Array.isArray(stroke.points));
  } catch {
    return [];
  }
}

function keep() {
  byId("undo").disabled = !strokes.length;
  byId("clear").disabled = !strokes.length || strokes[strokes.length - 1] === null;
  try {
    localStorage.setItem("drawing", JSON.stringify(strokes));
  } catch {
    return; // storage may be forbidden or full: the drawing lasts as long as the page
  }
}

function trace({ color: ink, size, points }) {
  pen.strokeStyle = pen.fillStyle = ink;
  pen.lineWidth = size;
  pen.lineCap = pen.lineJoin = "round";
  pen.beginPath();
  pen.moveTo(points[0], points[1]);
  if (points.length === 2) pen.lineTo(points[0] + 0.01, points[1]);
  for (let at = 2; at < points.length; at += 2) pen.lineTo(points[at], points[at + 1]);
  pen.stroke();
}

function draw() {
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, pad.width, pad.height);
  for (const stroke of strokes.slice(strokes.lastIndexOf(null) + 1)) trace(stroke);
  keep();
}

function point(event) {
  const box = pad.getBoundingClientRect();
  current.points.push(Math.round(((event.clientX - box.left) * pad.width) / box.width), Math.round(((event.clientY - box.top) * pad.height) / box.height));
  trace(current);
}

function choose(next) {
  color = next;
  byId("eraser").setAttribute("aria-pressed", String(next === "#ffffff"));
  for (const button of byId("colors").querySelectorAll("button")) button.setAttribute("aria-pressed", String(button.dataset.color === next));
}

function undo() {
  strokes.pop();
  draw();
}

COLORS.forEach((value, at) => {
  const button = document.createElement("button");
  button.type = "button";
  button.dataset.color = value;
  button.style.setProperty("--color", value);
  button.setAttribute("aria-label", `${TEXTS.color} ${at + 1}`);
  button.addEventListener("click", () => choose(value));
  byId("own").before(button);
});
pad.addEventListener("pointerdown", (event) => {
  if (event.button) return;
  pad.setPointerCapture(event.pointerId);
  current = { color, size: Number(byId("size").value), points: [] };
  point(event);
});
pad.addEventListener("pointermove", (event) => current && point(event));
for (const name of ["pointerup", "pointercancel"]) {
  pad.addEventListener(name, () => {
    if (current) strokes.push(current);
    current = null;
    keep();
  });
}
byId("own").addEventListener("input", (event) => choose(event.target.value));
byId("eraser").addEventListener("click", () => choose(color === "#ffffff" ? COLORS[0] : "#ffffff"));
byId("undo").addEventListener("click", undo);
byId("clear").addEventListener("click", () => {
  strokes.push(null);
  draw();
});
byId("save").addEventListener("click", () => {
  const link = document.createElement("a");
  link.href = pad.toDataURL("image/png");
  link.download = "drawing.png";
  link.click();
});
window.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z") return;
  event.preventDefault();
  undo();
});
choose(color);
draw();
