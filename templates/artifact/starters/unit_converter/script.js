// How many of the first unit of its row one of each is.
const UNITS = {
  length: { m: 1, km: 1000, cm: 0.01, mm: 0.001, mi: 1609.344, yd: 0.9144, ft: 0.3048, in: 0.0254, nmi: 1852 },
  weight: { kg: 1, g: 0.001, mg: 0.000001, t: 1000, lb: 0.45359237, oz: 0.028349523125, st: 6.35029318 },
  temperature: { "°C": 1, "°F": 1, K: 1 },
  volume: { L: 1, mL: 0.001, "m³": 1000, "gal (US)": 3.785411784, "qt (US)": 0.946352946, "pt (US)": 0.473176473, "cup (US)": 0.2365882365, "fl oz (US)": 0.0295735295625, "gal (UK)": 4.54609, "pt (UK)": 0.56826125 },
  speed: { "km/h": 1, "m/s": 3.6, mph: 1.609344, kn: 1.852, "ft/s": 1.09728 },
};
const FIRST = { length: ["km", "mi"], weight: ["kg", "lb"], temperature: ["°C", "°F"], volume: ["L", "gal (US)"], speed: ["km/h", "mph"] };
const format = new Intl.NumberFormat(LOCALE, { maximumSignificantDigits: 8 });
const plain = new Intl.NumberFormat("en", { maximumSignificantDigits: 8, useGrouping: false });
let last = "from"; // the field typed into; the other follows

function parse(text) {
  const short = text.trim().replace(",", ".").replace("−", "-");
  const value = short === "" ? NaN : Number(short);
  return Number.isFinite(value) && Math.abs(value) < 1e30 ? value : null;
}

function convert(value, kind, from, to) {
  if (kind !== "temperature") return (value * UNITS[kind][from]) / UNITS[kind][to];
  const celsius = from === "°F" ? ((value - 32) * 5) / 9 : from === "K" ? value - 273.15 : value;
  return to === "°F" ? (celsius * 9) / 5 + 32 : to === "K" ? celsius + 273.15 : celsius;
}

function show() {
  const other = last === "from" ? "to" : "from";
  const kind = byId("kind").value;
  const [here, there] = [byId(`${last}-unit`).value, byId(`${other}-unit`).value];
  const value = parse(byId(last).value);
  byId(last).setAttribute("aria-invalid", String(value === null && byId(last).value.trim() !== ""));
  if (value === null) {
    byId(other).value = "";
    byId("said").textContent = TEXTS.hint;
    return;
  }
  const made = convert(value, kind, here, there);
  const tidy = Math.abs(made) < 1e-12 ? 0 : Number(made.toFixed(12));
  byId(other).value = plain.format(tidy);
  byId("said").textContent = `${format.format(value)} ${here} = ${format.format(tidy)} ${there}`;
  keep();
}

function keep() {
  try {
    localStorage.setItem("converter", JSON.stringify([byId("kind").value, byId("from-unit").value, byId("to-unit").value]));
  } catch {
    return;
  }
}

function fill(pair) {
  for (const [at, id] of ["from-unit", "to-unit"].entries()) {
    byId(id).replaceChildren(...Object.keys(UNITS[byId("kind").value]).map((unit) => new Option(unit, unit)));
    byId(id).value = pair[at];
  }
  show();
}

function start() {
  byId("kind").replaceChildren(...Object.keys(UNITS).map((kind) => new Option(TEXTS[kind], kind)));
  let [kind, ...pair] = [OPTIONS.kind, ...FIRST[OPTIONS.kind]];
  try {
    const kept = JSON.parse(localStorage.getItem("converter"));
    if (kept && UNITS[kept[0]]?.[kept[1]] && UNITS[kept[0]][kept[2]]) [kind, ...pair] = kept;
  } catch {
    // what was kept can't be read: begin with the usual units
  }
  byId("kind").value = kind;
  fill(pair);
}

byId("kind").addEventListener("change", () => fill(FIRST[byId("kind").value]));
for (const id of ["from", "to"]) {
  byId(id).addEventListener("input", () => {
    last = id;
    show();
  });
  byId(`${id}-unit`).addEventListener("change", show);
}
byId("swap").addEventListener("click", () => {
  const [from, to] = [byId("from-unit").value, byId("to-unit").value];
  byId("from-unit").value = to;
  byId("to-unit").value = from;
  show();
});
start();
