const number = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 4 });
const signed = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 2, signDisplay: "exceptZero" });
const START = { share: ["15", "200"], ratio: ["30", "120"], change: ["80", "100"] };
const WAYS = {
  share: (percent, of) => number.format((percent * of) / 100),
  ratio: (part, whole) => (whole ? `${number.format((part / whole) * 100)} %` : TEXTS.zero),
  change: (before, after) => (before ? `${signed.format(((after - before) / Math.abs(before)) * 100)} %` : TEXTS.zero),
};

function read(input) {
  const text = input.value.trim().replace(",", ".");
  const value = text === "" ? null : Number(text);
  const fine = value !== null && Number.isFinite(value) && Math.abs(value) < 1e15;
  input.setAttribute("aria-invalid", String(!fine && text !== ""));
  return fine ? value : null;
}

function show(box) {
  const [first, second] = [...box.querySelectorAll("input")].map(read);
  const known = first !== null && second !== null;
  box.querySelector("output").textContent = known ? WAYS[box.dataset.kind](first, second) : "–";
}

for (const box of document.querySelectorAll("fieldset")) {
  box.querySelectorAll("input").forEach((input, at) => (input.value = START[box.dataset.kind][at]));
  box.addEventListener("input", () => show(box));
  show(box);
}
