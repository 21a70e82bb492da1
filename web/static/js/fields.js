// One thing of the app in the form: its name, its fields with their types, choices and what they point at.
import { section } from "./controls.js";
import { h, icon } from "./dom.js";
import { many } from "./format.js";
import { choicesFrom, freshName, removeEntity, removeField } from "./spec-edit.js";

const TYPES = [
  ["string", "Text"],
  ["text", "Long text"],
  ["integer", "Whole number"],
  ["decimal", "Number"],
  ["money", "Money"],
  ["boolean", "Yes or no"],
  ["choice", "Choice"],
  ["date", "Date"],
  ["datetime", "Date and time"],
  ["time", "Time"],
  ["rating", "Rating"],
  ["email", "Email"],
  ["url", "Link"],
  ["phone", "Phone"],
  ["color", "Colour"],
  ["image", "Picture"],
  ["file", "File"],
];
const FIXED = { computed: "Computed" };

// `form` has the draft, `touched` to say that it changed, `pending` for what to do before saving, `redraw` for more.
export function entityFields(entity, form) {
  const { pending, touched } = form;
  const list = h("ul", { class: "fields" });
  const count = h("p", { class: "hint" });
  const draw = () => {
    list.replaceChildren(...entity.fields.map((f) => fieldRow(f, entity, form, draw)));
    count.textContent = many(entity.fields.length, "field");
  };
  const name = h("input", {
    class: "input",
    dir: "auto",
    placeholder: "New field",
    maxlength: 120,
    "aria-label": `New field of ${entity.label_plural}`,
  });
  const type = h("select", { class: "input", "aria-label": "Its type" }, options(form.draft, "string"));
  const add = () => {
    const label = name.value.trim();
    if (!label) return;
    const fresh = { name: freshName(label, new Set(entity.fields.map((f) => f.name))), label, required: false };
    entity.fields.push(retyped(fresh, type.value));
    draw();
    name.value = "";
    touched();
  };
  pending.push(add);
  draw();
  return section(entity.label_plural, head(entity, form), count, list, adder(name, type, add));
}

function head(entity, form) {
  const label = (text, key) =>
    h(
      "label",
      { class: "labelled" },
      text,
      h("input", {
        class: "input",
        dir: "auto",
        maxlength: 120,
        value: entity[key],
        oninput: (event) => {
          entity[key] = event.target.value;
          const page = form.draft.pages?.find((p) => p.entity === entity.name && p.name === entity.plural);
          if (page && key === "label_plural") page.label = event.target.value;
          form.touched();
        },
      }),
    );
  const remove = h(
    "button",
    {
      class: "button",
      type: "button",
      disabled: form.draft.entities.length < 2,
      onclick: () => {
        removeEntity(form.draft, entity);
        form.redraw();
      },
    },
    icon("trash-2"),
    `Remove ${entity.label_plural}`,
  );
  return h("div", { class: "thing-head" }, label("One is called", "label"), label("Several", "label_plural"), remove);
}

function adder(name, type, add) {
  const press = () => {
    add();
    name.focus();
  };
  name.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    press();
  });
  return h(
    "div",
    { class: "adder" },
    name,
    type,
    h("button", { class: "button", type: "button", onclick: press }, icon("plus"), "Add"),
  );
}

// The types, then the things of the app that a field can point at.
function options(draft, chosen) {
  const option = (value, words) => h("option", { value, selected: value === chosen }, words);
  return [
    TYPES.map(([value, words]) => option(value, words)),
    h(
      "optgroup",
      { label: "One of" },
      draft.entities.map((e) => option(`one:${e.name}`, e.label)),
    ),
    h(
      "optgroup",
      { label: "Several of" },
      draft.entities.map((e) => option(`many:${e.name}`, e.label_plural)),
    ),
  ];
}

const kindOf = (f) => (f.type === "relation" ? `${f.many ? "many" : "one"}:${f.target}` : f.type);

function retyped(field, kind) {
  const { name, label, required, unique, was } = field;
  const kept = { name, label, required: Boolean(required), ...(unique && { unique }), ...(was && { was }) };
  const [how, target] = kind.split(":");
  if (target) return { ...kept, type: "relation", target, many: how === "many" };
  if (kind === "choice") return { ...kept, type: kind, choices: field.choices?.length ? field.choices : choicesFrom("Open, Done") };
  return { ...kept, type: kind };
}

function fieldRow(f, entity, form, draw) {
  const { touched } = form;
  const label = h("input", {
    class: "input",
    dir: "auto",
    value: f.label,
    maxlength: 120,
    "aria-label": `Label of ${f.label}`,
    oninput: (event) => {
      f.label = event.target.value;
      touched();
    },
  });
  const type = FIXED[f.type]
    ? h("span", { class: "dim type" }, FIXED[f.type])
    : h(
        "select",
        {
          class: "input",
          "aria-label": `Type of ${f.label}`,
          onchange: (event) => {
            entity.fields[entity.fields.indexOf(f)] = retyped(f, event.target.value);
            draw();
            touched();
          },
        },
        options(form.draft, kindOf(f)),
      );
  return h("li", {}, label, type, required(f, touched), removal(f, entity, form, draw), f.type === "choice" && choices(f, touched));
}

function required(f, touched) {
  if (f.type === "computed") return h("span");
  return h(
    "label",
    { class: "checkbox" },
    h("input", {
      type: "checkbox",
      checked: f.required,
      onchange: (event) => {
        f.required = event.target.checked;
        touched();
      },
    }),
    "Required",
  );
}

function removal(f, entity, form, draw) {
  return h(
    "button",
    {
      class: "icon-button",
      type: "button",
      title: `Remove ${f.label}`,
      "aria-label": `Remove ${f.label}`,
      disabled: entity.fields.length < 2,
      onclick: () => {
        removeField(form.draft, entity, f);
        draw();
        form.touched();
      },
    },
    icon("x"),
  );
}

function choices(f, touched) {
  return h("input", {
    class: "input choices",
    dir: "auto",
    value: f.choices.map((c) => c.label).join(", "),
    "aria-label": `Choices of ${f.label}, separated by commas`,
    onchange: (event) => {
      const chosen = choicesFrom(event.target.value, f.choices);
      if (chosen.length) f.choices = chosen;
      event.target.value = f.choices.map((c) => c.label).join(", ");
      touched();
    },
  });
}
