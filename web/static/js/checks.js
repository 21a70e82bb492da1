// Every check of the newest build (or of the chosen release's), with its findings in words.
import { $, h, icon, panelState } from "./dom.js";
import { duration, many } from "./format.js";
import { CHECK_LOOK } from "./rows.js";

export function createChecks(studio) {
  const panel = $("panel-checks");
  const note = $("note-checks");
  let stamp = "";

  function update() {
    const build = studio.buildOf(studio.release) ?? studio.current;
    const checks = [...(build?.checks.values() ?? [])];
    const failed = checks.filter((c) => c.status === "failed").length;
    note.textContent = failed ? String(failed) : "";
    note.title = failed ? many(failed, "failed check") : "";
    const next = JSON.stringify([build?.id, build?.score, checks.map((c) => [c.name, c.status])]);
    if (next === stamp) return;
    stamp = next;
    panel.replaceChildren(checks.length ? draw(build, checks, failed) : panelState("list-checks", "No checks yet", "Each build is checked before it is served: that it parses, starts, answers and shows its first screen."));
  }

  function draw(build, checks, failed) {
    const passed = checks.filter((c) => c.status === "passed").length;
    return h("div", { class: "checks" },
      h("header", { class: "checks-head" },
        h("div", {}, h("h2", {}, failed ? `${many(failed, "check")} failed` : "Everything checked so far passed"),
          h("p", { class: "dim" }, [build.release ? `Release ${build.release}` : null, `${passed} of ${checks.length} passed`].filter(Boolean).join(" · "))),
        build.score !== null && score(build.score)),
      group("The gate", "A release is served only when all of these pass.", checks.filter((c) => c.gate)),
      group("Scored", "These rank a release and never take it down.", checks.filter((c) => !c.gate)));
  }

  function group(title, text, checks) {
    if (!checks.length) return null;
    const worst = { failed: 0, running: 1, passed: 2, skipped: 3 };
    const sorted = checks.toSorted((a, b) => worst[a.status] - worst[b.status]);
    return h("section", { class: "check-group" }, h("h3", {}, title), h("p", { class: "hint" }, text), h("ul", {}, sorted.map(item)));
  }

  function item(c) {
    const [glyph, word] = CHECK_LOOK[c.status] ?? CHECK_LOOK.skipped;
    return h("li", { class: `check check-${c.status}` }, icon(glyph, c.status === "running" ? "spin" : ""),
      h("div", { class: "grow" }, h("div", { class: "check-line" }, h("span", { class: "check-label", dir: "auto" }, c.label), h("span", { class: "check-word" }, word), h("span", { class: "num dim" }, c.status === "passed" || c.status === "failed" ? duration(c.seconds) : "")),
        c.findings?.length ? h("ul", { class: "findings" }, c.findings.map(finding)) : null));
  }

  function finding(f) {
    const place = f.path && `${f.path}${f.line ? `:${f.line}` : ""}`;
    return h("li", {}, h("span", { dir: "auto" }, f.message), place && h("button", { class: "link path", type: "button", onclick: () => studio.openFile(f.path, f.line) }, place));
  }

  return { update };
}

function score(value) {
  const bar = h("span", { class: "score-bar" }, h("span", {}));
  bar.firstChild.style.width = `${value}%`;
  return h("div", { class: "score" }, h("span", { class: "score-n num" }, String(value)), h("span", { class: "dim" }, "of 100"), bar);
}
