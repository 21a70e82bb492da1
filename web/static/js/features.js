// What the app can do, as switches: for each thing what fits its fields, with the few options that it goes by.
import { check, choice } from "./controls.js";
import { h } from "./dom.js";

const CHOICES = ["choice"];
const DAYS = ["date", "datetime"];
const NUMBERS = ["integer", "decimal", "money", "rating"];

// `needs` are options that name a field of these types; `view` is the page that comes with it.
export const OF_THINGS = [
  ["create", "Add rows", "A form for new ones"],
  ["edit", "Edit rows", "Change what is there"],
  ["delete", "Delete rows", "With a question before"],
  ["favorites", "Favourites", "A heart on every row, and a page of them", { view: ["favorites", "Favourites"] }],
  ["like", "Likes", "Each person once"],
  ["ratings", "Star ratings", "One to five stars, and their mean"],
  ["comments", "Comments", "Below each row"],
  ["follow", "Follow", "Narrow the list to what one follows"],
  ["compare", "Compare", "Rows side by side", { view: ["compare", "Compare"], options: { max: 3 } }],
  ["export", "Export", "As CSV and JSON", { options: { formats: ["csv", "json"] } }],
  ["import", "Import", "From CSV, errors shown first"],
  ["print", "Print", "A page that prints well"],
  ["randomize", "Pick one at random", "A button that opens one"],
  ["kanban", "Board", "Columns, and cards that are moved", { view: ["board", "Board"], needs: { field: CHOICES } }],
  ["status_workflow", "Next step", "Buttons for where it stands", { needs: { field: CHOICES } }],
  ["calendar", "Calendar", "Month and week", { view: ["calendar", "Calendar"], needs: { date: DAYS } }],
  ["categories", "Categories", "The list opens by group", { needs: { field: ["choice", "relation"] } }],
  ["progress", "Progress", "A bar on every row", { needs: { value: NUMBERS, goal: NUMBERS } }],
  ["low_stock_alert", "Low stock", "What runs low is marked", { needs: { quantity: NUMBERS, minimum: NUMBERS } }],
  ["scoring", "Points", "Added and taken by buttons", { needs: { field: ["integer"] } }],
  ["drag_drop", "Own order", "Rows are put in order by hand", { needs: { field: ["integer"] } }],
  ["stats", "Totals", "By group, above the list", { needs: { by: ["choice", "relation"] }, options: { measure: "count" } }],
  ["chart", "Chart", "Bars above the list", { needs: { by: ["choice", "relation"] }, options: { scope: "list", measure: "count" } }],
];
export const OF_THE_APP = [
  ["dashboard", "Dashboard", "A first page of figures and what is due", { view: ["dashboard", "Dashboard"] }],
  ["streaming_updates", "Live updates", "Lists change when others change rows"],
  ["notifications", "Notifications", "A bell for what is due and what is new"],
];

export function thingFeatures(entity, form) {
  const on = OF_THINGS.filter(([name]) => shared(form.draft, name, entity)).length;
  return fold(`What ${entity.label_plural} can do`, `${on} on`, `${entity.name}.features`, form, () =>
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
  if (lacking.includes("choice")) return "Needs a choice field";
  if (lacking.includes("date")) return "Needs a date";
  return lacking.includes("decimal") ? "Needs a number" : "Needs a whole number";
}

function toggle([name, label, hint, more = {}], entity, form) {
  const { draft } = form;
  const found = shared(draft, name, entity);
  const lack = entity && !found ? missing(more.needs, entity) : null;
  const words = h(
    "span",
    { class: "ability" },
    h("span", {}, label, entity && h("span", { class: "sr", dir: "auto" }, ` for ${entity.label_plural}`)),
    h("span", { class: "hint" }, lack ?? hint),
  );
  const set = (wanted) => {
    if (wanted) add(draft, name, entity, more);
    else remove(draft, name, entity);
    form.redraw();
  };
  const key = `${entity?.name ?? "app"}.feature.${name}`;
  return [check(words, Boolean(found), set, { disabled: Boolean(lack), "data-key": key }), found && entity && goesBy(found, more, entity, form)];
}

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
      const label = `${option === "by" || option === "field" ? "Goes by" : option} (${entity.label_plural}, ${feature.name})`;
      return choice(options, feature.options?.[option], set, { "aria-label": label.replaceAll("_", " ") });
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
  const [view, label] = more.view ?? [];
  if (view && !draft.pages.some((page) => page.view === view)) {
    const page = { name: free(draft, view), label, view, entity: entity?.name ?? null };
    draft.pages = view === "dashboard" ? [page, ...draft.pages] : [...draft.pages, page];
  }
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
