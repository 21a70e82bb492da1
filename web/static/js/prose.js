// A longer note as it is meant to be read: paragraphs, lists, and the last change as a diff. Markup stays text.
import { h } from "./dom.js";
import { say } from "./words.js";

export const isProse = (text) => text.includes("\n");

export function prose(text) {
  const parts = [];
  let list = null;
  let fence = null;
  for (const line of text.split("\n")) {
    if (line.startsWith("```"))
      fence = fence ? null : ((list = null), append(parts, h("pre", { class: "note-code", tabindex: "0" })));
    else if (fence) fence.append(codeLine(line));
    else if (!line.trim()) list = null;
    else {
      const item = /^(?:(\d+)\.|[-*])\s+(.*)/.exec(line);
      const tag = item ? (item[1] ? "OL" : "UL") : null;
      if (!item)
        ((list = null), parts.push(h("p", { class: line.endsWith(":") ? "lead-in" : null, dir: "auto" }, line)));
      else {
        if (list?.tagName !== tag) list = append(parts, h(tag.toLowerCase()));
        list.append(h("li", { dir: "auto" }, item[1] ? choice(item[2]) : item[2]));
      }
    }
  }
  return h("div", { class: "prose-body", dir: "auto" }, parts);
}

function append(parts, node) {
  parts.push(node);
  return node;
}

function codeLine(line) {
  const kind = { "+": "plus", "-": "minus", "@": "hunk" }[line[0]] ?? "";
  return h("span", { class: `code-line ${kind}` }, `${line}\n`);
}

// A choice that quotes words to send offers to write them into the message box.
function choice(text) {
  const quoted = /“([^”]+)”/.exec(text)?.[1];
  return quoted ? [text, " ", h("button", { class: "link", type: "button", "data-fill": quoted }, say("write_this"))] : text;
}
