// The strip above the message box: what happens now, how long it takes, how to stop it.
import { isOver } from "./builds.js";
import { h, icon } from "./dom.js";
import { duration } from "./format.js";
import { nowWords } from "./rows.js";
import { createUsage } from "./usage.js";
import { say } from "./words.js";

export function createProgress(root, stop) {
  const title = h("span", { class: "grow clip" });
  const time = h("span", { class: "num dim" });
  const button = h(
    "button",
    { class: "button compact", type: "button", onclick: () => stop() },
    icon("square"),
    say("stop"),
  );
  const usage = createUsage();
  root.append(h("div", { class: "progress-line" }, icon("loader-circle", "spin"), title, time, button), usage.button);
  let build = null;
  let more = 0;

  function show() {
    root.hidden = !build || isOver(build);
    if (root.hidden) return;
    title.textContent = more > 0 ? [words(build), say("waits.more", { n: more })].join(" · ") : words(build);
    time.textContent = timeWords(build, Math.max(0, (Date.now() - (build.startedAt ?? build.knownAt)) / 1000));
    button.disabled = Boolean(build.stopping);
    usage.show(build.usage);
  }

  setInterval(show, 200);
  return {
    show: (pending) => {
      [build = null] = pending;
      more = pending.length - 1;
      show();
    },
  };
}

function words(build) {
  if (build.servedAt && !build.model) return say("now.scoring");
  if (build.status === "queued")
    return build.position ? say("now.behind", { n: build.position }) : say("now.worker");
  const step = build.rows.findLast((r) => r.state === "alive" && r.kind === "step");
  return step ? [say("now.step", { n: step.n }), nowWords(build)].join(" · ") : nowWords(build);
}

// An estimate that has passed is no help any more.
function timeWords(build, seconds) {
  const usual = usualSeconds();
  const waits = build.servedAt || build.model || build.status === "queued" || seconds > usual;
  return waits ? duration(seconds) : say("now.of_about", { time: duration(seconds), usual: duration(usual) });
}

const FIRST_GUESS = document.body.dataset.model === "yes" ? 60 : 10; // seconds, until a build was watched
const DURATIONS = "protodex.durations";

export function rememberDuration(seconds) {
  try {
    localStorage.setItem(
      DURATIONS,
      JSON.stringify([...JSON.parse(localStorage.getItem(DURATIONS) ?? "[]"), seconds].slice(-9)),
    );
  } catch {
    /* without storage there is no estimate */
  }
}

function usualSeconds() {
  try {
    const known = JSON.parse(localStorage.getItem(DURATIONS) ?? "[]").sort((a, b) => a - b);
    return known[Math.floor(known.length / 2)] ?? FIRST_GUESS;
  } catch {
    return FIRST_GUESS;
  }
}
