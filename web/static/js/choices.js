// The choices of a field as chips with their colours: renamed where they stand, moved, taken away, added by Enter.
import { BACK, FORTH, h, icon } from "./dom.js";
import { COLORS, freshName, removeChoice } from "./spec-edit.js";
import { say } from "./words.js";

export function choiceRows(field, form, place) {
  const name = h("input", {
    class: "input",
    dir: "auto",
    maxlength: 60,
    placeholder: say("choice.add"),
    "aria-label": say("choice.add_to", { field: field.label }),
    "data-key": `${place}.choice.new`,
    onkeydown: (event) => {
      if ((event.key !== "Enter" && event.key !== ",") || event.isComposing) return;
      event.preventDefault();
      if (add()) form.redraw(`${place}.choice.new`);
    },
  });
  const add = () => {
    const labels = name.value.split(/[,;\n]/).map((label) => label.trim());
    const known = new Set(field.choices.map((c) => c.label.toLowerCase()));
    const fresh = labels.filter((label) => label && !known.has(label.toLowerCase()));
    for (const label of fresh) {
      const value = freshName(label, new Set(field.choices.map((c) => c.value)), "choice");
      field.choices.push({ value, label, color: COLORS[field.choices.length % COLORS.length] });
    }
    name.value = "";
    return fresh.length > 0;
  };
  form.pending.push(add);
  return h("ul", { class: "choice-list", "aria-label": say("choice.of", { field: field.label }) }, field.choices.map((c) => chip(c, field, form, place)), h("li", { class: "new" }, name));
}

function chip(choice, field, form, place) {
  const key = `${place}.choice.${choice.value}`;
  const at = field.choices.indexOf(choice);
  const well = h("input", {
    type: "color",
    class: "dot-well",
    value: choice.color ?? "#64748b",
    "aria-label": say("choice.colour", { name: choice.label }),
    oninput: (event) => ((choice.color = event.target.value), form.touched()),
  });
  const label = h("input", {
    class: "input",
    dir: "auto",
    value: choice.label,
    size: Math.min(Math.max(choice.label.length, 4), 24),
    maxlength: 60,
    "aria-label": say("choice.one_of", { name: choice.label, field: field.label }),
    "data-key": key,
    oninput: (event) => {
      choice.label = event.target.value;
      event.target.size = Math.min(Math.max(choice.label.length, 4), 24);
      form.touched();
    },
    onkeydown: (event) => {
      const by = event.altKey && { [BACK]: -1, ArrowUp: -1, [FORTH]: 1, ArrowDown: 1 }[event.key];
      if (!by || !field.choices[at + by]) return;
      event.preventDefault();
      field.choices.splice(at, 1);
      field.choices.splice(at + by, 0, choice);
      form.redraw(key);
    },
  });
  const gone = () => {
    removeChoice(form.draft, field, choice);
    form.redraw(`${place}.choice.new`);
  };
  return h(
    "li",
    {},
    well,
    label,
    h(
      "button",
      { class: "icon-button", type: "button", "aria-label": say("remove_named", { name: choice.label }), title: say("remove"), disabled: field.choices.length < 2, onclick: gone },
      icon("x"),
    ),
  );
}
