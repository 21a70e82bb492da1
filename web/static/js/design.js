// The app's description as a form: its look and its fields can be changed without a model. Saving is a build.
import { api, ApiError } from "./api.js";
import { $, h, icon, panelState, toast } from "./dom.js";
import { many } from "./format.js";

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

export function createDesign(studio) {
  const panel = $("panel-design");
  let saved = null;
  let draft = null;
  let bar = null;
  let pending = [];

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
    if (draft && changed()) return null;
    try {
      const spec = await api("GET", `/api/projects/${studio.id}/spec`);
      if (JSON.stringify(spec) === saved || (draft && changed())) return null;
      saved = JSON.stringify(spec);
      draft = spec;
      return draw();
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
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
        text(
          "Name",
          draft.name,
          (v) => {
            draft.name = v;
          },
          120,
        ),
        text(
          "Tagline",
          draft.tagline,
          (v) => {
            draft.tagline = v;
          },
          200,
        ),
      ),
      section(
        "Look",
        h("div", { class: "pair" }, colour("Background", "background"), colour("Components", "component")),
        h(
          "div",
          { class: "pair" },
          select("Style", STYLES, draft.theme.style, (v) => {
            draft.theme.style = v;
          }),
          select("Mode", MODES, draft.theme.mode, (v) => {
            draft.theme.mode = v;
          }),
        ),
      ),
      draft.entities.map(entity),
      error,
      bar,
    );
    panel.replaceChildren(form);
  }

  async function save(error, button) {
    pending.forEach((add) => add()); // a field that was typed and not yet added is meant
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

  const section = (title, ...parts) => h("section", { class: "design-part" }, h("h3", { dir: "auto" }, title), parts);

  function text(label, value, set, max) {
    return h(
      "label",
      { class: "labelled" },
      label,
      h("input", {
        class: "input",
        value: value ?? "",
        dir: "auto",
        maxlength: max,
        oninput: (event) => {
          set(event.target.value);
          touched();
        },
      }),
    );
  }

  function select(label, options, value, set) {
    return h(
      "label",
      { class: "labelled" },
      label,
      h(
        "select",
        {
          class: "input",
          onchange: (event) => {
            set(event.target.value);
            touched();
          },
        },
        options.map(([name, words]) => h("option", { value: name, selected: name === value }, words)),
      ),
    );
  }

  function colour(label, part) {
    const well = h("input", {
      type: "color",
      class: "well",
      "aria-label": `${label}: choose a colour`,
      value: draft.theme[part] ?? "#888888",
    });
    const hex = h("input", {
      class: "input",
      dir: "ltr",
      value: draft.theme[part] ?? "",
      placeholder: "Chosen to suit",
      "aria-label": `${label} as hex`,
      maxlength: 7,
      spellcheck: "false",
    });
    const set = (value) => {
      draft.theme[part] = value || null;
      touched();
    };
    well.addEventListener("input", () => {
      hex.value = well.value;
      set(well.value);
    });
    hex.addEventListener("input", () => {
      if (/^#[0-9a-f]{6}$/i.test(hex.value)) well.value = hex.value.toLowerCase();
      set(hex.value.trim().toLowerCase());
    });
    return h(
      "div",
      { class: "labelled", role: "group", "aria-label": label },
      h("span", {}, label),
      h("div", { class: "colour" }, well, hex),
    );
  }

  function entity(e) {
    const list = h("ul", { class: "fields" }, e.fields.map(field));
    const count = h("p", { class: "hint" }, many(e.fields.length, "field"));
    return section(e.label_plural, count, list, adder(e, list, count));
  }

  function field(f) {
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

  function adder(e, list, count) {
    const name = h("input", {
      class: "input",
      dir: "auto",
      placeholder: "New field",
      maxlength: 120,
      "aria-label": `New field of ${e.label_plural}`,
    });
    const type = h(
      "select",
      { class: "input", "aria-label": "Its type" },
      NEW_TYPES.map(([value, words]) => h("option", { value }, words)),
    );
    const add = () => {
      if (!name.value.trim()) return;
      const fresh = {
        name: freshName(name.value, e.fields),
        type: type.value,
        label: name.value.trim(),
        required: false,
      };
      e.fields.push(fresh);
      list.append(field(fresh));
      count.textContent = many(e.fields.length, "field");
      name.value = "";
      touched();
    };
    pending.push(add);
    const press = () => {
      add();
      name.focus();
    };
    name.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.isComposing) {
        event.preventDefault();
        press();
      }
    });
    return h(
      "div",
      { class: "adder" },
      name,
      type,
      h("button", { class: "button", type: "button", onclick: press }, icon("plus"), "Add"),
    );
  }

  return { update };
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
