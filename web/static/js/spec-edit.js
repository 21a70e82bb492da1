// Changes of an AppSpec that touch more than one part of it: what names a field or a thing goes with it.
import { say, speaks } from "./words.js";

// A safe identifier whatever the label's script; the label keeps the person's words.
export function freshName(label, taken, otherwise = "field") {
  const plain =
    label
      .normalize("NFKD")
      .replace(/\p{M}/gu, "")
      .toLowerCase()
      .replaceAll("ß", "ss")
      .replace(/[^a-z0-9]+/g, "_")
      .slice(0, 30)
      .replace(/^[^a-z]+|_+$/g, "") || otherwise;
  const free = (name) => !taken.has(name);
  if (free(plain)) return plain;
  let n = 2;
  while (!free(`${plain}_${n}`)) n += 1;
  return `${plain}_${n}`;
}

export function addEntity(spec, label) {
  const taken = new Set(spec.entities.flatMap((e) => [e.name, e.plural]));
  const name = freshName(label, taken, "thing");
  const several = (spec.locale ?? "en").startsWith("en") ? plural(label) : label;
  const table = freshName(plural(label), new Set([...taken, name]), "things");
  const field = { name: "name", type: "string", label: speaks(spec.locale) ? say("design.name") : "Name", required: true };
  const entity = { name, plural: table, label, label_plural: several, fields: [field], seed: [] };
  spec.entities.push(entity);
  if (spec.pages?.length) spec.pages.push({ name: table, label: several, entity: name });
  return entity;
}

function plural(label) {
  if (/[^aeiou]y$/i.test(label)) return `${label.slice(0, -1)}ies`;
  return label + (/(s|x|z|ch|sh)$/i.test(label) ? "es" : "s");
}

// False at an end of the list.
export function moveField(entity, field, by) {
  const at = entity.fields.indexOf(field);
  if (!entity.fields[at + by]) return false;
  entity.fields.splice(at, 1);
  entity.fields.splice(at + by, 0, field);
  return true;
}

export function removeEntity(spec, entity) {
  spec.entities = spec.entities.filter((e) => e !== entity);
  for (const other of spec.entities) {
    for (const field of other.fields.filter((f) => f.target === entity.name)) removeField(spec, other, field);
  }
  const stays = (part) => part.entity !== entity.name && !names(part.options, entity.name);
  spec.features = (spec.features ?? []).filter(stays);
  spec.rules = (spec.rules ?? []).filter(stays);
  spec.pages = (spec.pages ?? []).filter((page) => page.entity !== entity.name);
}

export function removeField(spec, entity, field) {
  entity.fields = entity.fields.filter((f) => f !== field);
  for (const row of entity.seed ?? []) delete row[field.name];
  spec.features = (spec.features ?? []).filter((feature) => keep(feature, entity, field));
  spec.rules = (spec.rules ?? []).filter(
    (rule) => rule.entity !== entity.name || !(rule.fields ?? []).includes(field.name),
  );
  spec.rules = spec.rules.filter((rule) => rule.entity !== entity.name || !names(rule.options, field.name));
}

// Steps, exceptions and conditions forget the value; a rule that has nothing left goes.
export function removeChoice(spec, field, choice) {
  field.choices = field.choices.filter((other) => other !== choice);
  const entity = spec.entities.find((e) => e.fields.includes(field));
  for (const row of entity?.seed ?? []) if (row[field.name] === choice.value) delete row[field.name];
  spec.rules = (spec.rules ?? []).filter((rule) => rule.entity !== entity?.name || without(rule, field, choice.value));
}

function without(rule, field, value) {
  const options = rule.options ?? {};
  const rest = (values) => [values].flat().filter((one) => one !== value);
  if (rule.kind === "transition" && rule.fields[0] === field.name && options.from) {
    const steps = Object.entries(options.from).filter(([from]) => from !== value);
    options.from = Object.fromEntries(steps.map(([from, following]) => [from, rest(following ?? [])]));
    return steps.length > 0;
  }
  if (rule.kind === "required_if" && options.field === field.name) {
    options.is = rest(options.is);
    return options.is.length > 0;
  }
  if (options.except?.[field.name]) {
    options.except[field.name] = rest(options.except[field.name]);
    if (!options.except[field.name].length) delete options.except[field.name];
  }
  return true;
}

// A list of fields goes on without it; a feature that can't be without it goes.
function keep(feature, entity, field) {
  if (feature.entity !== entity.name) return true;
  const options = feature.options ?? {};
  if (Array.isArray(options.fields)) {
    options.fields = options.fields.filter((name) => name !== field.name);
    if (!options.fields.length) return false;
    if (options.default?.replace(/^-/, "") === field.name) options.default = options.fields[0];
  }
  const { fields: _fields, default: _default, ...rest } = options;
  return !names(rest, field.name);
}

function names(value, name) {
  if (typeof value === "string") return value.split(/[.:-]/).includes(name);
  if (Array.isArray(value)) return value.some((one) => names(one, name));
  return Boolean(value) && typeof value === "object" && Object.entries(value).some((pair) => names(pair, name));
}

// "To do, Doing, Done" as choices: those that stay keep their value and colour.
export function choicesFrom(text, before = []) {
  const labels = [...new Set(text.split(/[,;\n]/).map((label) => label.trim()))].filter(Boolean);
  const taken = new Set();
  return labels.map((label, at) => {
    const known = before.find((c) => c.label === label) ?? (labels.length === before.length ? before[at] : undefined);
    const value = known && !taken.has(known.value) ? known.value : freshName(label, taken, "choice");
    taken.add(value);
    return { value, label, color: known?.color ?? COLORS[at % COLORS.length] };
  });
}

export const COLORS = ["#64748b", "#3b76c8", "#c58a1b", "#3f9360", "#c24a45", "#7a5fc0", "#2f8f8b", "#cc6f32"];
