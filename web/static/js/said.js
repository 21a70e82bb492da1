// What the person wrote, at the head of its turn: stays in view while the rows below scroll, opens when it is long.
import { h } from "./dom.js";
import { ago, exact } from "./format.js";
import { say } from "./words.js";

export function createSaid() {
  const text = h("p", { class: "clamped", dir: "auto" });
  const when = h("span", { class: "age" });
  const more = h("button", { class: "link quiet", type: "button", hidden: true, onclick: toggle });
  const node = h("div", { class: "said" }, text, h("div", { class: "said-foot" }, when, more));

  function show(message, at) {
    node.hidden = message === null;
    if (message !== null && text.textContent !== message) text.textContent = message;
    when.textContent = at ? ago(at) : "";
    when.title = exact(at);
  }

  function toggle() {
    text.classList.toggle("clamped");
    fit();
  }

  // Whether lines are hidden depends on the column's width, so it is measured, not counted.
  function fit() {
    const closed = text.classList.contains("clamped");
    more.hidden = closed && text.scrollHeight <= text.clientHeight + 1;
    more.textContent = say(closed ? "said.all" : "said.less");
    more.setAttribute("aria-expanded", String(!closed));
  }

  return { node, show, fit };
}
