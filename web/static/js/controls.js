// Labelled controls of a form. Each tells `set` its new value.
import { h } from "./dom.js";
import { say } from "./words.js";

export const section = (title, ...parts) =>
  h("section", { class: "design-part" }, h("h3", { dir: "auto" }, title), parts);

export function text(label, value, set, max, more = {}) {
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
      ...more,
    }),
  );
}

export function select(label, options, value, set) {
  return h("label", { class: "labelled" }, label, choice(options, value, set));
}

// Options as [value, words]; one that is chosen and not among them is shown all the same.
export function choice(options, value, set, more = {}) {
  const known = value === undefined || value === "" || options.some(([name]) => name === value);
  return h(
    "select",
    { class: "input", onchange: (event) => set(event.target.value), ...more },
    (known ? options : [...options, [value, String(value)]]).map(([name, words]) =>
      h("option", { value: name, selected: name === value }, words),
    ),
  );
}

export function number(label, value, set, more = {}) {
  return h(
    "label",
    { class: "labelled" },
    label,
    h("input", {
      class: "input num",
      type: "number",
      step: "any",
      inputmode: "decimal",
      value: value ?? "",
      oninput: (event) => set(event.target.value === "" ? null : Number(event.target.value)),
      ...more,
    }),
  );
}

export function check(label, checked, set, more = {}) {
  return h(
    "label",
    { class: "checkbox" },
    h("input", { type: "checkbox", checked, onchange: (event) => set(event.target.checked), ...more }),
    label,
  );
}

// Empty means: chosen to suit.
export function colour(label, value, set) {
  const well = h("input", {
    type: "color",
    class: value ? "well" : "well unset",
    "aria-label": say("colour.choose", { label }),
    value: value ?? "#888888",
  });
  const problem = h("p", { class: "field-error", hidden: true }, say("colour.six"));
  const hex = h("input", {
    class: "input",
    dir: "ltr",
    value: value ?? "",
    placeholder: say("colour.suits"),
    "aria-label": say("colour.hex", { label }),
    maxlength: 7,
    spellcheck: "false",
  });
  well.addEventListener("input", () => {
    hex.value = well.value;
    well.classList.remove("unset");
    told(true);
    set(well.value);
  });
  hex.addEventListener("input", () => {
    const given = hex.value.trim().toLowerCase();
    const whole = /^#[0-9a-f]{6}$/.test(given);
    if (whole) well.value = given;
    well.classList.toggle("unset", !given);
    told(whole || !given);
    if (whole || !given) set(given || null);
  });
  const told = (right) => {
    problem.hidden = right;
    hex.setAttribute("aria-invalid", String(!right));
  };
  return h(
    "div",
    { class: "labelled", role: "group", "aria-label": label },
    h("span", {}, label),
    h("div", { class: "colour" }, well, hex),
    problem,
  );
}
