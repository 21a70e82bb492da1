const money = new Intl.NumberFormat(LOCALE, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const shown = (value) => (OPTIONS.currency ? `${OPTIONS.currency} ${money.format(value)}` : money.format(value));
const FIELDS = { amount: [0.01, 1e12], rate: [0, 100], years: [1 / 12, 60] };

/** "1,234.50" and "1234,5" alike; three digits after a lone comma are thousands. */
function read(id) {
  const text = byId(id).value.replace(/[\s'’]/g, "");
  const decimal = Math.max(text.lastIndexOf(","), text.lastIndexOf("."));
  const thousands = /^\d{1,3}([.,]\d{3})+$/.test(text) && id === "amount";
  const plain = decimal < 0 || thousands ? text.replace(/[.,]/g, "") : text.slice(0, decimal).replace(/[.,]/g, "") + "." + text.slice(decimal + 1);
  const value = plain === "" ? NaN : Number(plain);
  const fine = value >= FIELDS[id][0] - 1e-9 && value <= FIELDS[id][1];
  byId(id).setAttribute("aria-invalid", String(!fine));
  return fine ? value : null;
}

function plan(amount, rate, months) {
  const each = rate ? (amount * rate) / (1 - (1 + rate) ** -months) : amount / months;
  const years = [];
  let left = amount;
  for (let month = 0; month < months; month++) {
    if (month % 12 === 0) years.push({ repaid: 0, interest: 0, left });
    const year = years[years.length - 1], interest = left * rate;
    year.interest += interest;
    year.repaid += each - interest;
    year.left = left = Math.max(0, left - each + interest);
  }
  return { each, years };
}

function show() {
  const [amount, rate, years] = ["amount", "rate", "years"].map(read);
  const known = amount !== null && rate !== null && years !== null;
  byId("hint").hidden = known;
  if (!known) {
    for (const id of ["monthly", "interest", "total"]) byId(id).textContent = "–";
    byId("plan").replaceChildren();
    byId("principal").style.width = "0";
    return;
  }
  const months = Math.max(1, Math.round(years * 12));
  const made = plan(amount, rate / 1200, months);
  byId("monthly").textContent = shown(made.each);
  byId("interest").textContent = shown(Math.max(0, made.each * months - amount));
  byId("total").textContent = shown(made.each * months);
  byId("principal").style.width = `${(100 * amount) / (made.each * months)}%`;
  byId("plan").replaceChildren(...made.years.map((year, at) => row([at + 1, ...["repaid", "interest", "left"].map((key) => money.format(year[key]))])));
}

function row(values) {
  const line = document.createElement("tr");
  for (const value of values) line.appendChild(document.createElement("td")).textContent = value;
  return line;
}

for (const [id, value] of [["amount", OPTIONS.amount], ["rate", OPTIONS.rate], ["years", OPTIONS.years]]) {
  byId(id).value = value;
  byId(id).addEventListener("input", show);
}
show();
