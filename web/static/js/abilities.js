// What the app can do, as switches: features that need no more than to be wanted.
import { section } from "./controls.js";
import { h } from "./dom.js";

const FEATURES = [
  ["create", "Add rows"],
  ["edit", "Edit rows"],
  ["delete", "Delete rows"],
  ["favorites", "Favourites"],
  ["like", "Likes"],
  ["ratings", "Star ratings"],
  ["comments", "Comments"],
  ["export", "Export as CSV and JSON"],
  ["import", "Import from CSV"],
  ["print", "Print"],
  ["randomize", "Pick one at random"],
  ["streaming_updates", "Live updates"],
  ["dashboard", "Dashboard"],
];
const WHOLE_APP = new Set(["streaming_updates", "dashboard"]);

export function abilities(draft, touched) {
  return section(
    "What it can do",
    h(
      "ul",
      { class: "abilities" },
      FEATURES.map(([name, words]) => h("li", {}, toggle(draft, name, words, touched))),
    ),
  );
}

function toggle(draft, name, words, touched) {
  const has = () => (draft.features ?? []).some((feature) => feature.name === name);
  const box = h("input", {
    type: "checkbox",
    checked: has(),
    onchange: (event) => {
      draft.features = (draft.features ?? []).filter((feature) => feature.name !== name);
      draft.pages = (draft.pages ?? []).filter((page) => page.view !== name);
      if (event.target.checked) add(draft, name);
      touched();
    },
  });
  return h("label", { class: "checkbox" }, box, words);
}

function add(draft, name) {
  const first = draft.entities[0];
  const options = name === "export" ? { formats: ["csv", "json"] } : {};
  const everywhere = WHOLE_APP.has(name) || ["create", "edit", "delete", "export"].includes(name);
  draft.features.push({ name, ...(everywhere ? {} : { entity: first.name }), options });
  const view = { favorites: "Favourites", dashboard: "Dashboard" }[name];
  if (view && draft.pages.every((page) => page.name !== name)) {
    draft.pages.push({ name, label: view, view: name, ...(name === "favorites" && { entity: first.name }) });
  }
}
