// Elements from values. Data only ever becomes text or an attribute, never markup.

const SVG = "http://www.w3.org/2000/svg";

export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (key === "class") node.className = value;
    else if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key === "dataset") Object.assign(node.dataset, value);
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false));
  return node;
}

export function icon(name, classes = "") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", `icon ${classes}`.trim());
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `/static/icons/lucide.svg#${name}`);
  svg.append(use);
  return svg;
}

// Which way a line goes on: where the page is read from the right, to the left.
export const fromRight = document.documentElement.dir === "rtl";
export const [BACK, FORTH] = fromRight ? ["ArrowRight", "ArrowLeft"] : ["ArrowLeft", "ArrowRight"];

export const $ = (id) => document.getElementById(id);

export function panelState(glyph, title, text, actions = [], bad = false) {
  return h(
    "div",
    { class: bad ? "panel-state bad" : "panel-state" },
    icon(glyph),
    h("h3", {}, title),
    [text]
      .flat()
      .filter(Boolean)
      .map((line) => h("p", { dir: "auto" }, line)),
    actions.length ? h("div", { class: "actions" }, actions) : null,
  );
}

export function toast(text, bad = false) {
  const node = h("p", { class: bad ? "toast bad" : "toast", dir: "auto" }, text);
  $("toasts").append(node);
  setTimeout(() => node.remove(), bad ? 9000 : 4000);
}

export function store(key, value) {
  try {
    if (value === undefined) return localStorage.getItem(`protodex.${key}`);
    localStorage.setItem(`protodex.${key}`, value);
  } catch {
    /* storage may be switched off: nothing is remembered then */
  }
  return null;
}
