// Steps of the model → rows of a timeline: the one being written, those that ended, and the checkpoints between them.
// Knows nothing of how they are drawn.

const SLACK = 200; // ms: when a step began is worked out from its rounded seconds

// A step being written comes in whole each time and is never stored; one that ended takes its place.
export function applyStep(build, data, at) {
  build.model = true;
  if (data.live) {
    if (build.endedAt || data.n <= build.lastStep) return null; // a late word of a step that ended already
    build.status = "running";
    const row = stepRow(build, data.n) ?? addStep(build, data.n, Date.now());
    Object.assign(row, { live: data, state: "alive", stage: data.phase });
    return touch(row);
  }
  build.lastStep = Math.max(build.lastStep, data.n);
  const began = at - (data.seconds ?? 0) * 1000;
  const row = stepRow(build, data.n) ?? addStep(build, data.n, began);
  Object.assign(row, { step: data, live: null, state: "done", stage: data.phase, started: began, ended: at });
  return touch(row);
}

const stepRow = (build, n) => build.rows.find((r) => r.kind === "step" && r.n === n);

// What a step's own calls told (checks, a release, a new stage) was told before it ended: it goes in front of that.
function addStep(build, n, began) {
  const row = { kind: "step", key: `step-${n}`, n, started: began, ended: null, state: "alive", version: 0 };
  const last = build.rows.findLastIndex((r) => r.kind === "step");
  const own = (r) => ["checkpoint", "stage"].includes(r.kind) && r.started > began + SLACK;
  const later = build.rows.findIndex((r, at) => at > last && own(r));
  build.rows.splice(later < 0 ? build.rows.length : later, 0, row);
  return row;
}

// `build`, `verify`, `polish`: a quiet label where the work changes.
export function enterStage(build, stage, at) {
  closeCheckpoint(build, at);
  build.model = true;
  if (!stage || stage === build.stage) return;
  build.stage = stage;
  const key = `stage-${(build.made += 1)}`;
  const row = { kind: "stage", key, stage, started: at, ended: at, state: "done", version: 0 };
  const ahead = build.rows.findIndex((r) => r.kind === "step" && r.state === "alive" && r.stage === stage);
  build.rows.splice(ahead < 0 ? build.rows.length : ahead, 0, row); // what a step writes is told sooner than its stage
}

export function checkpoint(build, at) {
  const open = build.rows.findLast((r) => r.kind === "checkpoint");
  if (open?.state === "alive") return touch(open);
  const key = `checkpoint-${(build.made += 1)}`;
  const row = { kind: "checkpoint", key, started: at, ended: null, state: "alive", version: 0, checks: new Map() };
  build.rows.push(row);
  return row;
}

// A release is told of first, then its score, then that it is served: all of it belongs to the newest checkpoint.
export function released(build, values, at) {
  const row = build.rows.findLast((r) => r.kind === "checkpoint") ?? checkpoint(build, at);
  const all = [...build.requirements.values()].filter((r) => r.status !== "removed");
  Object.assign(row, values, { proven: all.filter((r) => r.status === "proven").length, total: all.length });
  return touch(row);
}

export function closeCheckpoint(build, at) {
  const row = build.rows.findLast((r) => r.kind === "checkpoint");
  if (row?.state !== "alive") return;
  const failed = [...row.checks.values()].some((c) => c.gate && c.status === "failed");
  Object.assign(touch(row), { ended: at, state: failed ? "failed" : "done" });
}

// A step that was cut off in the middle left nothing behind.
export function dropUnfinished(build) {
  build.rows = build.rows.filter((r) => r.kind !== "step" || r.step);
}

function touch(row) {
  row.version += 1;
  return row;
}
