// Events → what each build is doing, as rows of a timeline. Knows nothing of how it is drawn.

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
  };
}

export function applyEvent(build, kind, data) {
  const at = data.at ? new Date(data.at).getTime() : Date.now();
  build.startedAt ??= at;
  if (kind === "build" && data.phase) return changePhase(build, data, at);
  if (kind === "build" && data.score !== undefined) return ((build.score = data.score), touch(row(build, "score", at)));
  if (kind === "spec")
    return (
      (build.spec = data.spec),
      Object.assign(touch(row(build, "spec", at)), { understood: data.understood ?? [], unused: data.unused ?? [] })
    );
  if (kind === "file") return addFile(build, data, at);
  if (kind === "check") return addCheck(build, data, at);
  if (kind === "release") return (build.release = data.n);
  if (kind === "preview")
    return ((build.release = data.release), (build.servedAt ??= at), (touch(row(build, "preview", at)).url = data.url));
  if (kind === "note") return once(build, "note", at, { text: data.text, level: data.level ?? "info" });
  if (kind === "step")
    return once(build, "step", at, {
      text: data.text ?? data.summary ?? data.message ?? "The model took a step",
      seconds: data.seconds ?? null,
    });
  return null; // requirement and usage are read elsewhere
}

function changePhase(build, { phase, message }, at) {
  build.phase = phase;
  if (phase in ENDS) return end(build, phase, message, at);
  build.status = phase === "queued" ? "queued" : "running";
  closeAlive(build, at);
  const kind = ROW_OF_PHASE[phase] ?? "note";
  const last = build.rows.findLast((r) => r.kind === kind);
  if (last && !last.started) return ((last.started = at), touch(last));
  const fresh = {
    kind,
    key: `${kind}-${build.rows.length}`,
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
  closeAlive(build, at);
  if (failed && alive) alive.state = "failed";
  build.status = phase;
  build.endedAt = at;
  build.error = failed ? message : null;
  build.rows = build.rows.filter((r) => r.kind !== "queued" || build.rows.length === 1);
  build.rows.push({ kind: "end", key: "end", state: ENDS[phase], started: at, ended: at, version: 0, message });
}

// The row an event belongs to: the newest of its kind, whether its phase was announced or not.
function row(build, kind, at) {
  const found = build.rows.findLast((r) => r.kind === kind);
  if (found) return found;
  const fresh = {
    kind,
    key: `${kind}-${build.rows.length}`,
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
    key: `${kind}-${build.rows.length}`,
    started: at,
    ended: at,
    state: values.level === "error" ? "failed" : "done",
    version: 0,
    ...values,
  });
}

function addFile(build, { path, change, lines }, at) {
  build.files.set(path, { path, change, lines });
  const target = touch(row(build, "files", at));
  target.files ??= new Map();
  target.files.set(path, { path, change, lines });
  target.newest = path;
}

function addCheck(build, check, at) {
  build.checks.set(check.name, check);
  const target = touch(row(build, check.gate ? "checks" : "score", at));
  target.checks ??= new Map();
  target.checks.set(check.name, check);
}

function closeAlive(build, at) {
  for (const r of build.rows) {
    if (r.state !== "alive") continue;
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
