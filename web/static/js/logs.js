// What the running app last said, read again while the tab is open.
import { ApiError, apiText } from "./api.js";
import { $, h, icon, panelState } from "./dom.js";

const EVERY_MS = 2000;

export function createLogs(studio) {
  const panel = $("panel-logs");
  const filter = h("input", {
    class: "input log-filter",
    type: "search",
    placeholder: "Filter lines",
    "aria-label": "Filter lines",
    oninput: draw,
  });
  const wrap = h(
    "button",
    {
      class: "button ghost compact square",
      type: "button",
      "aria-pressed": "true",
      "aria-label": "Wrap long lines",
      title: "Wrap long lines",
      onclick: () => {
        const on = out.classList.toggle("wrap");
        wrap.setAttribute("aria-pressed", String(on));
      },
    },
    icon("wrap-text"),
  );
  const count = h("span", { class: "hint num" });
  const out = h("div", { class: "log wrap", tabindex: "0", role: "log", "aria-label": "App log", "aria-live": "off" });
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
      say("circle-alert", "The log can't be read", `${problem.message} It is read again by itself.`);
    }
  }

  function draw() {
    if (!text) return say("terminal", "No log lines yet", "What the running app prints appears here.");
    if (!panel.contains(box)) panel.replaceChildren(box);
    const wanted = filter.value.toLowerCase();
    const lines = text
      .replace(/\n$/, "")
      .split("\n")
      .filter((line) => line.toLowerCase().includes(wanted));
    const atEnd = out.scrollHeight - out.scrollTop - out.clientHeight < 40;
    count.textContent = `${lines.length.toLocaleString("en")} ${lines.length === 1 ? "line" : "lines"}`;
    out.replaceChildren(...lines.map((line) => h("div", { class: `log-line ${level(line)}` }, line)));
    if (atEnd) out.scrollTop = out.scrollHeight;
  }

  function say(...words) {
    text = null;
    panel.replaceChildren(panelState(...words));
  }

  return { show };
}

const level = (line) =>
  /\b(ERROR|CRITICAL|Traceback)\b|Error:|" 5\d\d\b/.test(line) ? "bad" : /\bWARN(ING)?\b/.test(line) ? "warn" : "";
