// What a build has spent, as a line that opens into a sentence for each number.
import { fromRight, h, icon } from "./dom.js";
import { number, say } from "./words.js";

const short = (n) => number(n, { notation: "compact", maximumFractionDigits: 1 });
const share = (part) => say("usage.share", { n: Math.round(part * 100) });

export function usageLine(usage, read = "usage.tokens_in") {
  if (!usage) return null;
  return [say("count.steps", { n: usage.steps }), say(read, { count: short(usage.prompt) }), say("usage.out", { count: short(usage.completion) })].join(" · ");
}

function numbers(usage) {
  const { prompt, cached, wasted, tokens_per_second: speed, acceptance, context } = usage;
  return [
    [say("usage.steps"), number(usage.steps), say("usage.steps_text")],
    [say("usage.read"), number(prompt), say("usage.read_text")],
    [say("usage.written"), number(usage.completion), say("usage.written_text")],
    prompt > 0 && [
      say("usage.cached"),
      share(cached / prompt),
      say("usage.cached_text"),
    ],
    speed > 0 && [say("usage.speed"), say("usage.per_second", { n: Math.round(speed) }), say("usage.speed_text")],
    Number.isFinite(acceptance) &&
      acceptance !== null && [
        say("usage.accepted"),
        share(acceptance),
        say("usage.accepted_text"),
      ],
    context > 0 && [
      say("usage.window"),
      share(context),
      say("usage.window_text"),
    ],
    wasted > 0 && [
      say("usage.repeats"),
      say("usage.tokens", { count: short(wasted) }),
      say("usage.repeats_text"),
    ],
  ].filter(Boolean);
}

export function usageList(usage) {
  return h(
    "dl",
    { class: "usage-list" },
    numbers(usage).map(([name, value, words]) =>
      h("div", {}, h("dt", {}, name), h("dd", { class: "num" }, value), h("dd", { class: "words" }, words)),
    ),
  );
}

export function createUsage() {
  const words = h("span", { class: "num clip" });
  const waste = h("span", { class: "waste num" });
  const button = h(
    "button",
    {
      class: "usage",
      type: "button",
      "aria-haspopup": "dialog",
      "aria-expanded": "false",
      hidden: true,
      onclick: open,
    },
    icon("gauge"),
    words,
    waste,
    icon("chevron-up"),
  );
  let usage = null;
  let panel = null;

  function show(next) {
    button.hidden = !next;
    if (!next || next === usage) return;
    usage = next;
    const speed = usage.tokens_per_second > 0 && !usage.wasted ? ` · ${say("usage.rate", { n: Math.round(usage.tokens_per_second) })}` : "";
    words.textContent = `${usageLine(usage, "usage.in")}${speed}`;
    waste.textContent = usage.wasted > 0 ? say("usage.on_repeats", { count: short(usage.wasted) }) : "";
    waste.hidden = !usage.wasted;
    panel?.replaceChildren(h("h2", {}, say("usage.so_far")), usageList(usage));
  }

  function open() {
    panel = h("div", {
      class: "menu usage-panel",
      popover: "auto",
      role: "dialog",
      "aria-label": say("usage.so_far"),
      tabindex: "-1",
    });
    panel.append(h("h2", {}, say("usage.so_far")), usageList(usage));
    document.body.append(panel);
    panel.addEventListener("toggle", (event) => {
      if (event.newState !== "closed") return;
      button.setAttribute("aria-expanded", "false");
      panel.remove();
      panel = null;
      button.focus();
    });
    panel.showPopover();
    button.setAttribute("aria-expanded", "true");
    const at = button.parentElement.getBoundingClientRect(); // what happens now and how to stop it stay in view
    panel.style.left = `${Math.max(8, Math.min(fromRight ? at.right - panel.offsetWidth : at.left, innerWidth - panel.offsetWidth - 8))}px`;
    panel.style.top = `${Math.max(8, at.top - panel.offsetHeight - 6)}px`;
    panel.focus();
  }

  return { button, show };
}
