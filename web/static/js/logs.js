// What the running app last said, read again while the tab is open.
import { ApiError, apiText } from "./api.js";
import { $, h, icon, panelState } from "./dom.js";
import { say } from "./words.js";

const EVERY_MS = 2000;

export function createLogs(studio) {
  const panel = $("panel-logs");
  const filter = h("input", {
    class: "input log-filter",
    type: "search",
    placeholder: say("logs.filter"),
    "aria-label": say("logs.filter"),
    oninput: draw,
  });
  const wrap = h(
    "button",
    {
      class: "button ghost compact square",
      type: "button",
      "aria-pressed": "true",
      "aria-label": say("logs.wrap"),
      title: say("logs.wrap"),
      onclick: () => {
        const on = out.classList.toggle("wrap");
        wrap.setAttribute("aria-pressed", String(on));
      },
    },
    icon("wrap-text"),
  );
  const count = h("span", { class: "hint num" });
  const out = h("div", { class: "log wrap", tabindex: "0", role: "log", "aria-label": say("logs.label"), "aria-live": "off" });
  const box = h(
    "div",
    { class: "logs" },
    h("div", { class: "log-bar" }, filter, count, h("span", { class: "grow" }), wrap),
    out,
  );
  let text = null;
  let timer = null;

  function show(visible) {
    clearInterval(timer);
    if (!visible) return;
    read();
    timer = setInterval(read, EVERY_MS);
  }

  async function read() {
    if (document.hidden) return;
    try {
      const next = await apiText(`/api/projects/${studio.id}/log`);
      if (next !== text) {
        text = next;
        draw();
      }
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      state("circle-alert", say("logs.unreadable"), `${problem.message} ${say("logs.again")}`);
    }
  }

  function draw() {
    if (!text) return state("terminal", say("logs.none"), say("logs.none_text"));
    if (!panel.contains(box)) panel.replaceChildren(box);
    const wanted = filter.value.toLowerCase();
    const lines = text
      .replace(/\n$/, "")
      .split("\n")
      .filter((line) => line.toLowerCase().includes(wanted));
    const atEnd = out.scrollHeight - out.scrollTop - out.clientHeight < 40;
    count.textContent = say("count.lines", { n: lines.length });
    out.replaceChildren(...lines.map((line) => h("div", { class: `log-line ${level(line)}` }, line)));
    if (atEnd) out.scrollTop = out.scrollHeight;
  }

  function state(...words) {
    text = null;
    panel.replaceChildren(panelState(...words));
  }

  return { show };
}

const level = (line) =>
  /\b(ERROR|CRITICAL|Traceback)\b|Error:|" 5\d\d\b/.test(line) ? "bad" : /\bWARN(ING)?\b/.test(line) ? "warn" : "";
