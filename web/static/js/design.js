// The app's description as a form: its look and its fields can be changed without a model. Saving is a build.
import { api, ApiError } from "./api.js";
import { colour, section, select, text } from "./controls.js";
import { abilities } from "./abilities.js";
import { $, h, icon, panelState, toast } from "./dom.js";
import { entityFields } from "./fields.js";
import { addEntity } from "./spec-edit.js";

const STYLES = [
  ["clean", "Clean"],
  ["editorial", "Editorial"],
  ["playful", "Playful"],
  ["bold-dark", "Bold dark"],
  ["warm", "Warm"],
  ["technical", "Technical"],
];
const MODES = [
  ["system", "As the visitor's device"],
  ["light", "Light"],
  ["dark", "Dark"],
];

export function createDesign(studio) {
  const panel = $("panel-design");
  let saved = null;
  let draft = null;
  let bar = null;
  let pending = [];
  let readFor = null;

  // Read anew for each release, but never under the hands of somebody who is editing.
  async function update() {
    if (!studio.served && !saved)
      return panel.replaceChildren(
        panelState(
          "palette",
          "Nothing to change yet",
          "When the app is described, its look and its fields can be changed here.",
        ),
      );
    if (readFor === studio.served || (draft && changed())) return null;
    readFor = studio.served;
    try {
      const spec = await api("GET", `/api/projects/${studio.id}/spec`);
      if (JSON.stringify(spec) === saved || (draft && changed())) return null;
      saved = JSON.stringify(spec);
      draft = spec;
      return draw();
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      readFor = null;
      return panel.replaceChildren(
        panelState("circle-alert", "The description can't be read", problem.message, [], true),
      );
    }
  }

  const changed = () => JSON.stringify(draft) !== saved;

  function touched() {
    const dirty = changed();
    bar.hidden = !dirty;
    panel.querySelector(".design-error").hidden = true;
  }

  const setter = (part, name) => (value) => {
    part[name] = value;
    touched();
  };
  const change = (name) => setter(draft, name);
  const changeTheme = (name) => setter(draft.theme, name);

  function draw() {
    pending = [];
    const error = h("p", { class: "field-error design-error", role: "alert", hidden: true });
    bar = h(
      "div",
      { class: "design-bar", hidden: true },
      h("span", { class: "grow" }, "Saving makes a new release. Edits made to the files are kept."),
      h(
        "button",
        {
          class: "button",
          type: "button",
          onclick: () => {
            draft = JSON.parse(saved);
            draw();
          },
        },
        "Discard",
      ),
      h("button", { class: "button primary", type: "submit" }, "Save and build"),
    );
    const form = h(
      "form",
      {
        class: "design",
        novalidate: true,
        onsubmit: (event) => {
          event.preventDefault();
          save(error, event.submitter);
        },
      },
      section(
        "About",
        text("Name", draft.name, change("name"), 120),
        text("Tagline", draft.tagline, change("tagline"), 200),
      ),
      section(
        "Look",
        h(
          "div",
          { class: "pair" },
          colour("Background", draft.theme.background, changeTheme("background")),
          colour("Components", draft.theme.component, changeTheme("component")),
        ),
        h(
          "div",
          { class: "pair" },
          select("Style", STYLES, draft.theme.style, changeTheme("style")),
          select("Mode", MODES, draft.theme.mode, changeTheme("mode")),
        ),
      ),
      draft.entities.map((entity) => entityFields(entity, { draft, touched, pending, redraw })),
      newThing(),
      abilities(draft, touched),
      error,
      bar,
    );
    panel.replaceChildren(form);
  }

  // Drawn anew in the middle of editing: what was changed stays changed.
  function redraw() {
    const top = panel.scrollTop;
    draw();
    touched();
    panel.scrollTop = top;
  }

  function newThing() {
    const name = h("input", {
      class: "input",
      dir: "auto",
      placeholder: "Another kind of thing, such as Supplier",
      maxlength: 120,
      "aria-label": "Another kind of thing",
    });
    const add = () => {
      if (!name.value.trim()) return;
      addEntity(draft, name.value.trim());
      redraw();
    };
    const button = h("button", { class: "button", type: "button", onclick: add }, icon("plus"), "Add thing");
    return h("div", { class: "adder thing" }, name, button);
  }

  async function save(error, button) {
    pending.forEach((add) => add());
    button.disabled = true;
    try {
      await studio.change(draft);
      saved = JSON.stringify(draft);
      bar.hidden = true;
      toast("Building the change");
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      error.textContent = problem.message;
      error.hidden = false;
    } finally {
      button.disabled = false;
    }
  }

  return { update };
}
