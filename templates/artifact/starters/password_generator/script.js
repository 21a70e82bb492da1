const SETS = { lower: "abcdefghijklmnopqrstuvwxyz", upper: "ABCDEFGHIJKLMNOPQRSTUVWXYZ", digits: "0123456789", symbols: "!#$%&*+-.:;=?@^_~" };
const boxes = Object.keys(SETS).map(byId);

/** A number below `limit`, each as likely: what would favour the low ones is drawn again. */
function below(limit) {
  const most = Math.floor(2 ** 32 / limit) * limit;
  const drawn = new Uint32Array(1);
  do crypto.getRandomValues(drawn);
  while (drawn[0] >= most);
  return drawn[0] % limit;
}

const pick = (signs) => signs[below(signs.length)];

/** At least one sign of each chosen kind, in no order. */
function made(length, sets) {
  const signs = sets.map(pick);
  while (signs.length < length) signs.push(pick(sets.join("")));
  for (let at = signs.length - 1; at > 0; at--) {
    const other = below(at + 1);
    [signs[at], signs[other]] = [signs[other], signs[at]];
  }
  return signs.join("");
}

function show() {
  const chosen = boxes.filter((box) => box.checked);
  for (const box of boxes) box.disabled = chosen.length === 1 && box.checked; // one kind always stays
  const sets = chosen.map((box) => SETS[box.id]);
  const length = Number(byId("length").value);
  const bits = length * Math.log2(sets.join("").length);
  byId("made").textContent = made(length, sets);
  byId("count").textContent = String(length);
  byId("strength").value = Math.min(128, bits);
  byId("rank").textContent = TEXTS[bits < 50 ? "weak" : bits < 80 ? "good" : "strong"];
  byId("told").textContent = TEXTS.note;
}

byId("length").value = OPTIONS.length;
byId("symbols").checked = OPTIONS.symbols;
for (const input of [byId("length"), ...boxes]) input.addEventListener("input", show);
byId("again").addEventListener("click", show);
byId("copy").addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(byId("made").textContent);
    byId("told").textContent = TEXTS.copied;
  } catch {
    getSelection().selectAllChildren(byId("made"));
    byId("told").textContent = TEXTS.selected;
  }
});
show();
