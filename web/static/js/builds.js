// Events → what each build is doing, as rows of a timeline. Knows nothing of how it is drawn.
import { applyStep, checkpoint, closeCheckpoint, dropUnfinished, enterStage, released } from "./steps.js";

const ROW_OF_PHASE = {
  queued: "queued",
  drafting: "spec",
  rendering: "files",
  checking: "checks",
  serving: "preview",
  scoring: "score",
};
const ENDS = { succeeded: "done", failed: "failed", cancelled: "cancelled" };

export function newBuild(id) {
  return {
    id,
    message: null,
    kind: null,
    status: "queued",
    phase: null,
    rows: [],
    made: 0, // rows so far: each gets a key of its own
    knownAt: Date.now(),
    createdAt: null,
    startedAt: null,
    endedAt: null,
    servedAt: null,
    spec: null,
    release: null,
    score: null,
    error: null,
    files: new Map(),
    checks: new Map(),
    position: null,
    model: false,
    stage: null,
    lastStep: 0,
    usage: null,
    scores: new Map(), // of the releases of this build
    requirements: new Map(),
  };
}

export function applyEvent(build, kind, data) {
  const at = data.at ? new Date(data.at).getTime() : Date.now();
  build.startedAt ??= at;
  if (kind === "step") return applyStep(build, data, at);
  if (kind === "requirement") return build.requirements.set(data.id, data);
  if (kind === "usage") return (build.usage = data);
  if (kind === "build" && data.phase) return changePhase(build, data, at);
  if (kind === "build" && data.score !== undefined) return addScore(build, data, at);
  if (kind === "build" && data.release && build.stage) return released(build, { release: data.release }, at);
  if (kind === "spec")
    return (
      (build.spec = data.spec),
      Object.assign(touch(row(build, "spec", at)), { understood: data.understood ?? [], unused: data.unused ?? [] })
    );
  if (kind === "file") return addFile(build, data, at);
  if (kind === "check") return addCheck(build, data, at);
  if (kind === "release") return (build.release = data.n);
  if (kind === "preview") return addPreview(build, data, at);
  if (kind === "note" && data.questions?.length)
    return once(build, "questions", at, { questions: data.questions, text: data.text });
  if (kind === "note") return once(build, "note", at, { text: data.text, level: data.level ?? "info" });
  return null;
}

function addScore(build, { release, score }, at) {
  build.score = score;
  build.scores.set(release ?? build.release, score);
  return build.stage ? released(build, { release, score }, at) : touch(row(build, "score", at));
}

function addPreview(build, { release, url }, at) {
  build.release = release;
  build.servedAt ??= at;
  if (build.stage) return released(build, { release, served: true }, at);
  return (touch(row(build, "preview", at)).url = url);
}

function changePhase(build, { phase, message }, at) {
  build.phase = phase;
  if (phase in ENDS) return end(build, phase, message, at);
  build.status = phase === "queued" ? "queued" : "running";
  if (phase === "working") return (closeAlive(build, at, "step"), enterStage(build, message, at));
  if (build.stage && phase !== "queued") return phase === "serving" ? null : checkpoint(build, at);
  closeAlive(build, at);
  dropUnfinished(build);
  const kind = ROW_OF_PHASE[phase] ?? "note";
  const last = build.rows.findLast((r) => r.kind === kind);
  if (last && !last.started) return ((last.started = at), touch(last));
  const fresh = {
    kind,
    key: `${kind}-${(build.made += 1)}`,
    started: at,
    ended: null,
    state: "alive",
    version: 0,
    message,
  };
  if (kind === "note") fresh.text = message || phase;
  build.rows.push(fresh);
  return fresh;
}

function end(build, phase, message, at) {
  const failed = phase === "failed";
  const alive = build.rows.findLast((r) => r.state === "alive");
  closeCheckpoint(build, at);
  closeAlive(build, at);
  dropUnfinished(build);
  if (failed && alive) alive.state = "failed";
  build.status = phase;
  build.endedAt = at;
  build.error = failed ? message : null;
  build.rows = build.rows.filter((r) => r.kind !== "queued" || build.rows.length === 1);
  build.rows.push({ kind: "end", key: "end", state: ENDS[phase], started: at, ended: at, version: 0, message });
  const asked = build.rows.filter((r) => r.kind === "questions");
  build.rows = [...build.rows.filter((r) => r.kind !== "questions"), ...asked]; // what waits for the person comes last
}

// The row an event belongs to: the newest of its kind, whether its phase was announced or not.
function row(build, kind, at) {
  const found = build.rows.findLast((r) => r.kind === kind);
  if (found) return found;
  const fresh = {
    kind,
    key: `${kind}-${(build.made += 1)}`,
    started: at,
    ended: null,
    state: build.endedAt ? "done" : "alive",
    version: 0,
  };
  closeAlive(build, at);
  build.rows.push(fresh);
  return fresh;
}

function once(build, kind, at, values) {
  build.rows.push({
    kind,
    key: `${kind}-${(build.made += 1)}`,
    started: at,
    ended: at,
    state: values.level === "error" ? "failed" : "done",
    version: 0,
    ...values,
  });
}

function addFile(build, { path, change, lines }, at) {
  build.files.set(path, { path, change, lines });
  if (build.stage) return; // the step that changed it says so
  const target = touch(row(build, "files", at));
  target.files ??= new Map();
  target.files.set(path, { path, change, lines });
  target.newest = path;
}

function addCheck(build, check, at) {
  build.checks.set(check.name, check);
  const target = build.stage ? checkpoint(build, at) : touch(row(build, check.gate ? "checks" : "score", at));
  target.checks ??= new Map();
  target.checks.set(check.name, check);
}

function closeAlive(build, at, except = null) {
  for (const r of build.rows) {
    if (r.state !== "alive" || r.kind === except) continue;
    r.ended = at;
    r.state = [...(r.checks?.values() ?? [])].some((c) => c.status === "failed" && c.gate) ? "failed" : "done";
    touch(r);
  }
}

function touch(r) {
  r.version += 1;
  return r;
}

export const isOver = (build) => ["succeeded", "failed", "cancelled"].includes(build.status);
