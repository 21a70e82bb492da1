const one = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 1 });
const INCH = 2.54, POUND = 0.45359237;
let metric = !OPTIONS.imperial;

function read(id) {
  const value = Number(byId(id).value.trim().replace(",", "."));
  return Number.isFinite(value) && value > 0 ? value : null;
}

/** Centimetres and kilograms, or nothing where these are no measures of a person. */
function measures() {
  const height = read("height") * (metric ? 1 : INCH), weight = read("weight") * (metric ? 1 : POUND);
  return height >= 50 && height <= 280 && weight >= 5 && weight <= 700 ? [height, weight] : null;
}

function show() {
  const known = measures();
  byId("height-unit").textContent = metric ? "cm" : "in";
  byId("weight-unit").textContent = metric ? "kg" : "lb";
  byId("metric").setAttribute("aria-pressed", String(metric));
  byId("imperial").setAttribute("aria-pressed", String(!metric));
  byId("mark").hidden = !known;
  keep();
  if (!known) {
    byId("bmi").textContent = byId("healthy").textContent = "–";
    byId("means").textContent = read("height") && read("weight") ? TEXTS.check : "–";
    return;
  }
  const square = (known[0] / 100) ** 2, bmi = known[1] / square;
  const weigh = (of) => one.format((of * square) / (metric ? 1 : POUND));
  byId("bmi").textContent = one.format(bmi);
  byId("means").textContent = TEXTS[bmi < 18.5 ? "under" : bmi < 25 ? "normal" : bmi < 30 ? "over" : "obese"];
  byId("healthy").textContent = `${weigh(18.5)}–${weigh(24.9)} ${metric ? "kg" : "lb"}`;
  byId("mark").style.insetInlineStart = `${Math.min(100, Math.max(0, (bmi - 15) * 4))}%`;
}

/** What was entered stays the same person's in the other units. */
function change(to) {
  if (to === metric) return;
  for (const [id, size] of [["height", INCH], ["weight", POUND]]) {
    const value = read(id);
    if (value) byId(id).value = String(Math.round(value * (to ? size : 1 / size) * 10) / 10);
  }
  metric = to;
  show();
}

function keep() {
  try {
    localStorage.setItem("bmi", JSON.stringify([metric, byId("height").value, byId("weight").value]));
  } catch {
    return;
  }
}

function start() {
  try {
    const kept = JSON.parse(localStorage.getItem("bmi"));
    if (kept?.length === 3) [metric, byId("height").value, byId("weight").value] = kept;
  } catch {
    // nothing kept, or nothing that can be read: the fields stay empty
  }
  show();
}

byId("metric").addEventListener("click", () => change(true));
byId("imperial").addEventListener("click", () => change(false));
for (const id of ["height", "weight"]) byId(id).addEventListener("input", show);
start();
