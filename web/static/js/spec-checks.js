// What is wrong with a description, found while it is edited: by place, a sentence that says what to do.
import { say } from "./words.js";

// "entity", "entity.field" or "theme" → message.
export function problemsOf(spec) {
  const found = new Map();
  const tell = (place, message) => found.has(place) || found.set(place, message);
  if (!spec.name.trim()) tell("app", say("problem.app"));
  for (const entity of spec.entities) {
    if (!entity.label.trim() || !entity.label_plural.trim()) tell(entity.name, say("problem.both"));
    if (twice(spec.entities, entity, "label_plural")) tell(entity.name, say("problem.two_things"));
    for (const field of entity.fields) fieldProblem(entity, field, (message) => tell(`${entity.name}.${field.name}`, message));
  }
  return found;
}

function fieldProblem(entity, field, tell) {
  if (!field.label.trim()) tell(say("problem.name"));
  if (twice(entity.fields, field, "label")) tell(say("problem.two_fields"));
  if (field.type === "choice" && !field.choices?.length) tell(say("problem.choices"));
  if (field.choices?.some((choice) => !choice.label.trim())) tell(say("problem.choice"));
  if (field.type === "computed" && !field.formula?.trim()) tell(say("problem.formula"));
  if (Number.isFinite(field.min) && Number.isFinite(field.max) && field.min > field.max) tell(say("problem.limits"));
}

const plain = (text) => text.trim().toLowerCase();
const twice = (all, one, key) => plain(one[key]) !== "" && all.some((other) => other !== one && plain(other[key]) === plain(one[key]));
