// What was asked for, sentence by sentence: the words it came from, whether it is proven, and by which steps.
import { openDialog } from "./dialog.js";
import { $, h, icon, panelState } from "./dom.js";
import { number, say } from "./words.js";

const LOOK = {
  proven: "circle-check",
  failed: "circle-x",
  open: "circle-dashed",
};
const AROUND = 48; // characters of the prompt on each side of the words

export function createRequirements(studio) {
  const panel = $("panel-requirements");
  const note = $("note-requirements");
  let filter = "all";
  let stamp = "";
  const opened = new Set();

  function update() {
    const items = collect(studio.builds);
    const count = tally(items);
    note.replaceChildren(...(count.failed ? [String(count.failed), h("span", { class: "sr" }, ` ${say("checks.note")}`)] : []));
    note.title = count.failed ? say("requirements.failed_count", { n: count.failed }) : "";
    const next = JSON.stringify([
      filter,
      items.map((i) => [i.id, i.text, i.status, i.reason, i.proof, i.words?.slice(0, 80)]),
    ]);
    if (next === stamp) return;
    stamp = next;
    const focused = panel.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    panel.replaceChildren(items.length ? draw(items, count) : empty());
    if (focused) panel.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
  }

  function draw(items, count) {
    const shown = items.filter((item) => filter === "all" || item.status === filter);
    return h(
      "div",
      { class: "checks requirements" },
      h(
        "header",
        { class: "checks-head" },
        h(
          "div",
          {},
          h("h2", {}, say("count.proven", { proven: count.proven, n: items.length })),
          h("p", { class: "dim" }, say("requirements.text")),
        ),
      ),
      bar(count, items.length),
      filters(count, items.length),
      shown.length
        ? h("ul", { class: "requirement-list" }, shown.map(item))
        : h("p", { class: "none-here" }, say(`requirements.none.${filter}`)),
    );
  }

  function filters(count, all) {
    const names = [
      ["all", all],
      ["proven", count.proven],
      ["open", count.open],
      ["failed", count.failed],
    ];
    return h(
      "div",
      { class: "filters", role: "group", "aria-label": say("requirements.show") },
      names.map(([name, n]) =>
        h(
          "button",
          {
            class: "button ghost compact",
            type: "button",
            "aria-pressed": String(filter === name),
            "data-key": `filter-${name}`,
            onclick: () => {
              filter = name;
              update();
            },
          },
          say(`requirement.${name}`),
          h("span", { class: "num dim" }, number(n)),
        ),
      ),
    );
  }

  function item(r) {
    const status = r.status in LOOK ? r.status : "open";
    const steps = r.proof?.steps?.length ? r.proof.steps : (r.flow ?? []).map(told);
    const why = r.status === "proven" ? null : (r.proof?.finding ?? null);
    const fold = steps.length || r.proof?.screenshot ? folded(r, steps) : null;
    return h(
      "li",
      { class: `requirement is-${r.status}` },
      icon(LOOK[status]),
      h(
        "div",
        { class: "grow requirement-body" },
        h(
          "div",
          { class: "check-line" },
          h("span", { class: "check-label", dir: "auto" }, r.text),
          h("span", { class: "check-word" }, say(`requirement.${status}`)),
        ),
        source(r),
        r.reason ? h("p", { class: "why", dir: "auto" }, r.reason) : null,
        why ? h("p", { class: "why finding-line", dir: "auto" }, why) : null,
        fold,
        r.status === "failed" ? mend(r, why) : null,
      ),
    );
  }

  // The screenshot is asked for when it is looked at, not by a panel that nobody opened.
  function folded(r, steps) {
    const words = say(r.status === "proven" ? "requirements.how" : "requirements.tried");
    const list = steps.map((step) => h("li", { dir: "auto" }, sentence(step)));
    const body = h("div", { class: "proof" }, list.length ? h("ol", { class: "proof-steps" }, list) : null);
    const summary = h("summary", { "data-key": `steps-${r.id}` }, icon("chevron-right"), words);
    const node = h("details", { class: "sub", open: opened.has(r.id) }, summary, body);
    node.addEventListener("toggle", () => {
      if (!node.open) return opened.delete(r.id);
      opened.add(r.id);
      if (r.proof?.screenshot && !body.querySelector(".proof-shot")) body.append(shot(r));
    });
    return node;
  }

  function mend(r, why) {
    const text = say("requirements.mend_this", { text: r.text }) + (why ? `\n${say("requirements.it_failed", { why })}` : "");
    return h(
      "button",
      { class: "button compact mend", type: "button", "data-fill": text },
      icon("wrench"),
      say("requirements.mend"),
    );
  }

  function shot(r) {
    const src = `/api/projects/${studio.id}/requirements/${r.id}/screenshot?of=${encodeURIComponent(`${r.proof.screenshot}-${studio.served}`)}`;
    const alt =
      say(r.status === "proven" ? "requirements.shot" : "requirements.shot_failed", { text: r.text });
    const button = h(
      "button",
      {
        class: "proof-shot",
        type: "button",
        "aria-label": say("requirements.large"),
        onclick: () =>
          openDialog(
            r.text,
            h("img", { src, alt }),
            [h("form", { method: "dialog" }, h("button", { class: "button" }, say("close")))],
            "large-shot",
          ),
      },
      h("img", { src, alt: "", loading: "lazy", onerror: () => button.remove() }),
    );
    return button;
  }

  return { update };
}

// The newest word on each; its source is a span of the message of the build that first told of that span.
export function collect(builds) {
  const found = new Map();
  for (const build of builds)
    for (const [id, told] of build.requirements) {
      const first = found.get(id);
      if (told.status === "removed") found.delete(id);
      else found.set(id, { ...told, words: first && same(first.source, told.source) ? first.words : build.message });
    }
  return [...found.values()].sort((a, b) => Number(a.id.slice(1)) - Number(b.id.slice(1)));
}

function same(one, other) {
  return String(one) === String(other);
}

function tally(items) {
  const count = { proven: 0, open: 0, failed: 0 };
  for (const { status } of items) count[status] = (count[status] ?? 0) + 1;
  return count;
}

function bar(count, all) {
  const parts = ["proven", "failed"].map((name) => {
    const part = h("span", { class: name });
    part.style.width = `${(100 * count[name]) / all}%`;
    return part;
  });
  return h("div", { class: "proven-bar", "aria-hidden": "true" }, parts);
}

// Spans count characters as the service does: by code point.
function source({ source: span, words }) {
  if (!span || !words) return null;
  const all = [...words];
  const [start, end] = span;
  if (!(start >= 0 && end > start && end <= all.length)) return null;
  const before = all.slice(Math.max(0, start - AROUND), start).join("");
  const after = all.slice(end, end + AROUND).join("");
  return h(
    "p",
    { class: "source", dir: "auto" },
    icon("quote"),
    h(
      "span",
      {},
      start > AROUND ? "…" : "",
      before,
      h("mark", {}, all.slice(start, end).join("")),
      after,
      end + AROUND < all.length ? "…" : "",
    ),
  );
}

function told(step) {
  const { do: act, role, name, ...rest } = step;
  const more = Object.entries(rest).filter(
    ([, value]) => value !== null && value !== undefined && typeof value !== "object",
  );
  return [act.replaceAll("_", " "), role, name && `“${name}”`, more.map(([k, v]) => `${k} ${v}`).join(", ")]
    .filter(Boolean)
    .join(" ");
}

const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1);

function empty() {
  const model = document.body.dataset.model === "yes";
  return panelState(
    "list-todo",
    say("requirements.none_yet"),
    model
      ? say("requirements.with_model")
      : say("requirements.without_model"),
    model
      ? []
      : [h("button", { class: "button", type: "button", "data-command": "model-help" }, say("requirements.connect"))],
  );
}
