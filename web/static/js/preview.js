// The running app in a frame of its own origin, at three widths; before and without it, what is going on.
import { nowWords } from "./rows.js";
import { isOver } from "./builds.js";
import { $, h, icon, panelState, store } from "./dom.js";
import { say } from "./words.js";

const WIDTHS = [
  ["desktop", "monitor"],
  ["tablet", "tablet"],
  ["phone", "smartphone"],
];
const SANDBOX = "allow-scripts allow-same-origin allow-forms allow-modals allow-downloads allow-popups";
const SLOW_MS = 1200;

export function createPreview(studio) {
  const panel = $("panel-preview");
  const stage = h("div", { class: "frame-area" });
  panel.append(stage);
  let shown = null;
  let frame = null;
  let width = store("preview-width") ?? "desktop";

  const buttons = WIDTHS.map(([name, glyph]) =>
    h(
      "button",
      {
        class: "button ghost compact square",
        type: "button",
        "aria-label": say(`width.${name}`),
        title: say(`width.${name}`),
        "aria-pressed": "false",
        dataset: { width: name },
        onclick: () => setWidth(name),
      },
      icon(glyph),
    ),
  );
  const reload = h(
    "button",
    {
      class: "button ghost compact square",
      type: "button",
      "aria-label": say("preview.reload"),
      title: `${say("preview.reload_short")}  R`,
      onclick: () => load(true),
    },
    icon("refresh-cw"),
  );
  const open = h(
    "a",
    {
      class: "button ghost compact square",
      target: "_blank",
      role: "link", // also while it has no address
      rel: "noopener",
      "aria-label": say("preview.open"),
      title: say("preview.open"),
    },
    icon("external-link"),
  );
  const tools = [h("div", { class: "segmented", role: "group", "aria-label": say("width") }, buttons), reload, open];

  function update() {
    const { project } = studio;
    if (!project) return;
    const live = Boolean(project.preview_url) && project.status === "ready";
    for (const tool of [...buttons, reload]) tool.disabled = !live;
    if (live) open.href = project.preview_url;
    else open.removeAttribute("href");
    open.setAttribute("aria-disabled", String(!live));
    if (live) return load();
    frame = null;
    const going = studio.current && !isOver(studio.current);
    const key = going
      ? `waiting ${waitingWords()}`
      : `ended ${project.status} ${studio.current?.status} ${studio.current?.checks.size}`;
    if (shown === key) return; // drawn already, and its skeleton is in mid-pulse
    shown = key;
    stage.replaceChildren(going ? waiting(waitingWords()) : ended(project));
  }

  // A new release is a new look at the same address: the frame is made anew.
  function load(again = false) {
    const { project } = studio;
    const key = `${project.preview_url} ${studio.served}`;
    if (shown === key && !again) return;
    shown = key;
    const veil = h("div", { class: "frame-veil", role: "status" });
    const slow = setTimeout(() => veil.append(icon("loader-circle", "spin"), say("preview.waking")), SLOW_MS);
    frame = h("iframe", {
      title: say("preview.of", { name: project.name }),
      sandbox: SANDBOX,
      src: project.preview_url,
      referrerpolicy: "no-referrer",
    });
    frame.addEventListener("load", () => {
      clearTimeout(slow);
      veil.remove();
    });
    const box = h("div", { class: "frame-box" }, frame, veil);
    stage.replaceChildren(box);
    setWidth(width);
  }

  function setWidth(name) {
    width = name;
    store("preview-width", name);
    stage.dataset.width = name;
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.width === name));
  }

  function waitingWords() {
    const build = studio.current;
    if (build.status === "queued") return say("now.worker");
    return nowWords(build);
  }

  function waiting(words) {
    return h(
      "div",
      { class: "frame-box ghost-app" },
      h(
        "div",
        { class: "ghost-lines", "aria-hidden": "true" },
        h("span", { class: "g-bar" }),
        h("span", { class: "g-title" }),
        h(
          "div",
          { class: "g-grid" },
          Array.from({ length: 6 }, () => h("span", {})),
        ),
      ),
      h(
        "div",
        { class: "ghost-words" },
        icon("loader-circle", "spin"),
        h("p", {}, words),
        h("p", { class: "hint" }, say("preview.soon")),
      ),
    );
  }

  function ended(project) {
    if (project.status === "rejected")
      return panelState(
        "ban",
        say("end.rejected"),
        project.error ?? say("preview.ask_else"),
        [again(say("preview.another"))],
        true,
      );
    if (studio.current?.status === "cancelled")
      return panelState(
        "circle-slash",
        say("preview.stopped"),
        say("preview.stopped_text"),
        [retry(), again(say("preview.another"))],
      );
    if (project.status === "failed")
      return panelState(
        "circle-x",
        say("end.failed"),
        [project.error ?? say("preview.no_cause"), say("preview.failed_text")],
        [retry(), studio.current?.checks.size ? toChecks() : null],
        true,
      );
    return panelState("app-window", say("preview.none"), say("preview.none_text"));
  }

  const retry = () =>
    h(
      "button",
      { class: "button primary", type: "button", onclick: () => studio.retry() },
      icon("rotate-ccw"),
      say("try_again"),
    );
  const toChecks = () =>
    h("button", { class: "button", type: "button", onclick: () => studio.show("checks") }, say("preview.checks"));
  const again = (label) => h("a", { class: "button", href: "/" }, icon("plus"), label);

  return { tools, update, reload: () => frame && load(true) };
}
