const HARMONIES = { free: [], analogous: [0, 24, -24, 48, -48], complementary: [0, 180, 12, 192, -12], triadic: [0, 120, 240], tones: [0] };
const LOCK = '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3"/></svg>';
let colors = Array.from({ length: OPTIONS.count }, () => ({ hex: "", locked: false }));

/** Hues by the harmony, from a random one; lightness runs over the palette so that its colours can be told apart. */
function mix() {
  const ways = HARMONIES[byId("harmony").value];
  const base = Math.random() * 360, turn = Math.random() > 0.5;
  for (const [at, color] of colors.entries()) {
    if (color.locked) continue;
    const share = colors.length > 1 ? at / (colors.length - 1) : 0.5;
    const hue = ways.length ? base + ways[at % ways.length] : Math.random() * 360;
    const light = 24 + 60 * (turn ? share : 1 - share) + (Math.random() - 0.5) * 10;
    color.hex = toHex(hue, 38 + Math.random() * 45, light);
  }
  show();
}

function toHex(hue, rich, light) {
  const span = (rich / 100) * Math.min(light, 100 - light) / 100;
  const part = (n) => {
    const k = (n + (((hue % 360) + 360) % 360) / 30) % 12;
    return Math.round(255 * (light / 100 - span * Math.max(-1, Math.min(k - 3, 9 - k, 1)))).toString(16).padStart(2, "0");
  };
  return `#${part(0)}${part(8)}${part(4)}`.toUpperCase();
}

/** WCAG's contrast with white and with black: the larger wins. */
function readsWhite(hex) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
  const shine = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return 1.05 / (shine + 0.05) > (shine + 0.05) / 0.05;
}

function show() {
  byId("colors").replaceChildren(...colors.map(swatch));
}

function swatch(color, at) {
  const made = document.createElement("div"), white = readsWhite(color.hex);
  made.className = "color";
  made.style.background = color.hex;
  made.style.color = white ? "#fff" : "#000";
  const code = button(color.hex, `${TEXTS.copy} ${color.hex}`, () => copy(code, color.hex));
  const lock = button("", `${color.locked ? TEXTS.unlock : TEXTS.lock} ${color.hex}`, () => {
    color.locked = !color.locked;
    show();
    byId("colors").children[at].querySelector(".lock").focus();
  });
  lock.className = "lock";
  lock.innerHTML = LOCK;
  lock.setAttribute("aria-pressed", String(color.locked));
  const said = document.createElement("small");
  said.textContent = white ? TEXTS.white : TEXTS.black;
  made.append(lock, code, said);
  return made;
}

function button(text, label, action) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.title = label;
  made.setAttribute("aria-label", label);
  made.addEventListener("click", action);
  return made;
}

async function copy(code, hex) {
  try {
    await navigator.clipboard.writeText(hex);
  } catch {
    const field = document.createElement("textarea"); // where the page may not use the clipboard by itself
    field.value = hex;
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }
  code.textContent = TEXTS.copied;
  byId("told").textContent = `${TEXTS.copied}: ${hex}`;
  setTimeout(() => (code.textContent = hex), 900);
}

byId("harmony").replaceChildren(...Object.keys(HARMONIES).map((name) => new Option(TEXTS[name], name, false, name === OPTIONS.harmony)));
byId("harmony").addEventListener("change", mix);
byId("new").addEventListener("click", mix);
document.addEventListener("keydown", (event) => {
  if (event.key !== " " || event.target.closest("button, select")) return;
  event.preventDefault();
  mix();
});
mix();
