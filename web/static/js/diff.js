// A unified diff as rows with both line numbers, one block a file.
import { h, icon } from "./dom.js";
import { say } from "./words.js";

const MAX_LINES = 6000;

export function drawDiff(text) {
  const blocks = [];
  let block = null,
    left = 0,
    right = 0,
    lines = 0;
  for (const line of text.split("\n")) {
    if (line.startsWith("diff --git ")) {
      blocks.push((block = startFile(line)));
      continue;
    }
    if (!block || /^(index|---|\+\+\+|similarity|rename|new file|deleted file|old mode|new mode)/.test(line)) continue;
    const hunk = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@(.*)/.exec(line);
    if (hunk) {
      [left, right] = [Number(hunk[1]), Number(hunk[2])];
      block.code.append(diffRow("hunk", "", "", hunk[3].trim() || "…"));
      continue;
    }
    if (line.startsWith("\\") || line === "" || ++lines > MAX_LINES) continue;
    if (line[0] === "+") {
      block.code.append(diffRow("plus", "", right++, line.slice(1)));
      block.added += 1;
    } else if (line[0] === "-") {
      block.code.append(diffRow("minus", left++, "", line.slice(1)));
      block.removed += 1;
    } else block.code.append(diffRow("", left++, right++, line.slice(1)));
  }
  const nodes = blocks.map(finish);
  if (lines > MAX_LINES)
    nodes.push(
      h(
        "p",
        { class: "diff-cut" },
        say("code.more_lines", { n: lines - MAX_LINES }),
      ),
    );
  return nodes;
}

function startFile(line) {
  const path = / b\/(.*)$/.exec(line)?.[1] ?? line.slice(11);
  return { path, added: 0, removed: 0, code: h("div", { class: "diff-code" }) };
}

function diffRow(kind, left, right, text) {
  const sign = { plus: "+", minus: "−" }[kind] ?? "";
  return h(
    "div",
    { class: `diff-row ${kind}` },
    h("span", { class: "n" }, String(left)),
    h("span", { class: "n" }, String(right)),
    h("span", { class: "sign" }, sign),
    h("span", { class: "t" }, text),
  );
}

function finish({ path, added, removed, code }) {
  return h(
    "details",
    { class: "diff-file", open: added + removed < 400 },
    h(
      "summary",
      {},
      icon("chevron-right", "fold-mark"),
      h("span", { class: "path", title: path }, h("bdi", {}, path)),
      h("span", { class: "num plus-count" }, `+${added}`),
      h("span", { class: "num minus-count" }, `−${removed}`),
    ),
    code,
  );
}
