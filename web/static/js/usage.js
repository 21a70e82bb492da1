// What a build has spent, as a line that opens into a sentence for each number.
import { h, icon } from "./dom.js";
import { many } from "./format.js";

const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const share = (part) => `${Math.round(part * 100)} %`;

export function usageLine(usage, tokens = " tokens") {
  if (!usage) return null;
  return `${many(usage.steps, "step")} · ${short.format(usage.prompt)}${tokens} in · ${short.format(usage.completion)} out`;
}

function numbers(usage) {
  const { prompt, cached, wasted, tokens_per_second: speed, acceptance, context } = usage;
  return [
    ["Steps", usage.steps.toLocaleString("en"), "One answer of the model, and what it called."],
    ["Tokens in", prompt.toLocaleString("en"), "What the model read: the conversation is sent anew with each step."],
    ["Tokens out", usage.completion.toLocaleString("en"), "What the model wrote, its thoughts included."],
    prompt > 0 && [
      "From cache",
      share(cached / prompt),
      "Of what was read, this much was known from the step before and cost nearly nothing.",
    ],
    speed > 0 && ["Speed", `${Math.round(speed)} tokens/s`, "How fast the model writes."],
    Number.isFinite(acceptance) &&
      acceptance !== null && [
        "Drafts accepted",
        share(acceptance),
        "Of the tokens guessed ahead, this much was right: the more, the faster.",
      ],
    context > 0 && [
      "Window used",
      share(context),
      "How much of what the model can keep in mind is in use. It is summed up before it is full.",
    ],
    wasted > 0 && [
      "Spent on repeats",
      `${short.format(wasted)} tokens`,
      "Spent since it began repeating itself. It is stopped when that goes on.",
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
    const speed = usage.tokens_per_second > 0 && !usage.wasted ? ` · ${Math.round(usage.tokens_per_second)}/s` : "";
    words.textContent = `${usageLine(usage, "")}${speed}`;
    waste.textContent = usage.wasted > 0 ? `${short.format(usage.wasted)} on repeats` : "";
    waste.hidden = !usage.wasted;
    panel?.replaceChildren(h("h2", {}, "Spent so far"), usageList(usage));
  }

  function open() {
    panel = h("div", {
      class: "menu usage-panel",
      popover: "auto",
      role: "dialog",
      "aria-label": "Spent so far",
      tabindex: "-1",
    });
    panel.append(h("h2", {}, "Spent so far"), usageList(usage));
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
    panel.style.left = `${Math.max(8, Math.min(at.left, innerWidth - panel.offsetWidth - 8))}px`;
    panel.style.top = `${Math.max(8, at.top - panel.offsetHeight - 6)}px`;
    panel.focus();
  }

  return { button, show };
}
