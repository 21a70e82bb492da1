// What is wrong with a description, found while it is edited: by place, a sentence that says what to do.

// "entity", "entity.field" or "theme" → message.
export function problemsOf(spec) {
  const found = new Map();
  const say = (place, message) => found.has(place) || found.set(place, message);
  if (!spec.name.trim()) say("app", "The app needs a name.");
  for (const entity of spec.entities) {
    if (!entity.label.trim() || !entity.label_plural.trim()) say(entity.name, "It needs a name, for one and for several.");
    if (twice(spec.entities, entity, "label_plural")) say(entity.name, "Two things are called so. Give one another name.");
    for (const field of entity.fields) fieldProblem(entity, field, (message) => say(`${entity.name}.${field.name}`, message));
  }
  return found;
}

function fieldProblem(entity, field, say) {
  if (!field.label.trim()) say("It needs a name.");
  if (twice(entity.fields, field, "label")) say("Two fields are called so. Give one another name.");
  if (field.type === "choice" && !field.choices?.length) say("It needs at least one choice.");
  if (field.choices?.some((choice) => !choice.label.trim())) say("A choice needs a name.");
  if (field.type === "computed" && !field.formula?.trim()) say("Say how it is worked out, such as price * quantity.");
  if (Number.isFinite(field.min) && Number.isFinite(field.max) && field.min > field.max) say("The lowest is above the highest.");
}

const plain = (text) => text.trim().toLowerCase();
const twice = (all, one, key) => plain(one[key]) !== "" && all.some((other) => other !== one && plain(other[key]) === plain(one[key]));
