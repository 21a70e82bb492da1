// What was understood of a request, drawn from its AppSpec.
import { h, icon } from "./dom.js";
import { knows, language, say } from "./words.js";

const SHOWN_FIELDS = 12;
const human = (name) => name.replaceAll("_", " ");

const featureWords = (name) => {
  const key = [`ability.${name}`, `feature.${name}`].find(knows);
  return language !== "en" && key ? say(key) : human(name);
};

export function specSummary(spec, understood = [], unused = []) {
  const features = [...new Set((spec.features ?? []).map((f) => f.name))];
  return h(
    "div",
    { class: "spec" },
    h(
      "div",
      { class: "spec-head" },
      h("strong", { dir: "auto" }, spec.name),
      spec.tagline && h("span", { dir: "auto" }, spec.tagline),
    ),
    colours(spec.theme ?? {}),
    (spec.entities ?? []).map(entity),
    features.length > 0 &&
      h(
        "ul",
        { class: "tags", "aria-label": say("spec.features") },
        features.map((f) => h("li", {}, featureWords(f))),
      ),
    understood.length > 0 &&
      h(
        "details",
        { class: "sub" },
        h("summary", {}, icon("chevron-right"), say("spec.read")),
        h(
          "dl",
          { class: "pairs" },
          understood.map(([part, words]) => [h("dt", { dir: "auto" }, human(part)), h("dd", { dir: "auto" }, say("quoted", { words }))]),
        ),
      ),
    unused.length > 0 &&
      h("p", { class: "unused" }, icon("triangle-alert"), h("span", {}, say("spec.unused"), " ", unused.flatMap((words, at) => [at ? ", " : "", h("bdi", {}, words)]))),
  );
}

function colours(theme) {
  const named = ["background", "component"].filter((part) => /^#[0-9a-f]{6}$/i.test(theme[part] ?? ""));
  if (!named.length) return null;
  return h(
    "ul",
    { class: "swatches" },
    named.map((part) => {
      const swatch = h("span", { class: "swatch" });
      swatch.style.backgroundColor = theme[part];
      return h("li", {}, swatch, say(part === "background" ? "design.background" : "design.components"), h("code", {}, theme[part]));
    }),
  );
}

function entity(e) {
  const labels = e.fields.map((f) => f.label);
  const rest = labels.length - SHOWN_FIELDS;
  const rows = e.seed?.length ? say("spec.rows", { n: e.seed.length }) : e.dataset ? say("spec.dataset") : null;
  return h(
    "div",
    { class: "entity" },
    h(
      "div",
      { class: "entity-head" },
      icon("database"),
      h("span", { dir: "auto" }, e.label_plural),
      h("span", { class: "dim" }, rows),
    ),
    h("p", { dir: "auto" }, labels.slice(0, SHOWN_FIELDS).join(" · ") + (rest > 0 ? ` · ${say("spec.more", { n: rest })}` : "")),
  );
}
