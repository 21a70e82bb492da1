// How the thing that is edited will look, drawn here at once: its list and its form in the app's colours and style. The
// app itself is made by the build; this shows what changes, not each of its details.
import { h, icon } from "./dom.js";
import { say } from "./words.js";

const STYLES = {
  clean: ["var(--sans)", 6],
  editorial: ["Georgia, 'Times New Roman', serif", 2],
  playful: ["ui-rounded, 'Nunito', var(--sans)", 14],
  "bold-dark": ["var(--sans)", 4],
  warm: ["Georgia, 'Iowan Old Style', serif", 10],
  technical: ["var(--mono)", 0],
};
const PALETTES = {
  clean: ["#ffffff", "#3556c4"],
  editorial: ["#fbfaf7", "#8a3324"],
  playful: ["#fff7ed", "#c2467f"],
  "bold-dark": ["#111318", "#f2b705"],
  warm: ["#faf5ee", "#a4572c"],
  technical: ["#f7f8f9", "#11706b"],
};
const ROWS = 3;
const COLUMNS = 4;
const HEX = /^#[0-9a-f]{6}$/i;

export function specPreview(draft, entity) {
  const screen = h("div", { class: "mock", "aria-hidden": "true", dir: draft.locale?.startsWith("ar") ? "rtl" : "ltr" });
  paint(screen, draft.theme ?? {});
  const pages = draft.pages?.length ? draft.pages : draft.entities.map((e) => ({ label: e.label_plural, entity: e.name }));
  const here = pages.find((page) => page.entity === entity.name) ?? pages[0];
  screen.append(
    h(
      "div",
      { class: "mock-top" },
      h("strong", {}, draft.name || say("design.untitled")),
      h("span", { class: "mock-nav" }, pages.slice(0, 6).map((page) => h("span", { class: page === here ? "on" : "" }, page.label))),
    ),
    h(
      "div",
      { class: "mock-page" },
      h("div", { class: "mock-title" }, h("b", {}, entity.label_plural), h("span", { class: "mock-button" }, `+ ${entity.label}`)),
      here?.view === "cards" || entity.fields.some((f) => f.type === "image") ? cards(draft, entity) : table(draft, entity),
      form(draft, entity),
    ),
  );
  return screen;
}

function paint(screen, theme) {
  const [ground, accent] = PALETTES[theme.style] ?? PALETTES.clean;
  const [font, radius] = STYLES[theme.style] ?? STYLES.clean;
  const isDark = theme.mode === "dark" && !HEX.test(theme.background ?? "");
  const back = HEX.test(theme.background ?? "") ? theme.background : isDark ? "#15171c" : ground;
  const front = HEX.test(theme.component ?? "") ? theme.component : accent;
  for (const [name, value] of Object.entries({ back, front, ink: ink(back), on: ink(front), font, radius: `${radius}px` }))
    screen.style.setProperty(`--mock-${name}`, value);
}

// Black or white, whichever is read better on the colour.
function ink(hex) {
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255).map((c) => (c <= 0.04 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.18 ? "#16181d" : "#f6f7f9";
}

const title = (entity) => entity.fields.find((f) => f.type === "string") ?? entity.fields[0];
const sample = (entity) => (entity.seed?.length ? entity.seed.slice(0, ROWS) : [{}, {}]);

function table(draft, entity) {
  const first = title(entity);
  const shown = [first, ...entity.fields.filter((f) => f !== first && !["text", "file"].includes(f.type))].slice(0, COLUMNS);
  return h(
    "table",
    { class: "mock-table" },
    h("thead", {}, h("tr", {}, shown.map((f) => h("th", {}, f.label)))),
    h("tbody", {}, sample(entity).map((row, at) => h("tr", {}, shown.map((f) => h("td", {}, value(draft, entity, f, row, at)))))),
  );
}

function cards(draft, entity) {
  const first = title(entity);
  const rest = entity.fields.filter((f) => f !== first && !["text", "image", "file"].includes(f.type)).slice(0, 2);
  return h(
    "div",
    { class: "mock-cards" },
    sample(entity).map((row, at) =>
      h("div", { class: "mock-card" }, h("span", { class: "mock-picture" }), h("b", {}, value(draft, entity, first, row, at)), rest.map((f) => h("span", {}, value(draft, entity, f, row, at)))),
    ),
  );
}

function value(draft, entity, field, row, at) {
  const held = row[field.name];
  switch (field.type) {
    case "choice": {
      const choice = field.choices?.find((c) => c.value === held) ?? field.choices?.[at % (field.choices.length || 1)];
      const dot = h("i", { class: "mock-dot" });
      if (HEX.test(choice?.color ?? "")) dot.style.backgroundColor = choice.color;
      return choice ? h("span", { class: "mock-badge" }, dot, choice.label) : "–";
    }
    case "relation":
      return relation(draft, field, held);
    case "boolean":
      return held ? "✓" : "–";
    case "rating":
      return "★".repeat(Math.min(5, Number(held) || 3));
    case "computed":
      return `= ${field.unit ?? ""}`;
    default:
      if (held === undefined || held === null) return field === title(entity) ? `${entity.label} ${at + 1}` : "–";
      return field.unit ? `${held} ${field.unit}` : String(held);
  }
}

function relation(draft, field, held) {
  const target = draft.entities.find((e) => e.name === field.target);
  const one = (place) => (typeof place === "number" ? target?.seed?.[place - 1]?.[title(target)?.name] : place);
  const names = [held].flat().filter(Boolean).map(one).filter(Boolean);
  return names.length ? names.slice(0, 2).join(", ") : (target?.label ?? "–");
}

function form(draft, entity) {
  const shown = entity.fields.filter((f) => f.type !== "computed");
  return h(
    "div",
    { class: "mock-form" },
    h("b", {}, entity.label),
    shown.map((f) => h("div", { class: "mock-field" }, h("span", {}, f.label, f.required && h("em", {}, " *"), f.unit && h("small", {}, ` ${f.unit}`)), control(draft, f))),
  );
}

function control(draft, f) {
  if (f.type === "boolean") return h("span", { class: "mock-check" });
  if (f.type === "text") return h("span", { class: "mock-input tall" });
  if (f.type === "choice") return h("span", { class: "mock-input" }, f.choices?.[0]?.label, icon("chevron-down"));
  if (f.type === "relation") return h("span", { class: "mock-input" }, draft.entities.find((e) => e.name === f.target)?.[f.many ? "label_plural" : "label"], icon("chevron-down"));
  if (f.type === "rating") return h("span", {}, "☆☆☆☆☆");
  const limits = [f.min, f.max].some(Number.isFinite) ? `${f.min ?? ""} – ${f.max ?? ""}` : "";
  return h("span", { class: "mock-input" }, limits);
}
