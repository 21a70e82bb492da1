// The app's description as a form with a preview beside it: all of it can be changed without a model. Saving is a build.
import { api, ApiError } from "./api.js";
import { colour, section, select, text } from "./controls.js";
import { $, h, icon, panelState, toast } from "./dom.js";
import { appFeatures } from "./features.js";
import { entityFields } from "./fields.js";
import { problemsOf } from "./spec-checks.js";
import { addEntity } from "./spec-edit.js";
import { createEffects } from "./spec-effects.js";
import { createHistory } from "./spec-history.js";
import { specPreview } from "./spec-preview.js";
import { say } from "./words.js";

const STYLES = [
  ["clean", say("style.clean")],
  ["editorial", say("style.editorial")],
  ["playful", say("style.playful")],
  ["bold-dark", say("style.bold_dark")],
  ["warm", say("style.warm")],
  ["technical", say("style.technical")],
];
const MODES = [
  ["system", say("mode.system")],
  ["light", say("mode.light")],
  ["dark", say("mode.dark")],
];

export function createDesign(studio) {
  const panel = $("panel-design");
  let saved = null;
  let draft = null;
  let readFor = null;
  let history = null;
  let refused = null; // what the server says of the draft
  let losing = 0; // parts of the data that saving would lose
  let shown = null; // the thing in the preview
  const open = new Set();
  const form = { open, touched, redraw, ruleProblem };
  const error = h("p", { class: "field-error design-error", role: "alert", hidden: true });
  const bar = createBar();
  const stage = h("div", { class: "design-stage" });
  const effects = createEffects(studio, (message, losses = 0) => {
    refused = message;
    losing = losses;
    complain();
  });
  const aside = h("aside", { class: "design-aside", "aria-label": say("tab.preview") }, h("div", { class: "aside-inner" }, h("p", { class: "hint aside-title" }, say("design.preview")), stage, effects.node));

  // Read anew for each release, but never under the hands of somebody who is editing.
  async function update() {
    if (!studio.served && !saved)
      return panel.replaceChildren(
        panelState(
          "palette",
          say("design.none"),
          say("design.none_text"),
        ),
      );
    if (readFor === studio.served || (draft && changed())) return null;
    readFor = studio.served;
    try {
      const spec = await api("GET", `/api/projects/${studio.id}/spec`);
      if (JSON.stringify(spec) === saved || (draft && changed())) return null;
      saved = JSON.stringify(spec);
      history = createHistory(saved);
      return take(saved);
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      readFor = null;
      return panel.replaceChildren(
        panelState("circle-alert", say("design.unreadable"), problem.message, [], true),
      );
    }
  }

  const changed = () => JSON.stringify(draft) !== saved;

  function take(json) {
    draft = JSON.parse(json);
    draft.features ??= [];
    draft.rules ??= [];
    draft.pages ??= [];
    form.draft = draft;
    draw();
    follow();
  }

  // Something changed: remember it, show it, say what is wrong with it and what it does.
  function touched() {
    history.mark(JSON.stringify(draft));
    follow();
  }

  function follow() {
    const dirty = changed();
    bar.show(dirty);
    error.hidden = true;
    drawPreview();
    complain();
    effects.update(draft, dirty);
  }

  function drawPreview() {
    const entity = draft.entities.find((e) => e.name === shown) ?? draft.entities[0];
    if (entity) stage.replaceChildren(specPreview(draft, entity));
  }

  function complain() {
    const problems = problemsOf(draft);
    for (const node of form.places) {
      const message = problems.get(node.dataset.problem);
      node.hidden = !message;
      node.textContent = message ?? "";
      node.parentElement.classList.toggle("wrong", Boolean(message));
    }
    const [first] = problems.values();
    const words = refused?.replace(/^[\w.]+: /, "");
    const inRule = draft.rules.some(ruleProblem);
    for (const node of panel.querySelectorAll("[data-rule]")) {
      const message = ruleProblem(draft.rules[Number(node.dataset.rule)] ?? {});
      node.hidden = !message;
      node.textContent = message ?? "";
    }
    const lacking = draft.rules.find(ruleProblem);
    const folded = lacking && panel.querySelector(`[data-fold="${lacking.entity}.rules"]:not([open])`);
    if (folded) folded.open = true;
    bar.wrong(first ?? (inRule ? say("design.rule_lacks") : words));
  }

  // The server names a rule by its kind and its thing.
  function ruleProblem(rule) {
    const [, kind, entity] = refused?.match(/the rule (\w+) of '(\w+)'/) ?? [];
    if (!kind || kind !== rule.kind || entity !== rule.entity) return null;
    return say("design.it", { lacks: refused.replace(/^.*?the rule \w+ of '\w+' /, "") });
  }

  const setter = (part, name) => (value) => {
    part[name] = value;
    touched();
  };

  function draw() {
    form.pending = [];
    form.places = [];
    const left = h(
      "form",
      {
        class: "design",
        novalidate: true,
        onsubmit: (event) => {
          event.preventDefault();
          save(event.submitter);
        },
        onfocusin: (event) => {
          const name = event.target.closest("[data-entity]")?.dataset.entity;
          if (!name || name === shown) return;
          shown = name;
          drawPreview();
        },
        onkeydown: keys,
      },
      outline(),
      look(),
      draft.entities.map((entity) => entityFields(entity, form)),
      newThing(),
      section(say("design.whole"), appFeatures(form)),
      error,
      bar.node,
    );
    panel.replaceChildren(h("div", { class: "design-wrap" }, left, aside));
  }

  // Drawn anew in the middle of editing: what was changed stays changed, and where the person was stays in view.
  function redraw(focus = document.activeElement?.dataset?.key) {
    const top = panel.scrollTop;
    draw();
    touched();
    panel.scrollTop = top;
    if (focus) panel.querySelector(`[data-key="${CSS.escape(focus)}"]`)?.focus({ preventScroll: true });
  }

  function outline() {
    const parts = [["design-look", say("design.look")], ...draft.entities.map((e) => [`design-${e.name}`, e.label_plural, e.name])];
    const go = ([id, , name]) => {
      shown = name ?? shown;
      drawPreview();
      $(id)?.scrollIntoView({ block: "start", behavior: "smooth" });
    };
    return h(
      "nav",
      { class: "design-outline", "aria-label": say("design.parts") },
      parts.map((part) => h("button", { class: "chip", type: "button", dir: "auto", onclick: () => go(part) }, part[1])),
      h("button", { class: "chip to-preview", type: "button", onclick: () => aside.scrollIntoView({ behavior: "smooth" }) }, say("tab.preview")),
    );
  }

  function look() {
    const theme = (name) => setter(draft.theme, name);
    const part = section(
      say("design.look"),
      h(
        "div",
        { class: "pair" },
        text(say("design.name"), draft.name, setter(draft, "name"), 120, { "data-key": "app.name" }),
        text(say("design.tagline"), draft.tagline, setter(draft, "tagline"), 200, { "data-key": "app.tagline" }),
      ),
      place("app"),
      h(
        "div",
        { class: "pair" },
        colour(say("design.background"), draft.theme.background, theme("background")),
        colour(say("design.components"), draft.theme.component, theme("component")),
      ),
      h(
        "div",
        { class: "pair" },
        select(say("design.style"), STYLES, draft.theme.style, theme("style")),
        select(say("design.mode"), MODES, draft.theme.mode, theme("mode")),
      ),
    );
    part.id = "design-look";
    return part;
  }

  function place(name) {
    const node = h("p", { class: "field-error", hidden: true, "data-problem": name });
    form.places.push(node);
    return node;
  }

  function newThing() {
    const name = h("input", {
      class: "input",
      dir: "auto",
      placeholder: say("design.another_such"),
      maxlength: 120,
      "aria-label": say("design.another"),
    });
    const add = () => {
      if (!name.value.trim()) return name.focus();
      const entity = addEntity(draft, name.value.trim());
      shown = entity.name;
      return redraw(`${entity.name}.new`);
    };
    name.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing) return;
      event.preventDefault();
      add();
    });
    const button = h("button", { class: "button", type: "button", onclick: add }, icon("plus"), say("design.add_thing"));
    return h("div", { class: "adder thing" }, name, button);
  }

  function createBar() {
    const words = h("span", { class: "grow", role: "status" });
    const button = (label, glyph, press, turn = "") =>
      h("button", { class: "button ghost square", type: "button", title: label, "aria-label": label, onclick: press }, icon(glyph, turn));
    const back = button(`${say("design.undo")} (Ctrl+Z)`, "undo-2", () => step("undo"));
    const forth = button(`${say("design.redo")} (Ctrl+Shift+Z)`, "undo-2", () => step("redo"), "turned");
    const discard = h("button", { class: "button", type: "button", onclick: () => (history.mark(saved, null), take(saved)) }, say("design.discard"));
    const go = h("button", { class: "button primary", type: "submit" }, say("design.save"));
    const node = h("div", { class: "design-bar", hidden: true }, back, forth, words, discard, go);
    return {
      node,
      show(dirty) {
        node.hidden = !dirty && !history.canRedo;
        back.disabled = !history.canUndo;
        forth.disabled = !history.canRedo;
        discard.disabled = !dirty;
      },
      wrong(message) {
        const asks = say(losing ? "design.loses" : "design.keeps");
        words.textContent = message ?? asks;
        node.classList.toggle("wrong", Boolean(message));
        go.disabled = Boolean(message) || !changed();
      },
    };
  }

  function step(way) {
    const json = history[way]();
    if (json === null) return;
    const top = panel.scrollTop;
    take(json);
    panel.scrollTop = top;
  }

  function keys(event) {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const key = event.key.toLowerCase();
    if (key === "z" || key === "y") {
      event.preventDefault();
      step(key === "y" || event.shiftKey ? "redo" : "undo");
    } else if (key === "s" || key === "enter") {
      event.preventDefault();
      panel.querySelector("form.design").requestSubmit();
    }
  }

  async function save(button) {
    if (form.pending.map((add) => add()).some(Boolean)) touched();
    if (problemsOf(draft).size || !changed()) return redraw();
    if (button) button.disabled = true;
    try {
      if (!(await studio.change(draft))) return null;
      saved = JSON.stringify(draft);
      follow();
      toast(say("design.building"));
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      error.textContent = problem.message;
      error.hidden = false;
    } finally {
      if (button) button.disabled = false;
    }
    return null;
  }

  return { update };
}
