// The step that is being written, drawn in place: what it thinks, what it says, and files growing. However much is
// written, only the newest lines are in the page.
import { h, icon } from "./dom.js";
import { linesWords, toolGlyph, writingWords } from "./step-words.js";
import { say } from "./words.js";

const SHOWN_CALLS = 5;
const THOUGHT = 6_000;
const TEXT = 2_000;
const LINE = 200;
const TAIL_LINES = 12;

export function createLiveStep() {
  const thought = h("p", { class: "thought", dir: "auto" });
  const thinking = h(
    "details",
    { class: "sub thinking", hidden: true },
    h("summary", {}, icon("chevron-right"), say("step.thinks")),
    thought,
  );
  const text = h("p", { class: "step-text", dir: "auto", hidden: true });
  const more = h("p", { class: "hint", hidden: true });
  const list = h("ul", { class: "writing" });
  const node = h("div", { class: "live-step" }, thinking, text, more, list);
  const items = new Map();

  function show(live) {
    thinking.hidden = !live.reasoning;
    const peeks = !thinking.open && !live.calls.length && !live.text;
    thinking.classList.toggle("peek", peeks);
    write(thought, live.reasoning.slice(-THOUGHT));
    thought.scrollTop = thought.scrollHeight;
    text.hidden = !live.text.trim();
    write(text, live.text.trim().slice(-TEXT));
    const first = Math.max(0, live.calls.length - SHOWN_CALLS);
    more.hidden = !first;
    write(more, first ? say("step.before", { n: first }) : "");
    for (const [at, item] of items) if (at < first || at >= live.calls.length) (item.node.remove(), items.delete(at));
    live.calls.slice(first).forEach((call, at) => showCall(first + at, call, first + at === live.calls.length - 1));
  }

  function showCall(at, call, newest) {
    let item = items.get(at);
    if (!item) (items.set(at, (item = newItem())), list.append(item.node));
    const name = `${call.name}/${call.path}`;
    if (item.name !== name) {
      item.name = name;
      item.glyph.replaceChildren(icon(toolGlyph(call.name)));
      item.title.replaceChildren(h("bdi", {}, call.path || writingWords(call)));
      item.title.className = call.path ? "path" : "grow clip";
    }
    write(item.lines, call.lines ? linesWords(call.lines) : "");
    const tail = newest && call.tail ? call.tail.split("\n").slice(-TAIL_LINES) : null;
    item.tail.hidden = !tail;
    write(item.tail, tail ? tail.map((line) => line.slice(0, LINE)).join("\n") : "");
    item.tail.scrollTop = item.tail.scrollHeight;
  }

  thinking.addEventListener("toggle", () => thinking.classList.remove("peek"));
  return { node, show };
}

function newItem() {
  const glyph = h("span", { class: "row-icon" });
  const title = h("span", {});
  const lines = h("span", { class: "num dim" });
  const tail = h("pre", { class: "tail", "aria-hidden": "true", dir: "ltr", hidden: true });
  return {
    name: null,
    glyph,
    title,
    lines,
    tail,
    node: h("li", {}, h("div", { class: "call-head" }, glyph, title, lines), tail),
  };
}

function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
