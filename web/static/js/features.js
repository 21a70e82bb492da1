// What the app can do, as switches: for each thing what fits its fields, with the few options that it goes by.
import { check, choice } from "./controls.js";
import { h } from "./dom.js";
import { language, say, speaks } from "./words.js";

const CHOICES = ["choice"];
const DAYS = ["date", "datetime"];
const NUMBERS = ["integer", "decimal", "money", "rating"];

// `needs` are options that name a field of these types; `view` is the page that comes with it.
export const OF_THINGS = [
  ["create"],
  ["edit"],
  ["delete"],
  ["favorites", { view: "favorites" }],
  ["like"],
  ["ratings"],
  ["comments"],
  ["follow"],
  ["compare", { view: "compare", options: { max: 3 } }],
  ["export", { options: { formats: ["csv", "json"] } }],
  ["import"],
  ["print"],
  ["randomize"],
  ["kanban", { view: "board", needs: { field: CHOICES } }],
  ["status_workflow", { needs: { field: CHOICES } }],
  ["calendar", { view: "calendar", needs: { date: DAYS } }],
  ["categories", { needs: { field: ["choice", "relation"] } }],
  ["progress", { needs: { value: NUMBERS, goal: NUMBERS } }],
  ["low_stock_alert", { needs: { quantity: NUMBERS, minimum: NUMBERS } }],
  ["scoring", { needs: { field: ["integer"] } }],
  ["drag_drop", { needs: { field: ["integer"] } }],
  ["stats", { needs: { by: ["choice", "relation"] }, options: { measure: "count" } }],
  ["chart", { needs: { by: ["choice", "relation"] }, options: { scope: "list", measure: "count" } }],
];
export const OF_THE_APP = [
  ["dashboard", { view: "dashboard" }],
  ["streaming_updates"],
  ["notifications"],
];

export function thingFeatures(entity, form) {
  const on = OF_THINGS.filter(([name]) => shared(form.draft, name, entity)).length;
  return fold(say("ability.of", { things: entity.label_plural }), say("ability.on", { n: on }), `${entity.name}.features`, form, () =>
    h(
      "ul",
      { class: "abilities" },
      OF_THINGS.map((feature) => h("li", {}, toggle(feature, entity, form))),
    ),
  );
}

export function appFeatures(form) {
  return h(
    "ul",
    { class: "abilities" },
    OF_THE_APP.map((feature) => h("li", {}, toggle(feature, null, form))),
  );
}

// A part that opens and stays as it was left when the form is drawn anew.
export function fold(title, note, key, form, inside) {
  const details = h(
    "details",
    {
      class: "fold-part",
      "data-fold": key,
      open: form.open.has(key),
      ontoggle: () => {
        form.open[details.open ? "add" : "delete"](key);
        if (details.open && body.childElementCount === 0) body.append(inside());
      },
    },
    h("summary", {}, h("span", { dir: "auto" }, title), h("span", { class: "dim" }, note)),
  );
  const body = h("div", { class: "fold-body" });
  if (form.open.has(key)) body.append(inside());
  details.append(body);
  return details;
}

const own = (draft, name, entity) =>
  (draft.features ?? []).find((f) => f.name === name && (f.entity ?? null) === (entity?.name ?? null));
const shared = (draft, name, entity) => own(draft, name, entity) ?? own(draft, name, null);

const fields = (entity, types) => entity.fields.filter((f) => types.includes(f.type) && !f.many);

function missing(needs, entity) {
  const lacking = Object.values(needs ?? {}).find((types) => !fields(entity, types).length);
  if (!lacking) return null;
  if (lacking.includes("choice")) return say("needs.choice");
  if (lacking.includes("date")) return say("needs.date");
  return say(lacking.includes("decimal") ? "needs.number" : "needs.integer");
}

function toggle([name, more = {}], entity, form) {
  const { draft } = form;
  const found = shared(draft, name, entity);
  const lack = entity && !found ? missing(more.needs, entity) : null;
  const words = h(
    "span",
    { class: "ability" },
    h("span", {}, say(`ability.${name}`), entity && h("span", { class: "sr", dir: "auto" }, ` ${say("ability.for", { things: entity.label_plural })}`)),
    h("span", { class: "hint" }, lack ?? say(`ability.${name}.text`)),
  );
  const set = (wanted) => {
    if (wanted) add(draft, name, entity, more);
    else remove(draft, name, entity);
    form.redraw();
  };
  const key = `${entity?.name ?? "app"}.feature.${name}`;
  return [check(words, Boolean(found), set, { disabled: Boolean(lack), "data-key": key }), found && entity && goesBy(found, more, entity, form)];
}

const called = (name) => (language === "en" ? name.replaceAll("_", " ") : say(`ability.${name}`));

// The fields that a feature goes by.
function goesBy(feature, more, entity, form) {
  if (!more.needs || feature.entity !== entity.name) return null;
  return h(
    "div",
    { class: "goes-by" },
    Object.entries(more.needs).map(([option, types]) => {
      const options = fields(entity, types).map((f) => [f.name, f.label]);
      const set = (value) => {
        feature.options[option] = value;
        form.touched();
      };
      const label = say(`goes_by.${option}`, { things: entity.label_plural, feature: called(feature.name) });
      return choice(options, feature.options?.[option], set, { "aria-label": label });
    }),
  );
}

function add(draft, name, entity, more) {
  const options = { ...more.options };
  for (const [option, types] of Object.entries(more.needs ?? {})) {
    const taken = Object.values(options);
    const fitting = fields(entity, types);
    options[option] = (fitting.find((f) => !taken.includes(f.name)) ?? fitting[0]).name;
  }
  draft.features = [...(draft.features ?? []), { name, entity: entity?.name ?? null, options }];
  const { view } = more;
  if (view && !draft.pages.some((page) => page.view === view)) {
    const page = { name: free(draft, view), label: pageLabel(draft, view), view, entity: entity?.name ?? null };
    draft.pages = view === "dashboard" ? [page, ...draft.pages] : [...draft.pages, page];
  }
}

// In the app's language, where the studio knows it.
function pageLabel(draft, view) {
  return speaks(draft.locale) ? say(`view.${view}`) : view.charAt(0).toUpperCase() + view.slice(1);
}

function free(draft, name) {
  const taken = new Set(draft.pages.map((page) => page.name));
  let found = name;
  for (let n = 2; taken.has(found); n += 1) found = `${name}_${n}`;
  return found;
}

// One that holds for all things goes on holding for the others.
function remove(draft, name, entity) {
  const whole = own(draft, name, null);
  draft.features = draft.features.filter((f) => !(f.name === name && (!entity || f.entity === entity.name)));
  if (entity && whole) {
    draft.features = draft.features.filter((f) => f !== whole);
    for (const other of draft.entities.filter((e) => e !== entity && !own(draft, name, e)))
      draft.features.push({ name, entity: other.name, options: { ...whole.options } });
  }
  const left = draft.features.filter((f) => f.name === name);
  const view = { kanban: "board" }[name] ?? name;
  draft.pages = draft.pages.filter((p) => p.view !== view || left.some((f) => !f.entity || f.entity === p.entity));
}
