// The conversation: one turn a build, one row an event; the newest row is alive, finished ones are quiet.
import { h, icon } from "./dom.js";
import { duration } from "./format.js";
import { createLiveStep } from "./live-step.js";
import { answeredQuestions, createQuestions } from "./questions.js";
import { rowDetail, rowWords } from "./rows.js";
import { createSaid } from "./said.js";

export function createTimeline(root, announce, send) {
  const turns = new Map();
  let dirty = false;
  let builds = [];
  let said = "";
  let sticks = true;

  function draw(next) {
    builds = next;
    if (dirty) return;
    dirty = true;
    requestAnimationFrame(() => {
      dirty = false;
      paint();
    });
  }

  function paint() {
    builds.forEach(paintTurn);
    fit();
    const alive = builds.at(-1)?.rows.at(-1);
    if (alive) announced(rowWords(alive, builds.at(-1)).title);
  }

  // Whoever looks at the end stays there, whatever grows; whoever scrolled up is left alone.
  function toEnd() {
    if (sticks) root.scrollTop = root.scrollHeight;
  }
  root.addEventListener("scroll", () => {
    sticks = root.scrollHeight - root.scrollTop - root.clientHeight < 80;
  });
  new ResizeObserver(fit).observe(root);

  function fit() {
    for (const turn of turns.values()) turn.said.fit();
    toEnd();
  }

  function announced(words) {
    if (words !== said) announce.textContent = said = words;
  }

  function paintTurn(build, index) {
    let turn = turns.get(build.id);
    if (!turn) {
      turn = {
        rows: new Map(),
        said: createSaid(),
        list: h("ol", { class: "rows" }),
      };
      turn.node = h("section", { class: "turn" }, turn.said.node, turn.list);
      turns.set(build.id, turn);
    }
    if (root.children[index] !== turn.node) root.insertBefore(turn.node, root.children[index] ?? null);
    turn.said.show(build.message, build.createdAt ?? build.startedAt);
    const keys = new Set(build.rows.map((r) => r.key));
    for (const [key, view] of turn.rows)
      if (!keys.has(key)) {
        view.node.remove();
        turn.rows.delete(key);
      }
    build.rows.forEach((row, at) => {
      const { node } = paintRow(turn, row, build, index);
      if (turn.list.children[at] !== node) turn.list.insertBefore(node, turn.list.children[at] ?? null);
    });
  }

  function paintRow(turn, row, build, index) {
    let view = turn.rows.get(row.key);
    if (!view) turn.rows.set(row.key, (view = newRow(row)));
    const next = row.kind === "questions" ? (builds[index + 1] ?? null) : null;
    const alone = builds.filter((b) => !b.endedAt).length < 2;
    const stamp = `${row.version}/${row.state}/${build.score}/${build.release}/${build.rejected}/${next?.message}/${alone}`;
    if (view.stamp === stamp) return view;
    view.stamp = stamp;
    build.waits = !alone;
    const words = rowWords(row, build);
    view.node.className = `row ${row.state} kind-${row.kind}${words.prose ? " prose" : ""}${row.level === "warning" ? " warns" : ""}`;
    if (row.kind === "questions") paintQuestions(view, row, next);
    paintLive(view, row);
    view.glyph.replaceChildren(
      row.state === "alive"
        ? icon("loader-circle", "spin")
        : row.kind === "stage"
          ? ""
          : icon(row.state === "failed" ? "circle-x" : words.glyph),
    );
    if (view.title.textContent !== words.title) view.title.textContent = words.title;
    view.title.title = words.clamp ? words.title : "";
    view.line.textContent = words.line ?? "";
    view.line.className = `row-line${words.mono ? " mono" : ""}${words.clamp ? " clamp" : ""}`;
    view.line.hidden = !words.line;
    showTime(view, row);
    view.detail = () => rowDetail(row, build);
    const foldable = view.detail() !== null;
    view.node.classList.toggle("foldable", foldable);
    view.head.tabIndex = foldable ? 0 : -1;
    if (foldable && !view.touched && opensItself(row, build, index === 0)) view.fold.open = true;
    if (view.fold.open) view.body.replaceChildren(view.detail() ?? "");
    return view;
  }

  // Drawn in place while it is written; gone when the step has ended and folds.
  function paintLive(view, row) {
    if (row.live && !view.live) view.node.append((view.live = createLiveStep()).node);
    if (row.live) view.live.show(row.live);
    else if (view.live) view.live = void view.live.node.remove();
  }

  function paintQuestions(view, row, next) {
    const key = next ? `${next.id} ${next.message}` : "open";
    if (view.askedFor === key) return; // what is typed into it stays
    view.askedFor = key;
    view.asked?.remove();
    view.asked = next ? answeredQuestions(row.questions, next.message) : createQuestions(row.questions, send);
    view.node.append(view.asked);
  }

  function newRow(row) {
    const view = {
      glyph: h("span", { class: "row-icon" }),
      title: h("span", { class: "row-title", dir: "auto" }),
      line: h("span", { class: "row-line", dir: "auto" }),
      time: h("span", { class: "row-time num" }),
      body: h("div", { class: "row-body" }),
      detail: () => null,
      row,
    };
    view.head = h(
      "summary",
      { class: "row-head" },
      view.glyph,
      h("span", { class: "row-text" }, view.title, view.line),
      view.time,
      icon("chevron-right", "fold-mark"),
    );
    view.fold = h("details", {}, view.head, view.body);
    view.node = h("li", {}, view.fold);
    view.head.addEventListener("click", (event) => {
      view.touched = true;
      if (!view.node.classList.contains("foldable")) event.preventDefault();
    });
    view.fold.addEventListener("toggle", () => {
      if (!view.fold.open) return;
      view.body.replaceChildren(view.detail() ?? "");
      if (view.touched) view.node.scrollIntoView({ block: "nearest" }); // of the last row it lay below the edge
    });
    return view;
  }

  function tick() {
    for (const turn of turns.values())
      for (const view of turn.rows.values()) if (view.row.state === "alive") showTime(view, view.row);
  }

  setInterval(tick, 200);
  return { draw };
}

const opensItself = (row, build, first) =>
  (row.kind === "spec" && first && Boolean(build.spec)) ||
  (row.kind === "checks" && row.state === "failed") ||
  (row.kind === "note" && row.level === "warning");

function showTime(view, row) {
  const end = row.ended ?? Date.now();
  const seconds = Math.max(0, (end - row.started) / 1000);
  view.time.textContent = ["note", "end", "stage", "questions"].includes(row.kind) ? "" : duration(seconds);
}
