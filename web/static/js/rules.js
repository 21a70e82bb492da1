// The rules of a thing, each as a sentence with holes: ten kinds, offered where the thing's fields allow them.
import { check, choice, number } from "./controls.js";
import { h, icon } from "./dom.js";
import { fold } from "./features.js";
import { parts, say } from "./words.js";

const NUMBERS = ["integer", "decimal", "money", "rating"];
const MOMENTS = ["date", "datetime", "time"];
const TELLING = ["choice", "boolean"];
const SOURCES = [
  ["created_by", say("source.created_by"), ["string", "relation"]],
  ["changed_by", say("source.changed_by"), ["string", "relation"]],
  ["created_at", say("source.created_at"), ["datetime", "date"]],
  ["changed_at", say("source.changed_at"), ["datetime", "date"]],
];
const READERS = [["all", say("reader.all")], ["members", say("reader.members")], ["own", say("reader.own")]]; // prettier-ignore
const WRITERS = [["own", say("writer.own")], ["members", say("writer.members")], ["admin", say("writer.admin")]]; // prettier-ignore

const named = (fields) => fields.map((f) => [f.name, f.label]);
const of = (entity, types) => entity.fields.filter((f) => types.includes(f.type) && !f.many);
const kindOf = (f) => (NUMBERS.includes(f.type) ? "number" : f.type);
const pairs = (entity) => {
  const fitting = of(entity, [...NUMBERS, ...MOMENTS]);
  return fitting.filter((a) => fitting.some((b) => b !== a && kindOf(a) === kindOf(b)));
};
const pointing = (draft, entity) => draft.entities.filter((e) => e.fields.some((f) => f.target === entity.name));
const people = (draft) => draft.features.find((f) => f.name === "auth")?.options?.entity;

// kind: [title, what a new one is or why there can be none, the sentence].
const KINDS = {
  unique: [
    say("rule.unique"),
    (entity) => ({ fields: [of(entity, ["string", "email", "date", "relation", "integer"])[0]?.name ?? entity.fields[0].name] }),
    (rule, entity, set) => parts("rule.unique.says", { fields: several(rule, entity.fields.filter((f) => !f.many && f.type !== "computed"), set) }),
  ],
  range: [
    say("rule.range"),
    (entity) => of(entity, NUMBERS)[0] ? { fields: [of(entity, NUMBERS)[0].name], options: { min: 0 } } : say("needs.a_number"),
    (rule, entity, set) =>
      rule.fields.length > 1
        ? parts("rule.order.says", { first: pick(rule, 0, pairs(entity), set), second: pick(rule, 1, pairs(entity), set) })
        : [
            pick(rule, 0, of(entity, NUMBERS), set),
            limit(say("rule.at_least"), rule, "min", set),
            limit(say("rule.at_most"), rule, "max", set),
          ],
  ],
  order: [
    say("rule.order"),
    (entity) => {
      const [first] = pairs(entity);
      const second = first && pairs(entity).find((f) => f !== first && kindOf(f) === kindOf(first));
      return first ? { kind: "range", fields: [first.name, second.name] } : say("needs.two");
    },
  ],
  required_if: [
    say("rule.required_if"),
    (entity) => {
      const when = of(entity, TELLING)[0];
      const needed = entity.fields.find((f) => f !== when && !["boolean", "computed"].includes(f.type) && !f.many);
      if (!when || !needed) return say("needs.case");
      return { fields: [needed.name], options: { field: when.name, is: [values(when)[0][0]] } };
    },
    (rule, entity, set) =>
      parts("rule.required_if.says", {
        field: pick(rule, 0, entity.fields.filter((f) => !["boolean", "computed"].includes(f.type) && !f.many), set),
        other: option(rule, "field", of(entity, TELLING), set, (f) => (rule.options.is = [values(f)[0][0]])),
        values: many(values(entity.fields.find((f) => f.name === rule.options.field)), rule.options.is, (is) => set(() => (rule.options.is = is))),
      }),
  ],
  computed: [
    say("rule.computed"),
    (entity) => {
      const [source, , types] = SOURCES.find(([, , t]) => of(entity, t).length) ?? [];
      return source ? { fields: [of(entity, types)[0].name], options: { source } } : say("needs.source");
    },
    (rule, entity, set) => {
      const types = SOURCES.find(([name]) => name === rule.options.source)?.[2] ?? [];
      const fits = (name) => {
        const allowed = SOURCES.find(([source]) => source === name)[2];
        if (!of(entity, allowed).some((f) => f.name === rule.fields[0])) rule.fields = [of(entity, allowed)[0]?.name ?? rule.fields[0]];
      };
      const sources = SOURCES.filter(([, , t]) => of(entity, t).length).map(([name, words]) => [name, words]);
      const source = choice(sources, rule.options.source, (name) => set(() => ((rule.options.source = name), fits(name))), said(say("rule.computed.source")));
      return parts("rule.computed.says", { field: pick(rule, 0, of(entity, types), set), source });
    },
  ],
  transition: [
    say("rule.transition"),
    (entity) => {
      const status = of(entity, ["choice"]).find((f) => f.choices.length > 1);
      if (!status) return say("needs.a_choice");
      const next = (at) => status.choices.slice(at + 1, at + 2).map((c) => c.value);
      return { fields: [status.name], options: { from: Object.fromEntries(status.choices.map((c, at) => [c.value, next(at)])) } };
    },
    (rule, entity, set) => steps(rule, entity, set),
  ],
  no_overlap: [
    say("rule.no_overlap"),
    (entity) => {
      const [start, end] = of(entity, ["date", "datetime"]).filter((f, _, all) => all.filter((g) => g.type === f.type).length > 1);
      const by = of(entity, ["relation"]).map((f) => f.name).slice(0, 1);
      if (end) return { options: { by, start: start.name, end: end.name } };
      const day = of(entity, ["date"])[0];
      const time = of(entity, ["time"])[0];
      return day && time ? { options: { by, date: day.name, time: time.name, minutes: 60 } } : say("needs.time");
    },
    (rule, entity, set) => [
      say("rule.no_overlap.says"),
      of(entity, ["relation"]).length > 0 && parts("rule.no_overlap.by", { fields: many(named(of(entity, ["relation"])), rule.options.by ?? [], (by) => set(() => (rule.options.by = by))) }),
      rule.options.start
        ? [parts("rule.no_overlap.from", { start: option(rule, "start", of(entity, ["date", "datetime"]), set), end: option(rule, "end", of(entity, ["date", "datetime"]), set) }),
           check(say("rule.no_overlap.nights"), rule.options.nights === true, (on) => set(() => (rule.options.nights = on)))]
        : [parts("rule.no_overlap.at", { date: option(rule, "date", of(entity, ["date"]), set), time: option(rule, "time", of(entity, ["time"]), set) }),
           typeof rule.options.minutes === "string" ? ` ${say("rule.no_overlap.for", { field: rule.options.minutes.replaceAll("_", " ") })}` : limit(say("rule.minutes"), rule, "minutes", set)],
    ],
  ],
  capacity: [
    say("rule.capacity"),
    (entity) => (of(entity, ["relation"])[0] ? { options: { of: of(entity, ["relation"])[0].name, limit: 10 } } : say("needs.relation")),
    (rule, entity, set, draft) => {
      const relation = entity.fields.find((f) => f.name === rule.options.of);
      const target = draft.entities.find((e) => e.name === relation?.target);
      const limits = [["", say("rule.a_number")], ...of(target ?? { fields: [] }, NUMBERS).map((f) => [`${relation.name}.${f.name}`, f.label])];
      const now = typeof rule.options.limit === "string" ? rule.options.limit : "";
      const each = option(rule, "of", of(entity, ["relation"]), set, () => (rule.options.limit = 10));
      const most = choice(limits, now, (value) => set(() => (rule.options.limit = value || 10)), said(say("rule.capacity.limit")));
      return [parts("rule.capacity.says", { field: each, things: entity.label_plural, limit: most }), now === "" && limit("", rule, "limit", set)];
    },
  ],
  at_most_once: [
    say("rule.at_most_once"),
    (entity) => (of(entity, ["relation"])[0] ? { fields: [of(entity, ["relation"])[0].name] } : say("needs.relation")),
    (rule, entity, set) => parts("rule.at_most_once.says", { things: entity.label_plural, fields: several(rule, of(entity, ["relation"]), set) }),
  ],
  refuse_delete: [
    say("rule.refuse_delete"),
    (entity, draft) => (pointing(draft, entity)[0] ? { options: { while: pointing(draft, entity)[0].name } } : say("needs.pointing")),
    (rule, entity, set, draft) => {
      const keeping = pointing(draft, entity).map((e) => [e.name, e.label_plural]);
      const things = choice(keeping, [rule.options.while].flat()[0], (value) => set(() => (rule.options.while = value)), said(say("rule.refuse_delete.while")));
      return parts("rule.refuse_delete.says", { things });
    },
  ],
  owner_only: [
    say("rule.owner_only"),
    (entity, draft) => {
      const who = people(draft);
      const owner = who && entity.fields.find((f) => f.target === who && !f.many);
      if (!who) return say("needs.accounts");
      return owner ? { fields: [owner.name], options: { read: "own", write: "own" } } : { options: { read: "members", write: "members" } };
    },
    (rule, entity, set) => {
      const fitting = (people) => people.filter(([name]) => rule.fields.length || name !== "own");
      const readers = choice(fitting(READERS), rule.options.read ?? "all", (value) => set(() => (rule.options.read = value)), said(say("rule.owner_only.seen")));
      const writers = choice(fitting(WRITERS), rule.options.write ?? "own", (value) => set(() => (rule.options.write = value)), said(say("rule.owner_only.changed")));
      return parts("rule.owner_only.says", { readers, writers });
    },
  ],
};

export function thingRules(entity, form) {
  const rules = form.draft.rules.filter((rule) => rule.entity === entity.name);
  return fold(say("rule.of", { things: entity.label_plural }), rules.length || say("rule.none"), `${entity.name}.rules`, form, () =>
    h("div", { class: "rules" }, h("ul", {}, rules.map((rule) => card(rule, entity, form))), adder(entity, form)),
  );
}

function card(rule, entity, form) {
  rule.fields ??= [];
  rule.options ??= {};
  const [title, , sentence] = KINDS[rule.kind];
  // Some changes are of what other holes offer, so the form is drawn anew.
  const set = (change) => {
    change();
    form.redraw();
  };
  const problem = form.ruleProblem(rule);
  const words = h("p", { class: "field-error", hidden: !problem, "data-rule": form.draft.rules.indexOf(rule) }, problem);
  return h(
    "li",
    { class: "rule" },
    h("div", { class: "rule-head" }, h("span", {}, title), remove(rule, title, form)),
    h("div", { class: "rule-words", dir: "auto" }, sentence(rule, entity, set, form.draft)),
    words,
  );
}

function remove(rule, title, form) {
  const gone = () => {
    form.draft.rules = form.draft.rules.filter((other) => other !== rule);
    form.redraw();
  };
  return h("button", { class: "icon-button", type: "button", "aria-label": say("rule.remove", { title }), title: say("remove"), onclick: gone }, icon("x"));
}

function adder(entity, form) {
  const fresh = (kind) => KINDS[kind][1](entity, form.draft);
  const options = Object.entries(KINDS).map(([kind, [title]]) => {
    const made = fresh(kind);
    return h("option", { value: kind, disabled: typeof made === "string" }, typeof made === "string" ? `${title} — ${made}` : title);
  });
  const add = (event) => {
    const kind = event.target.value;
    form.draft.rules.push({ kind, entity: entity.name, fields: [], options: {}, ...fresh(kind) });
    form.redraw();
  };
  return h("select", { class: "input add-rule", "aria-label": say("rule.add_to", { things: entity.label_plural }), onchange: add, "data-key": `${entity.name}.rules.add` }, h("option", { value: "" }, say("rule.add")), options);
}

const said = (label) => ({ "aria-label": label });
const pick = (rule, at, fields, set) => choice(named(fields), rule.fields[at], (value) => set(() => (rule.fields = rule.fields.with(at, value))), said(say("rule.field")));
const option = (rule, name, fields, set, then = () => {}) =>
  choice(named(fields), rule.options[name], (value) => set(() => ((rule.options[name] = value), then(fields.find((f) => f.name === value)))), said(say(`rule.hole.${name}`)));

function limit(words, rule, name, set) {
  const keep = (value) => (value === null ? delete rule.options[name] : (rule.options[name] = value));
  const input = number(words, typeof rule.options[name] === "number" ? rule.options[name] : null, () => {}, { "aria-label": words || say("rule.how_many") });
  input.querySelector("input").addEventListener("change", (event) => set(() => keep(event.target.value === "" ? null : Number(event.target.value))));
  input.classList.add("limit");
  return input;
}

const values = (field) => (field?.type === "boolean" ? [["true", say("yes")], ["false", say("no")]] : (field?.choices ?? []).map((c) => [c.value, c.label])); // prettier-ignore
const several = (rule, fields, set) => many(named(fields), rule.fields, (chosen) => set(() => (rule.fields = chosen)), true);

// Some of a few, as chips that are pressed. With `one` the last can't be let go.
function many(options, chosen, set, one = false) {
  const list = [chosen ?? []].flat().map(String);
  const flip = (value) => (list.includes(value) ? list.filter((v) => v !== value) : [...list, value]);
  return h(
    "span",
    { class: "chips", role: "group" },
    options.map(([value, words]) => {
      const on = list.includes(value);
      const press = () => !(one && on && list.length === 1) && set(flip(value));
      return h("button", { class: "chip", type: "button", "aria-pressed": String(on), onclick: press }, words);
    }),
  );
}

function steps(rule, entity, set) {
  const field = entity.fields.find((f) => f.name === rule.fields[0]);
  if (!field?.choices?.length) return say("rule.no_choice");
  return h(
    "div",
    { class: "steps-table" },
    field.choices.map((c) => [
      h("span", { dir: "auto" }, c.label),
      h("span", { "aria-hidden": "true" }, "→"),
      many(
        field.choices.filter((other) => other !== c).map((other) => [other.value, other.label]),
        rule.options.from[c.value] ?? [],
        (following) => set(() => (rule.options.from[c.value] = following)),
      ),
    ]),
  );
}
