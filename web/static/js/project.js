// The project page: one state, kept by the API and the event stream, and the parts that draw it.
import { createActions, explain } from "./actions.js";
import { api } from "./api.js";
import { applyEvent, isOver, newBuild } from "./builds.js";
import { createChecks } from "./checks.js";
import { createCode } from "./code.js";
import { composer } from "./composer.js";
import { createDesign } from "./design.js";
import { $, h, panelState, toast } from "./dom.js";
import { statusOf } from "./format.js";
import { createLogs } from "./logs.js";
import { createProgress, rememberDuration } from "./progress.js";
import { addProjectCommands } from "./project-commands.js";
import { createPreview } from "./preview.js";
import { createReleases } from "./releases.js";
import { createRequirements } from "./requirements.js";
import { setUpSplit } from "./split.js";
import { openStream } from "./stream.js";
import { setUpTabs } from "./tabs.js";
import { createTimeline } from "./timeline.js";
import { knows, say } from "./words.js";

const CATCH_UP_MS = 1000; // by then the stream has sent what happened before
const QUEUE_MS = 3000;
const JUST_NOW_MS = 10_000; // a replayed event says nothing about how long things take today
const id = $("split").dataset.project;
const builds = new Map();
let drawing = null;
let waiting = null;
const studio = {
  id,
  project: null,
  chosen: null,
  tab: "preview",
  caughtUp: false,
  get builds() {
    return [...builds.values()].sort(
      (a, b) => (a.createdAt ?? a.startedAt ?? Infinity) - (b.createdAt ?? b.startedAt ?? Infinity),
    );
  },
  get current() {
    return this.builds.at(-1) ?? null;
  },
  // The one that runs, then those that wait for it.
  get pending() {
    return this.builds.filter((b) => !isOver(b));
  },
  get served() {
    return this.project?.served_release ?? null;
  },
  get release() {
    return this.chosen ?? this.served;
  },
  buildOf: (n) => (n ? (studio.builds.findLast((b) => b.release === n) ?? null) : null),
  choose(n) {
    this.chosen = n === this.served ? null : n;
    if (this.chosen && this.tab === "preview") tabs.show("code");
    drawStage();
  },
  show: (tab) => tabs.show(tab),
  openFile(path, line) {
    tabs.show("code");
    code.jump(path, line);
  },
  refresh,
  // What the API answered of a build that was just asked for.
  learn(build) {
    knowBuild(build);
    draw();
  },
};
const { send, change, retry, stop, remove } = createActions(studio);
Object.assign(studio, { change, retry });

const split = setUpSplit();
const timeline = createTimeline($("timeline"), $("announce"), send);
const progress = createProgress($("progress"), stop);
const preview = createPreview(studio),
  releases = createReleases(studio),
  code = createCode(studio),
  checks = createChecks(studio),
  requirements = createRequirements(studio),
  design = createDesign(studio),
  logs = createLogs(studio);
const previewTools = h("div", { class: "tool-group" }, preview.tools);
$("stage-tools").append(previewTools, ...releases.tools);
const tabs = setUpTabs((name) => {
  studio.tab = name;
  previewTools.hidden = name !== "preview";
  logs.show(name === "logs");
  drawStage();
});
const box = composer({
  form: $("composer"),
  field: $("message"),
  error: $("message-error"),
  count: $("message-count"),
  send: async (text) => {
    if (await send(text)) box.clear();
  },
  explain,
});

// Anything that quotes words to send writes them into the message box; sending stays with the person.
document.addEventListener("click", (event) => {
  const words = event.target.closest?.("[data-fill]")?.dataset.fill;
  if (!words) return;
  split.showSide("side");
  box.fill(words);
});

addProjectCommands({ studio, split, tabs, preview, releases, stop, remove });
tabs.start();
if (await refresh()) {
  if (studio.project.status === "ready" && studio.current && isOver(studio.current)) split.showSide("stage"); // on a phone: the app first
  openStream(id, { onEvent: receive, onState: connection });
  setInterval(lookAtQueue, QUEUE_MS);
}

async function refresh() {
  try {
    studio.project = await api("GET", `/api/projects/${id}`);
  } catch (problem) {
    if (problem.status === 404) notFound();
    else toast(problem.message, true);
    return false;
  }
  if (studio.project.build) knowBuild(studio.project.build);
  draw();
  return true;
}

function knowBuild(fresh) {
  const build = buildFor(fresh.id);
  build.message = fresh.message ?? build.message ?? "";
  if (fresh.created_at) build.createdAt = new Date(fresh.created_at).getTime();
  build.release ??= fresh.release ?? null;
  build.position = fresh.position ?? null;
  if (!build.endedAt && fresh.status) build.status = fresh.status;
  if (fresh.error && !build.error) build.error = fresh.error;
  return build;
}

function buildFor(buildId) {
  if (!builds.has(buildId)) builds.set(buildId, newBuild(buildId));
  return builds.get(buildId);
}

function receive(kind, data) {
  if (!data.build_id) return;
  const isNew = !builds.has(data.build_id);
  const build = buildFor(data.build_id);
  if (isNew)
    api("GET", `/api/builds/${data.build_id}`)
      .then((known) => {
        knowBuild(known);
        draw();
      })
      .catch(() => {
        build.message = "";
        draw();
      });
  applyEvent(build, kind, data);
  const justServed = kind === "preview" && Date.now() - build.servedAt < JUST_NOW_MS;
  if (justServed) rememberDuration((build.servedAt - build.startedAt) / 1000);
  if (justServed) {
    refresh();
    split.tellNews(say("release.live"));
  } else if (kind === "preview" || kind === "spec" || (kind === "build" && (data.score !== undefined || isOver(build))))
    soon();
  draw();
}

// How many are ahead changes by other projects' builds, of which no event tells here.
function lookAtQueue() {
  if (studio.pending.some((b) => b.status === "queued") && !document.hidden && navigator.onLine) refresh();
}

// Many events of one moment ask for one look at the project.
function soon() {
  waiting ??= setTimeout(() => {
    waiting = null;
    refresh();
  }, 150);
}

// Many events of one moment are drawn once.
function draw() {
  drawing ??= requestAnimationFrame(() => {
    drawing = null;
    drawNow();
  });
}

function drawNow() {
  if (studio.project?.status === "rejected" && studio.current) studio.current.rejected = true;
  timeline.draw(studio.builds);
  progress.show(studio.pending);
  $("message-hint").textContent = studio.pending.length ? say("row.waits") : "";
  drawHead();
  drawStage();
}

function drawHead() {
  const { project } = studio;
  if (!project) return;
  $("project-name").textContent = project.name;
  $("project-name").title = project.name;
  document.title = `${project.name} · Protodex`;
  const status = headStatus(project);
  $("project-status").replaceChildren(h("span", { class: `dot ${status}` }), knows(`status.${status}`) ? say(`status.${status}`) : status);
}

// The events know sooner than the project's row: once the app is served it is ready, scored or not.
function headStatus(project) {
  if ([...builds.values()].some((b) => b.status === "running" && !b.servedAt)) return "building";
  const going = studio.pending.find((b) => b.status === "running");
  if (going?.model) return "improving";
  if (!going && studio.current?.rows.at(-1)?.kind === "questions") return "asking";
  return going ? "ready" : statusOf(project);
}

function drawStage() {
  releases.update();
  checks.update();
  requirements.update();
  preview.update();
  if (studio.tab === "code") code.update();
  if (studio.tab === "design") design.update();
}

function connection(state) {
  if (state === "open" && !studio.caughtUp)
    setTimeout(() => {
      studio.caughtUp = true;
      drawStage();
    }, CATCH_UP_MS);
  if (!navigator.onLine) return; // the page's own banner says so already
  const banner = $("offline");
  banner.hidden = state === "open";
  banner.textContent = state === "open" ? "" : say("reconnecting");
}

function notFound() {
  $("main").replaceChildren(
    panelState("search", say("project.none"), say("project.none_text"), [
      h("a", { class: "button", href: "/" }, say("project.all")),
    ]),
  );
  $("project-name").textContent = say("project.not_found");
}
