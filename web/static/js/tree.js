// A file tree: arrows move and unfold, Enter opens, a letter jumps. Folders first, one line each.
import { BACK, FORTH, h, icon } from "./dom.js";
import { say } from "./words.js";

const FEW = 8; // a folder of more files starts folded, so that the top stays in sight

export function createTree(onOpen) {
  const root = h("ul", { class: "tree", role: "tree", "aria-label": say("code.files") });
  let selected = null;

  function show(files, path) {
    selected = path;
    root.replaceChildren(...branch(nest(files), 1));
    const item = root.querySelector("[aria-selected=true]") ?? root.querySelector("[role=treeitem]");
    if (!item) return;
    for (let up = item.parentElement.closest("[role=treeitem]"); up; up = up.parentElement.closest("[role=treeitem]"))
      unfold(up, true);
    item.tabIndex = 0;
    item.scrollIntoView({ block: "nearest" });
  }

  function branch(node, level) {
    const folders = [...node.folders.entries()].sort(([a], [b]) => a.localeCompare(b));
    const files = [...node.files].sort((a, b) => a.name.localeCompare(b.name));
    return [...folders.map(([name, inner]) => folder(name, inner, level)), ...files.map((file) => leaf(file, level))];
  }

  function folder(name, inner, level) {
    const line = h(
      "span",
      { class: "tree-line" },
      icon("chevron-right", "tree-mark"),
      icon("folder"),
      h("span", { class: "clip", title: name }, name),
    );
    const item = h(
      "li",
      {
        role: "treeitem",
        "aria-expanded": String(level < 2 && count(inner) <= FEW),
        "aria-level": level,
        tabindex: "-1",
        dataset: { name },
      },
      line,
      h("ul", { role: "group" }, branch(inner, level + 1)),
    );
    indent(line, level);
    line.addEventListener("click", () => {
      focus(item);
      unfold(item, item.getAttribute("aria-expanded") !== "true");
    });
    return item;
  }

  function leaf(file, level) {
    const line = h(
      "span",
      { class: "tree-line" },
      h("span", { class: "tree-mark" }),
      icon(file.name.endsWith(".md") ? "file-text" : "file"),
      h("span", { class: "clip", title: file.path }, file.name),
    );
    const item = h(
      "li",
      {
        role: "treeitem",
        "aria-level": level,
        "aria-selected": String(file.path === selected),
        tabindex: "-1",
        dataset: { path: file.path, name: file.name },
      },
      line,
    );
    indent(line, level);
    line.addEventListener("click", () => {
      focus(item);
      choose(item);
    });
    return item;
  }

  function choose(item) {
    root.querySelectorAll("[aria-selected=true]").forEach((other) => other.setAttribute("aria-selected", "false"));
    item.setAttribute("aria-selected", "true");
    onOpen((selected = item.dataset.path));
  }

  function focus(item) {
    root.querySelectorAll("[tabindex='0']").forEach((other) => {
      other.tabIndex = -1;
    });
    item.tabIndex = 0;
    item.focus();
  }

  root.addEventListener("keydown", (event) => {
    const item = event.target.closest("[role=treeitem]");
    const visible = [...root.querySelectorAll("[role=treeitem]")].filter((node) => node.checkVisibility());
    const at = visible.indexOf(item);
    const open = item.getAttribute("aria-expanded");
    const parent = item.parentElement.closest("[role=treeitem]");
    const moves = {
      ArrowDown: () => visible[at + 1] && focus(visible[at + 1]),
      ArrowUp: () => visible[at - 1] && focus(visible[at - 1]),
      [FORTH]: () =>
        open === "false" ? unfold(item, true) : open === "true" && visible[at + 1] && focus(visible[at + 1]),
      [BACK]: () => (open === "true" ? unfold(item, false) : parent && focus(parent)),
      Home: () => focus(visible[0]),
      End: () => focus(visible.at(-1)),
      Enter: () => (open ? unfold(item, open !== "true") : choose(item)),
    };
    moves[" "] = moves.Enter;
    const jump = event.key.length === 1 && /\S/.test(event.key) && !event.ctrlKey && !event.metaKey;
    if (moves[event.key]) moves[event.key]();
    else if (jump)
      [...visible.slice(at + 1), ...visible.slice(0, at)]
        .find((n) => n.dataset.name.toLowerCase().startsWith(event.key.toLowerCase()))
        ?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  return { node: root, show };
}

const count = (node) => node.files.length + [...node.folders.values()].reduce((sum, inner) => sum + count(inner), 0);
const unfold = (item, open) => item.setAttribute("aria-expanded", String(open));
const indent = (line, level) => {
  line.style.paddingInlineStart = `${(level - 1) * 14 + 6}px`;
};

function nest(files) {
  const root = { folders: new Map(), files: [] };
  for (const { path } of files) {
    const parts = path.split("/");
    let node = root;
    for (const part of parts.slice(0, -1)) {
      if (!node.folders.has(part)) node.folders.set(part, { folders: new Map(), files: [] });
      node = node.folders.get(part);
    }
    node.files.push({ name: parts.at(-1), path });
  }
  return root;
}
