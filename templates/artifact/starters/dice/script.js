const number = new Intl.NumberFormat(LOCALE);
const PIPS = { 1: [4], 2: [0, 8], 3: [0, 4, 8], 4: [0, 2, 6, 8], 5: [0, 2, 4, 6, 8], 6: [0, 2, 3, 5, 6, 8] };
const SIDES = [...new Set([4, 6, 8, 10, 12, 20, 100, OPTIONS.sides])].sort((one, other) => one - other);
const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
let count = OPTIONS.count, sides = OPTIONS.sides, values = [], past = [], rolling = 0;

/** Each side as likely as any other: numbers that would favour the low ones are drawn again. */
function thrown() {
  const limit = 2 ** 32 - (2 ** 32 % sides), drawn = new Uint32Array(1);
  do crypto.getRandomValues(drawn); while (drawn[0] >= limit);
  return 1 + (drawn[0] % sides);
}

function roll() {
  clearInterval(rolling);
  const result = Array.from({ length: count }, thrown);
  if (still) return settle(result);
  let turns = 0;
  byId("dice").classList.add("rolling");
  rolling = setInterval(() => {
    values = result.map(() => 1 + Math.floor(Math.random() * sides));
    show();
    if (++turns > 8) settle(result);
  }, 60);
}

function settle(result) {
  clearInterval(rolling);
  byId("dice").classList.remove("rolling");
  values = result;
  const sum = result.reduce((one, other) => one + other, 0);
  past = [{ sum, result }, ...past].slice(0, 8);
  byId("sum").textContent = `${TEXTS.sum} ${number.format(sum)}`;
  byId("past").hidden = past.length < 2;
  byId("before").replaceChildren(...past.slice(1).map((one) => {
    const made = document.createElement("li");
    made.textContent = number.format(one.sum);
    made.title = one.result.join(" + ");
    return made;
  }));
  show();
}

function show() {
  byId("dice").replaceChildren(...values.map(die));
  byId("dice").setAttribute("aria-label", values.map((value) => number.format(value)).join(", "));
  byId("count").textContent = number.format(count);
  byId("fewer").disabled = count <= 1;
  byId("more").disabled = count >= 10;
}

function die(value) {
  const made = document.createElement("div");
  made.className = sides === 6 ? "die" : "die plain";
  if (sides !== 6) made.textContent = number.format(value);
  else {
    for (let at = 0; at < 9; at++) {
      const pip = made.appendChild(document.createElement("i"));
      if (PIPS[value].includes(at)) pip.className = "on";
    }
  }
  return made;
}

function change(by) {
  count = Math.max(1, Math.min(10, count + by));
  roll();
}

byId("sides").replaceChildren(...SIDES.map((side) => new Option(number.format(side), String(side), false, side === sides)));
byId("sides").addEventListener("change", () => {
  sides = Number(byId("sides").value);
  past = [];
  roll();
});
byId("fewer").addEventListener("click", () => change(-1));
byId("more").addEventListener("click", () => change(1));
byId("roll").addEventListener("click", roll);
document.addEventListener("keydown", (event) => {
  if (event.key !== " " || event.target.closest("button, select")) return;
  event.preventDefault();
  roll();
});
settle(Array.from({ length: count }, thrown));
