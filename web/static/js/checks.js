// Every check of the release that is looked at (or of the build that runs), with its findings in words.
import { api, ApiError } from "./api.js";
import { $, h, icon, panelState } from "./dom.js";
import { duration } from "./format.js";
import { CHECK_LOOK, checkLabel } from "./rows.js";
import { say } from "./words.js";

export function createChecks(studio) {
  const panel = $("panel-checks");
  const note = $("note-checks");
  const kept = new Map(); // what the API says of releases whose build was not watched: a restored one has no checks of its own
  let stamp = "";

  function update() {
    const { release, checks, score, running } = current();
    const failed = checks.filter((c) => c.status === "failed").length;
    note.replaceChildren(...(failed ? [String(failed), h("span", { class: "sr" }, ` ${say("checks.note")}`)] : []));
    note.title = failed ? say("checks.failed_count", { n: failed }) : "";
    const next = JSON.stringify([release, score, running, checks.map((c) => [c.name, c.status])]);
    if (next === stamp) return;
    stamp = next;
    panel.replaceChildren(
      checks.length
        ? draw(release, checks, score, failed, running)
        : panelState(
            "list-checks",
            say("checks.none_yet"),
            say("checks.none_text"),
          ),
    );
  }

  function current() {
    const n = studio.release;
    const build = studio.chosen ? studio.buildOf(n) : studio.current?.checks.size ? studio.current : studio.buildOf(n);
    if (build?.checks.size)
      return {
        release: build.release,
        checks: [...build.checks.values()],
        score: build.score,
        running: build.status === "running",
      };
    if (n && studio.caughtUp && !kept.has(n)) fetchChecks(n);
    const known = kept.get(n);
    return { release: n, checks: known?.checks ?? [], score: known?.score ?? null, running: false };
  }

  async function fetchChecks(n) {
    kept.set(n, null);
    try {
      kept.set(n, await api("GET", `/api/projects/${studio.id}/releases/${n}`));
      update();
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      kept.delete(n);
    }
  }

  function draw(release, checks, score, failed, running) {
    const passed = checks.filter((c) => c.status === "passed").length;
    const title = failed
      ? say("checks.title_failed", { n: failed })
      : running
        ? say("checks.so_far")
        : say("checks.all");
    return h(
      "div",
      { class: "checks" },
      h(
        "header",
        { class: "checks-head" },
        h(
          "div",
          {},
          h("h2", {}, title),
          h(
            "p",
            { class: "dim" },
            [release ? say("release.n", { n: release }) : null, say("checks.count", { passed, n: checks.length })].filter(Boolean).join(" · "),
          ),
        ),
        score !== null && scoreBox(score),
      ),
      group(
        say("checks.gate"),
        say("checks.gate_text"),
        checks.filter((c) => c.gate),
      ),
      group(
        say("checks.scored"),
        say("checks.scored_text"),
        checks.filter((c) => !c.gate),
      ),
    );
  }

  function group(title, text, checks) {
    if (!checks.length) return null;
    const worst = { failed: 0, running: 1, passed: 2, skipped: 3 };
    const sorted = checks.toSorted((a, b) => worst[a.status] - worst[b.status]);
    return h(
      "section",
      { class: "check-group" },
      h("h3", {}, title),
      h("p", { class: "hint" }, text),
      h("ul", {}, sorted.map(item)),
    );
  }

  function item(c) {
    const [glyph, word] = CHECK_LOOK[c.status] ?? CHECK_LOOK.skipped;
    return h(
      "li",
      { class: `check check-${c.status}` },
      icon(glyph, c.status === "running" ? "spin" : ""),
      h(
        "div",
        { class: "grow" },
        h(
          "div",
          { class: "check-line" },
          h("span", { class: "check-label", dir: "auto" }, checkLabel(c)),
          h("span", { class: "check-word" }, word),
          h("span", { class: "num dim" }, c.status === "passed" || c.status === "failed" ? duration(c.seconds) : ""),
        ),
        c.findings?.length ? h("ul", { class: "findings" }, c.findings.map(finding)) : null,
      ),
    );
  }

  function finding(f) {
    const place = f.path && `${f.path}${f.line ? `:${f.line}` : ""}`;
    return h(
      "li",
      {},
      h("span", { dir: "auto" }, f.message),
      place &&
        h("button", { class: "link path", type: "button", onclick: () => studio.openFile(f.path, f.line) }, place),
    );
  }

  return { update };
}

function scoreBox(value) {
  const bar = h("span", { class: "score-bar" }, h("span", {}));
  bar.firstChild.style.width = `${value}%`;
  return h(
    "div",
    { class: "score" },
    h("span", { class: "score-n num" }, String(value)),
    h("span", { class: "dim" }, say("checks.of_100")),
    bar,
  );
}
