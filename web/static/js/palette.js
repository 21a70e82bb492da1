// The command palette: one box, commands and projects, arrows and Enter.
import { api } from "./api.js";
import { allCommands } from "./commands.js";
import { show } from "./dialog.js";
import { h, icon } from "./dom.js";
import { say } from "./words.js";

export function openPalette() {
  if (document.querySelector("dialog[open]")) return;
  let items = allCommands()
    .filter((c) => c.name !== "palette")
    .toSorted((a, b) => (a.group === say("commands")) - (b.group === say("commands")));
  let shown = [];
  let selected = 0;
  const list = h("div", { class: "palette-list", role: "listbox", id: "palette-list", "aria-label": say("commands") });
  const input = h("input", {
    class: "palette-input",
    type: "text",
    placeholder: say("palette.placeholder"),
    role: "combobox",
    dir: "auto",
    "aria-expanded": "true",
    "aria-controls": "palette-list",
    "aria-label": say("palette.label"),
    autocomplete: "off",
    spellcheck: "false",
  });
  const dialog = h("dialog", { class: "palette", "aria-label": say("commands") }, input, list);

  function draw() {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    shown = items.filter((item) => words.every((word) => item.label.toLowerCase().includes(word)));
    selected = 0;
    list.replaceChildren();
    let group = null;
    shown.forEach((item, index) => {
      if (item.group !== group)
        list.append(h("div", { class: "palette-group", role: "presentation" }, (group = item.group)));
      list.append(
        h(
          "div",
          { class: "palette-item", role: "option", id: `palette-${index}`, onclick: () => choose(index) },
          icon(item.glyph),
          h("span", { class: "clip", dir: "auto", title: item.label }, item.label),
          item.keys && h("kbd", {}, item.keys),
        ),
      );
    });
    if (!shown.length) list.append(h("div", { class: "palette-group" }, say("palette.none")));
    mark();
  }

  function mark() {
    list
      .querySelectorAll("[role=option]")
      .forEach((node, index) => node.setAttribute("aria-selected", String(index === selected)));
    const node = list.querySelector(`#palette-${selected}`);
    node?.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", node ? node.id : "");
  }

  function choose(index) {
    const item = shown[index];
    if (!item) return;
    dialog.close();
    item.run();
  }

  input.addEventListener("input", draw);
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && shown.length) {
      event.preventDefault();
      selected = (selected + step + shown.length) % shown.length;
      mark();
    }
    if (event.key === "Enter") {
      event.preventDefault();
      choose(selected);
    }
  });
  show(dialog);
  input.focus();
  draw();
  api("GET", "/api/projects?limit=50")
    .then(({ items: projects }) => {
      items = [
        ...items,
        ...projects.map((p) => ({
          name: p.id,
          label: p.name || p.slug,
          glyph: "app-window",
          group: say("palette.projects"),
          run: () => location.assign(`/projects/${p.id}`),
        })),
      ];
      draw();
    })
    .catch(() => {});
}
