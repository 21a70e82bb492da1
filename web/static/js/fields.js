// One thing of the app in the form: its name, its fields with their types, choices and what they point at.
import { check, number, section, text } from "./controls.js";
import { choiceRows } from "./choices.js";
import { h, icon } from "./dom.js";
import { thingFeatures } from "./features.js";
import { thingRules } from "./rules.js";
import { choicesFrom, freshName, moveField, removeEntity, removeField } from "./spec-edit.js";
import { say, speaks } from "./words.js";

const TYPES = [
  "string",
  "text",
  "integer",
  "decimal",
  "money",
  "boolean",
  "choice",
  "date",
  "datetime",
  "time",
  "rating",
  "email",
  "url",
  "phone",
  "color",
  "image",
  "file",
  "computed",
];
const FIRST_CHOICES = "Open, Done"; // of an app in another language than the studio's
const NUMBERS = ["integer", "decimal", "money", "rating"];

// `form` has the draft, `touched` to say that it changed, `pending` for what to do before saving, `redraw` for more.
export function entityFields(entity, form) {
  const list = h("ol", { class: "fields", "aria-label": say("field.all_of", { things: entity.label_plural }) });
  list.append(...entity.fields.map((f) => fieldRow(f, entity, form)));
  const part = section(
    entity.label_plural,
    head(entity, form),
    problem(form, entity.name),
    list,
    adder(entity, form),
    thingFeatures(entity, form),
    thingRules(entity, form),
  );
  part.dataset.entity = entity.name;
  part.id = `design-${entity.name}`;
  part.querySelector("h3").append(h("span", { class: "count" }, say("field.count", { n: entity.fields.length })));
  return part;
}

function head(entity, form) {
  const set = (key) => (value) => {
    const page = form.draft.pages?.find((p) => p.entity === entity.name && p.label === entity[key]);
    entity[key] = value;
    if (page && key === "label_plural" && value.trim()) page.label = value;
    form.touched();
  };
  const remove = h(
    "button",
    {
      class: "button ghost",
      type: "button",
      disabled: form.draft.entities.length < 2,
      title: say("remove_named", { name: entity.label_plural }),
      onclick: () => {
        removeEntity(form.draft, entity);
        form.redraw();
      },
    },
    icon("trash-2"),
    h("span", {}, say("remove_named", { name: entity.label_plural })),
  );
  return h(
    "div",
    { class: "thing-head" },
    text(say("thing.one"), entity.label, set("label"), 120, { "data-key": `${entity.name}.label` }),
    text(say("thing.several"), entity.label_plural, set("label_plural"), 120, { "data-key": `${entity.name}.label_plural` }),
    remove,
  );
}

// Where a message about a place will stand.
function problem(form, place) {
  const node = h("p", { class: "field-error", hidden: true, "data-problem": place });
  form.places.push(node);
  return node;
}

function adder(entity, form) {
  const key = `${entity.name}.new`;
  const name = h("input", {
    class: "input",
    dir: "auto",
    placeholder: say("field.new"),
    maxlength: 120,
    "aria-label": say("field.new_of", { things: entity.label_plural }),
    "data-key": key,
  });
  const type = h("select", { class: "input", "aria-label": say("field.its_type") }, options(form.draft, "string"));
  const add = () => {
    const label = name.value.trim();
    if (!label) return false;
    const fresh = { name: freshName(label, new Set(entity.fields.map((f) => f.name))), label, required: false };
    entity.fields.push(retyped(fresh, type.value, form));
    name.value = "";
    return true;
  };
  const press = () => (add() ? form.redraw(key) : name.focus());
  name.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    press();
  });
  form.pending.push(add);
  return h(
    "div",
    { class: "adder" },
    name,
    type,
    h("button", { class: "button", type: "button", onclick: press }, icon("plus"), say("field.add")),
  );
}

// The types, then the things of the app that a field can point at.
function options(draft, chosen) {
  const option = (value, words) => h("option", { value, selected: value === chosen }, words);
  return [
    TYPES.map((type) => option(type, say(`type.${type}`))),
    h(
      "optgroup",
      { label: say("field.one_of") },
      draft.entities.map((e) => option(`one:${e.name}`, e.label)),
    ),
    h(
      "optgroup",
      { label: say("field.several_of") },
      draft.entities.map((e) => option(`many:${e.name}`, e.label_plural)),
    ),
  ];
}

const kindOf = (f) => (f.type === "relation" ? `${f.many ? "many" : "one"}:${f.target}` : f.type);

function retyped(field, kind, form) {
  const { name, label, required, unique, was } = field;
  const kept = { name, label, required: Boolean(required), ...(unique && { unique }), ...(was && { was }) };
  const [how, target] = kind.split(":");
  if (target) return { ...kept, type: "relation", target, many: how === "many" };
  if (kind === "choice") return { ...kept, type: kind, choices: field.choices?.length ? field.choices : choicesFrom(speaks(form.draft.locale) ? say("field.first_choices") : FIRST_CHOICES) };
  if (kind === "computed") return { ...kept, required: false, unique: false, type: kind, formula: field.formula ?? "" };
  const limits = NUMBERS.includes(kind) && NUMBERS.includes(field.type) ? { min: field.min, max: field.max, unit: field.unit } : {};
  return { ...kept, ...limits, type: kind };
}

function fieldRow(f, entity, form) {
  const place = `${entity.name}.${f.name}`;
  const label = h("input", {
    class: "input",
    dir: "auto",
    value: f.label,
    maxlength: 120,
    "aria-label": say("field.label_of", { field: f.label }),
    "data-key": `${place}.label`,
    oninput: (event) => {
      f.label = event.target.value;
      form.touched();
    },
    onkeydown: (event) => move(event, f, entity, form),
  });
  const type = h(
    "select",
    {
      class: "input",
      "aria-label": say("field.type_of", { field: f.label }),
      "data-key": `${place}.type`,
      onchange: (event) => {
        entity.fields[entity.fields.indexOf(f)] = retyped(f, event.target.value, form);
        if (event.target.value === "computed") form.open.add(`${place}.more`);
        form.redraw();
      },
    },
    options(form.draft, kindOf(f)),
  );
  return h(
    "li",
    { "data-field": f.name },
    h("div", { class: "field-row" }, mover(f, entity, form), label, type, required(f, form), more(f, place, form), removal(f, entity, form)),
    problem(form, place),
    f.type === "choice" && choiceRows(f, form, place),
    form.open.has(`${place}.more`) && details(f, place, form),
  );
}

function mover(f, entity, form) {
  const at = entity.fields.indexOf(f);
  const button = (by, way, glyph) =>
    h(
      "button",
      {
        class: "icon-button",
        type: "button",
        "aria-label": say(`field.move_${way}`, { field: f.label }),
        title: `${say(`field.${way}`)} (Alt+${by < 0 ? "↑" : "↓"})`,
        "data-key": `${entity.name}.${f.name}.${way}`,
        disabled: at + by < 0 || at + by >= entity.fields.length,
        onclick: () => moveField(entity, f, by) && form.redraw(`${entity.name}.${f.name}.${way}`),
      },
      icon(glyph),
    );
  return h("span", { class: "mover" }, button(-1, "up", "chevron-up"), button(1, "down", "chevron-down"));
}

function move(event, f, entity, form) {
  const by = event.altKey && { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!by) return;
  event.preventDefault();
  if (moveField(entity, f, by)) form.redraw(`${entity.name}.${f.name}.label`);
}

function required(f, form) {
  if (f.type === "computed") return h("span");
  return check(say("field.required"), f.required, (on) => ((f.required = on), form.touched()));
}

function more(f, place, form) {
  const key = `${place}.more`;
  const open = form.open.has(key);
  const press = () => {
    form.open[open ? "delete" : "add"](key);
    form.redraw(key);
  };
  const label = say(open ? "field.fewer" : "field.more", { field: f.label });
  return h(
    "button",
    { class: "icon-button", type: "button", "aria-label": label, title: label, "aria-expanded": String(open), onclick: press, "data-key": key },
    icon("settings"),
  );
}

function details(f, place, form) {
  const set = (key) => (value) => {
    f[key] = value === "" ? null : value;
    form.touched();
  };
  const isNumber = NUMBERS.includes(f.type);
  return h(
    "div",
    { class: "field-more" },
    f.type === "computed" &&
      text(say("field.formula"), f.formula, set("formula"), 500, { dir: "ltr", placeholder: "price * quantity", "data-key": `${place}.formula` }),
    (isNumber || f.type === "computed") && text(say("field.unit"), f.unit, set("unit"), 20, { placeholder: say("field.units") }),
    isNumber && number(say("at_least"), f.min, set("min")),
    isNumber && number(say("at_most"), f.max, set("max")),
    f.type !== "computed" && !f.many && check(say("field.unique"), f.unique, set("unique")),
    h("p", { class: "hint" }, say("field.api"), " ", h("code", {}, f.name)),
  );
}

function removal(f, entity, form) {
  return h(
    "button",
    {
      class: "icon-button",
      type: "button",
      title: say("remove_named", { name: f.label }),
      "aria-label": say("remove_named", { name: f.label }),
      disabled: entity.fields.length < 2,
      onclick: () => {
        const next = entity.fields[entity.fields.indexOf(f) + 1] ?? entity.fields[entity.fields.indexOf(f) - 1];
        removeField(form.draft, entity, f);
        form.redraw(`${entity.name}.${next.name}.label`);
      },
    },
    icon("x"),
  );
}
