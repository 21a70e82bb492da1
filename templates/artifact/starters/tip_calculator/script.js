const bill = byId("bill"), tip = byId("tip"), people = byId("people");
const money = new Intl.NumberFormat(LOCALE, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const shown = (value) => (OPTIONS.currency ? `${OPTIONS.currency} ${money.format(value)}` : money.format(value));

function start() {
  tip.min = Math.min(OPTIONS.lowest, OPTIONS.highest - 1);
  tip.max = OPTIONS.highest;
  tip.value = Math.min(Math.max(OPTIONS.tip, tip.min), tip.max);
  people.value = OPTIONS.people;
  bill.value = "";
  byId("sign").textContent = OPTIONS.currency;
  show();
}

/** "1,234.50" and "1234,5" alike; nothing counts as zero, anything else as no number. */
function amount() {
  const text = bill.value.replace(/[\s'’]/g, "");
  const decimal = Math.max(text.lastIndexOf(","), text.lastIndexOf("."));
  const plain = decimal < 0 ? text : text.slice(0, decimal).replace(/[.,]/g, "") + "." + text.slice(decimal + 1);
  return plain === "" ? 0 : Number(plain);
}

function show() {
  const value = amount();
  const valid = Number.isFinite(value) && value >= 0;
  byId("error").hidden = valid;
  bill.setAttribute("aria-invalid", String(!valid));
  const heads = Math.max(1, Math.floor(Number(people.value)) || 1);
  const extra = valid ? (value * Number(tip.value)) / 100 : 0;
  const total = valid ? value + extra : 0;
  byId("percent").textContent = `${tip.value} %`;
  byId("tip-amount").textContent = shown(extra);
  byId("total").textContent = shown(total);
  byId("each").textContent = shown(total / heads);
  byId("tip-each").textContent = shown(extra / heads);
}

function step(by) {
  people.value = Math.min(99, Math.max(1, (Math.floor(Number(people.value)) || 1) + by));
  show();
}

byId("fewer").addEventListener("click", () => step(-1));
byId("more").addEventListener("click", () => step(1));
byId("form").addEventListener("input", show);
byId("form").addEventListener("reset", (event) => {
  event.preventDefault();
  start();
});
start();
