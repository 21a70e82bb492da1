// One step of the model in words, and its folded detail: what it thought, what it called, what that changed.
import { ApiError, apiText } from "./api.js";
import { drawDiff } from "./diff.js";
import { h, icon } from "./dom.js";
import { duration, many } from "./format.js";

const MAX_THOUGHT = 12_000;
const TOOLS = {
  list_files: ["folder", "Looking at the files"],
  read_file: ["file-text", "Reading"],
  outline: ["file-text", "Looking over"],
  search: ["search", "Searching the code"],
  write_file: ["file-plus", "Writing"],
  edit_file: ["file-pen", "Editing"],
  delete_file: ["file-minus", "Deleting"],
  move_file: ["file", "Moving"],
  run_checks: ["list-checks", "Running the checks"],
  run_tests: ["list-checks", "Running the tests"],
  call_api: ["braces", "Calling the API"],
  query_db: ["database", "Asking the database"],
  browse: ["mouse-pointer-click", "Using the app"],
  read_logs: ["terminal", "Reading the logs"],
  update_requirement: ["list-todo", "Noting a requirement"],
  finish: ["circle-check", "Finishing"],
};
const NAMED = new Set(["read_file", "outline", "write_file", "edit_file", "delete_file", "move_file"]);

export const toolGlyph = (name) => TOOLS[name]?.[0] ?? "wrench";

export function writingWords(call) {
  const words =
    TOOLS[call.name]?.[1] ?? (call.name ? `Using ${call.name.replaceAll("_", " ")}` : "Deciding what to do");
  return NAMED.has(call.name) ? `${words} ${call.path || "a file"}` : words;
}

export function stepWords(row) {
  if (row.live) return liveWords(row.live);
  const { calls = [], text = "" } = row.step ?? {};
  if (!calls.length) return { glyph: "brain", title: text.trim().split("\n", 1)[0] || "Thought about it" };
  const main = calls.find((c) => c.added || c.removed) ?? calls.find((c) => c.ok) ?? calls[0];
  const others = calls.filter((c) => c !== main);
  const refused = calls.filter((c) => !c.ok).length;
  const line = [
    refused && calls.length > 1 ? `${refused} of ${calls.length} did not work` : null,
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
  return { glyph: "brain", title: text ? "Saying what comes next" : "Thinking" };
}

export function stepDetail(row, build) {
  const { reasoning, text, calls, changed } = row.step;
  return h(
    "div",
    { class: "step" },
    reasoning && folded("brain", "What it thought", () => h("p", { class: "thought", dir: "auto" }, cut(reasoning))),
    text.trim() && h("p", { class: "step-text", dir: "auto" }, cut(text.trim())),
    calls.length ? h("ul", { class: "calls" }, calls.map(callItem)) : null,
    changed ? folded("git-compare", "What changed", (body) => loadDiff(row, build, body)) : null,
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
      call.ok ? null : h("span", { class: "sr" }, "Did not work: "),
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
  body.replaceChildren(h("p", { class: "hint" }, "Reading the changes…"));
  try {
    row.diff ??= await apiText(`/api/builds/${build.id}/steps/${row.n}/diff`);
    const drawn = drawDiff(row.diff);
    body.replaceChildren(
      drawn.length
        ? h("div", { class: "diff narrow" }, drawn)
        : h("p", { class: "hint" }, "Nothing that is left was changed."),
    );
  } catch (problem) {
    if (!(problem instanceof ApiError)) throw problem;
    body.replaceChildren(h("p", { class: "hint" }, `${problem.message} Fold this and open it again to retry.`));
  }
}

export const linesWords = (n) => many(n, "line");
