// The fields of one entity in the form: renamed, required or not, and new ones.
import { section } from "./controls.js";
import { h, icon } from "./dom.js";
import { many } from "./format.js";

const NEW_TYPES = [
  ["string", "Text"],
  ["text", "Long text"],
  ["integer", "Whole number"],
  ["decimal", "Number"],
  ["money", "Money"],
  ["boolean", "Yes or no"],
  ["date", "Date"],
  ["datetime", "Date and time"],
  ["rating", "Rating"],
  ["email", "Email"],
  ["url", "Link"],
  ["phone", "Phone"],
];
const TYPE_WORDS = {
  ...Object.fromEntries(NEW_TYPES),
  time: "Time",
  choice: "Choice",
  color: "Colour",
  image: "Picture",
  file: "File",
  relation: "Relation",
  computed: "Computed",
};

// `pending` collects what to do before saving: a field that was typed and not yet added is meant.
export function entityFields(entity, touched, pending) {
  const list = h(
    "ul",
    { class: "fields" },
    entity.fields.map((f) => fieldRow(f, touched)),
  );
  const count = h("p", { class: "hint" }, many(entity.fields.length, "field"));
  const name = h("input", {
    class: "input",
    dir: "auto",
    placeholder: "New field",
    maxlength: 120,
    "aria-label": `New field of ${entity.label_plural}`,
  });
  const type = h(
    "select",
    { class: "input", "aria-label": "Its type" },
    NEW_TYPES.map(([value, words]) => h("option", { value }, words)),
  );
  const add = () => {
    const label = name.value.trim();
    if (!label) return;
    const fresh = { name: freshName(label, entity.fields), type: type.value, label, required: false };
    entity.fields.push(fresh);
    list.append(fieldRow(fresh, touched));
    count.textContent = many(entity.fields.length, "field");
    name.value = "";
    touched();
  };
  pending.push(add);
  return section(entity.label_plural, count, list, adder(name, type, add));
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

function fieldRow(f, touched) {
  return h(
    "li",
    {},
    h("input", {
      class: "input",
      dir: "auto",
      value: f.label,
      maxlength: 120,
      "aria-label": `Label of ${f.label}`,
      oninput: (event) => {
        f.label = event.target.value;
        touched();
      },
    }),
    h("span", { class: "dim type" }, TYPE_WORDS[f.type] ?? f.type),
    f.type === "computed"
      ? h("span")
      : h(
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
        ),
  );
}

// A safe identifier whatever the label's script; the label keeps the person's words.
function freshName(label, fields) {
  const plain =
    label
      .normalize("NFKD")
      .replace(/\p{M}/gu, "")
      .toLowerCase()
      .replaceAll("ß", "ss")
      .replace(/[^a-z0-9]+/g, "_")
      .slice(0, 30)
      .replace(/^[^a-z]+|_+$/g, "") || "field";
  const taken = new Set(fields.map((f) => f.name));
  const free = (name) => !taken.has(name);
  if (free(plain)) return plain;
  let n = 2;
  while (!free(`${plain}_${n}`)) n += 1;
  return `${plain}_${n}`;
}
