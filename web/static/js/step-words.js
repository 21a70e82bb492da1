// One step of the model in words, and its folded detail: what it thought, what it called, what that changed.
import { ApiError, apiText } from "./api.js";
import { drawDiff } from "./diff.js";
import { h, icon } from "./dom.js";
import { duration } from "./format.js";
import { say } from "./words.js";

const MAX_THOUGHT = 12_000;
const TOOLS = {
  list_files: "folder",
  read_file: "file-text",
  outline: "file-text",
  search: "search",
  write_file: "file-plus",
  edit_file: "file-pen",
  delete_file: "file-minus",
  move_file: "file",
  run_checks: "list-checks",
  run_tests: "list-checks",
  call_api: "braces",
  query_db: "database",
  browse: "mouse-pointer-click",
  read_logs: "terminal",
  update_requirement: "list-todo",
  finish: "circle-check",
};
const NAMED = new Set(["read_file", "outline", "write_file", "edit_file", "delete_file", "move_file"]);

export const toolGlyph = (name) => TOOLS[name] ?? "wrench";

export function writingWords(call) {
  if (NAMED.has(call.name)) return say(`tool.${call.name}`, { path: call.path || say("tool.a_file") });
  if (call.name in TOOLS) return say(`tool.${call.name}`);
  return call.name ? say("tool.other", { name: call.name.replaceAll("_", " ") }) : say("tool.deciding");
}

export function stepWords(row) {
  if (row.live) return liveWords(row.live);
  const { calls = [], text = "" } = row.step ?? {};
  if (!calls.length) return { glyph: "brain", title: text.trim().split("\n", 1)[0] || say("step.thought") };
  const main = calls.find((c) => c.added || c.removed) ?? calls.find((c) => c.ok) ?? calls[0];
  const others = calls.filter((c) => c !== main);
  const refused = calls.filter((c) => !c.ok).length;
  const line = [
    refused && calls.length > 1 ? say("step.refused", { refused, n: calls.length }) : null,
    ...others.filter((c) => c.ok).map((c) => c.summary),
  ].filter(Boolean);
  return {
    glyph: main.ok ? toolGlyph(main.name) : "triangle-alert",
    title: main.summary || main.name,
    line: line.length ? line.join(" · ") : null,
    clamp: true,
  };
}

function liveWords({ calls, text }) {
  const newest = calls.at(-1);
  if (newest) return { glyph: toolGlyph(newest.name), title: writingWords(newest) };
  return { glyph: "brain", title: say(text ? "step.saying" : "step.thinking") };
}

export function stepDetail(row, build) {
  const { reasoning, text, calls, changed } = row.step;
  return h(
    "div",
    { class: "step" },
    reasoning && folded("brain", say("step.its_thoughts"), () => h("p", { class: "thought", dir: "auto" }, cut(reasoning))),
    text.trim() && h("p", { class: "step-text", dir: "auto" }, cut(text.trim())),
    calls.length ? h("ul", { class: "calls" }, calls.map(callItem)) : null,
    changed ? folded("git-compare", say("step.changed"), (body) => loadDiff(row, build, body)) : null,
  );
}

const cut = (text) => (text.length > MAX_THOUGHT ? `…${text.slice(-MAX_THOUGHT)}` : text);

function callItem(call) {
  const mark = call.ok ? icon(toolGlyph(call.name)) : icon("triangle-alert", "warn");
  const head = [
    mark,
    h(
      "span",
      { class: "grow call-summary", dir: "auto" },
      call.ok ? null : h("span", { class: "sr" }, `${say("step.failed")} `),
      call.summary,
    ),
    call.added ? h("span", { class: "num plus-count" }, `+${call.added}`) : null,
    call.removed ? h("span", { class: "num minus-count" }, `−${call.removed}`) : null,
    h("span", { class: "num dim" }, duration(call.seconds)),
  ];
  if (!call.result) return h("li", {}, h("div", { class: "call-head" }, head));
  const result = h("pre", { class: "call-result", tabindex: "0", dir: "auto" }, call.result);
  return h(
    "li",
    {},
    h("details", {}, h("summary", { class: "call-head" }, head, icon("chevron-right", "fold-mark")), result),
  );
}

// Filled when it is opened for the first time.
function folded(glyph, words, fill) {
  const body = h("div", { class: "folded-body" });
  const node = h("details", { class: "sub" }, h("summary", {}, icon("chevron-right"), words), body);
  node.addEventListener("toggle", () => {
    if (!node.open || body.firstChild) return;
    const content = fill(body);
    if (content instanceof Node) body.append(content);
  });
  return node;
}

async function loadDiff(row, build, body) {
  body.replaceChildren(h("p", { class: "hint" }, say("step.reading")));
  try {
    row.diff ??= await apiText(`/api/builds/${build.id}/steps/${row.n}/diff`);
    const drawn = drawDiff(row.diff);
    body.replaceChildren(
      drawn.length
        ? h("div", { class: "diff narrow" }, drawn)
        : h("p", { class: "hint" }, say("step.nothing")),
    );
  } catch (problem) {
    if (!(problem instanceof ApiError)) throw problem;
    body.replaceChildren(h("p", { class: "hint" }, `${problem.message} ${say("step.retry")}`));
  }
}

export const linesWords = (n) => say("count.lines", { n });
