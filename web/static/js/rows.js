// The words and the folded detail of one row of the timeline.
import { h, icon } from "./dom.js";
import { duration } from "./format.js";
import { isProse, prose } from "./prose.js";
import { specSummary } from "./spec.js";
import { stepDetail, stepWords } from "./step-words.js";
import { usageList, usageLine } from "./usage.js";
import { knows, language, say } from "./words.js";

const tally = (checks) => {
  const all = [...(checks?.values() ?? [])];
  return {
    all: all.length,
    failed: all.filter((c) => c.status === "failed").length,
    passed: all.filter((c) => c.status === "passed").length,
    now: all.find((c) => c.status === "running"),
  };
};

const KINDS = {
  queued: (r, build) => ({
    glyph: "clock",
    title: r.message ? say("row.again") : waitingWords(r, build),
    line: r.message,
  }),
  spec: (r) => ({ glyph: "text-search", title: say(r.state === "done" ? "row.understood" : "row.reading") }),
  files: (r) => {
    const files = [...(r.files?.values() ?? [])];
    const lines = files.reduce((sum, f) => sum + (f.lines ?? 0), 0);
    const title =
      r.state !== "done"
        ? say("row.writing")
        : files.length
          ? say("row.wrote", { n: files.length })
          : say("row.nothing");
    const newest = r.files?.get(r.newest);
    const line =
      r.state === "alive"
        ? newest && `${newest.path} · ${say("count.lines", { n: newest.lines })}`
        : files.length
          ? say("count.lines", { n: lines })
          : null;
    return { glyph: "file-code", title, line, mono: r.state === "alive" };
  },
  checks: (r) => checkWords(r, "checks"),
  score: (r, build) => {
    const words = checkWords(r, "scores");
    return build.score === null
      ? words
      : { ...words, glyph: "sparkles", title: say("scores.of_100", { n: build.score }), line: words.line ?? words.title };
  },
  preview: (r, build) => ({
    glyph: "rocket",
    title: r.state !== "done" ? say("row.starting") : say("row.preview", { n: build.release ?? "" }),
  }),
  note: (r) => ({
    glyph: r.level === "info" ? "info" : "triangle-alert",
    title: isProse(r.text) ? r.text.split("\n", 1)[0] : r.text,
    prose: true,
  }),
  questions: (r) => ({ glyph: "circle-question-mark", title: r.text }),
  step: stepWords,
  stage: (r) => ({ title: knows(`stage.${r.stage}`) ? say(`stage.${r.stage}`) : r.stage }),
  checkpoint: checkpointWords,
  end: (r, build) =>
    ({
      done: {
        glyph: "circle-check",
        title: build.release ? say("end.ready", { n: build.release }) : say("end.done"),
        line: usageLine(build.usage),
      },
      failed: {
        glyph: "circle-x",
        title: say(build.rejected ? "end.rejected" : "end.failed"),
        line: r.message || say("end.no_cause"),
        prose: true,
      },
      cancelled: {
        glyph: "circle-slash",
        title: say("status.stopped"),
        line: build.servedAt
          ? say(build.model ? "end.stays" : "end.stays_unscored", { n: build.release })
          : say("end.nothing"),
      },
    })[r.state],
};

const waitingWords = (r, build) =>
  say(r.state !== "alive" ? "row.waited" : build.waits ? "row.waits" : "row.waiting");

function checkpointWords(r, build) {
  const { failed, now } = tally(r.checks);
  if (r.state === "alive") return { glyph: "list-checks", title: say("row.checking"), line: now && checkLabel(now) };
  const first = [...r.checks.values()].find((c) => c.gate && c.status === "failed");
  if (first)
    return {
      glyph: "list-checks",
      title: say("row.failed_stays"),
      line: first.findings?.[0]?.message ?? checkLabel(first),
    };
  if (!r.release)
    return {
      glyph: "list-checks",
      title: say("row.kept"),
      line: failed ? say("count.findings", { n: failed }) : null,
    };
  const line = [
    Number.isFinite(r.score) ? say("row.score", { n: r.score }) : null,
    r.total ? say("count.proven", { proven: r.proven, n: r.total }) : null,
    failed ? say("row.to_mend", { n: failed }) : null,
  ];
  return {
    glyph: "rocket",
    title: releaseTitle(r, build),
    line: line.filter(Boolean).join(" · "),
  };
}

// New proofs of the files that are live already make no other release.
function releaseTitle(r, build) {
  if (r.served) return say("row.live", { n: r.release });
  const known = build.rows.some((other) => other.served && other.release === r.release);
  return say(known ? "row.tried" : "row.made", { n: r.release });
}

function checkWords(r, kind) {
  const { all, failed, passed, now } = tally(r.checks);
  if (r.state === "alive")
    return { glyph: "list-checks", title: say(`${kind}.doing`), line: now ? checkLabel(now) : passed ? say("row.passed_so_far", { n: passed }) : null };
  if (now && !failed) return { glyph: "circle-slash", title: say(`${kind}.interrupted`, { n: passed }) };
  const title = failed ? say(`${kind}.failed`, { failed, n: all }) : all ? say(`${kind}.passed`, { n: all }) : say(`${kind}.none`);
  const first = [...(r.checks?.values() ?? [])].find((c) => c.status === "failed");
  return { glyph: "list-checks", title, line: first && (first.findings?.[0]?.message ?? checkLabel(first)) };
}

export const rowWords = (r, build) => KINDS[r.kind]?.(r, build) ?? { glyph: "info", title: r.kind };

// What happens right now, in a few words; between two steps the model reads before its first word comes.
export function nowWords(build) {
  const alive = build.rows.findLast((r) => r.state === "alive");
  if (build.stage && !alive) return say("step.thinking");
  const row = alive ?? build.rows.at(-1);
  return row ? rowWords(row, build).title : say("row.begins");
}

export function rowDetail(r, build) {
  if (r.kind === "step") return r.step ? stepDetail(r, build) : null;
  if (r.kind === "note" && isProse(r.text)) return prose(r.text.split("\n").slice(1).join("\n"));
  if (r.kind === "end" && build.usage) return usageList(build.usage);
  if (r.kind === "checkpoint" && r.checks.size) return checkList([...r.checks.values()]);
  if (r.kind === "spec" && build.spec) return specSummary(build.spec, r.understood, r.unused);
  if (r.kind === "files" && r.files) return fileList([...r.files.values()]);
  if ((r.kind === "checks" || r.kind === "score") && r.checks) return checkList([...r.checks.values()]);
  return null;
}

const CHANGE = { added: "file-plus", changed: "file-pen", deleted: "file-minus" };

function fileList(files) {
  return h(
    "ul",
    { class: "mini-list files" },
    files
      .sort((a, b) => a.path.localeCompare(b.path))
      .map((f) => {
        const change = f.change in CHANGE ? f.change : "changed";
        return h(
          "li",
          {},
          icon(CHANGE[change]),
          h("span", { class: "sr" }, say(`change.${change}`)),
          h("span", { class: "path", title: f.path }, h("bdi", {}, f.path)),
          h("span", { class: "num dim" }, String(f.lines ?? "")),
        );
      }),
  );
}

// Checks come with their names in English; those of the studio have one in every language.
export const checkLabel = (c) => (language !== "en" && knows(`check.${c.name}`) ? say(`check.${c.name}`) : c.label);

export const CHECK_LOOK = {
  passed: ["circle-check", say("result.passed")],
  failed: ["circle-x", say("result.failed")],
  running: ["loader-circle", say("result.running")],
  skipped: ["circle-slash", say("result.skipped")],
};

function checkList(checks) {
  return h(
    "ul",
    { class: "mini-list" },
    checks.map((c) => {
      const [glyph, word] = CHECK_LOOK[c.status] ?? CHECK_LOOK.skipped;
      return h(
        "li",
        { class: `check-${c.status}` },
        icon(glyph, c.status === "running" ? "spin" : ""),
        h("span", { class: "sr" }, word),
        h(
          "span",
          { class: "grow", dir: "auto" },
          checkLabel(c),
          c.findings?.length && c.status === "failed" ? h("span", { class: "finding", dir: "auto" }, c.findings[0].message) : null,
        ),
        h("span", { class: "num dim" }, c.status === "running" ? "" : duration(c.seconds)),
      );
    }),
  );
}
