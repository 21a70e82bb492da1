// Labelled controls of a form. Each tells `set` its new value.
import { h } from "./dom.js";

export const section = (title, ...parts) =>
  h("section", { class: "design-part" }, h("h3", { dir: "auto" }, title), parts);

export function text(label, value, set, max) {
  return h(
    "label",
    { class: "labelled" },
    label,
    h("input", {
      class: "input",
      value: value ?? "",
      dir: "auto",
      maxlength: max,
      oninput: (event) => set(event.target.value),
    }),
  );
}

export function select(label, options, value, set) {
  return h(
    "label",
    { class: "labelled" },
    label,
    h(
      "select",
      {
        class: "input",
        onchange: (event) => set(event.target.value),
      },
      options.map(([name, words]) => h("option", { value: name, selected: name === value }, words)),
    ),
  );
}

// Empty means: chosen to suit.
export function colour(label, value, set) {
  const well = h("input", {
    type: "color",
    class: value ? "well" : "well unset",
    "aria-label": `${label}: choose a colour`,
    value: value ?? "#888888",
  });
  const hex = h("input", {
    class: "input",
    dir: "ltr",
    value: value ?? "",
    placeholder: "Chosen to suit",
    "aria-label": `${label} as hex`,
    maxlength: 7,
    spellcheck: "false",
  });
  well.addEventListener("input", () => {
    hex.value = well.value;
    well.classList.remove("unset");
    set(well.value);
  });
  hex.addEventListener("input", () => {
    if (/^#[0-9a-f]{6}$/i.test(hex.value)) well.value = hex.value.toLowerCase();
    well.classList.toggle("unset", !hex.value.trim());
    set(hex.value.trim().toLowerCase() || null);
  });
  return h(
    "div",
    { class: "labelled", role: "group", "aria-label": label },
    h("span", {}, label),
    h("div", { class: "colour" }, well, hex),
  );
}
