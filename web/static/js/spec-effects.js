// What saving would do to the rows that are there, asked of the server a moment after each change.
import { api, ApiError } from "./api.js";
import { h, icon } from "./dom.js";
import { say } from "./words.js";

const PAUSE = 300;

// `told` gets what the server says of a description that can't be, or null.
export function createEffects(studio, told) {
  const list = h("ul", { class: "effects" });
  const node = h("section", { class: "effects-part", "aria-label": say("effects.title"), "aria-live": "polite" }, h("h4", {}, say("effects.title")), list);
  let timer = null;
  let asked = 0;

  function show(effects) {
    list.replaceChildren(
      ...(effects.length ? effects.map(line) : [h("li", { class: "dim" }, say("effects.nothing"))]),
    );
  }

  async function ask(draft) {
    const number = (asked += 1);
    try {
      const { effects } = await api("POST", `/api/projects/${studio.id}/spec/effects`, draft);
      if (number !== asked) return;
      told(null, effects.filter((effect) => effect.loses).length);
      show(effects);
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      if (number !== asked) return;
      told(problem.status === 422 ? problem.message : null);
      list.replaceChildren(h("li", { class: "dim" }, problem.status === 422 ? say("effects.later") : problem.message));
    }
  }

  return {
    node,
    // Without a change there is nothing to foresee.
    update(draft, changed) {
      clearTimeout(timer);
      node.hidden = !changed;
      asked += 1;
      if (changed) timer = setTimeout(() => ask(draft), PAUSE);
      else told(null);
    },
  };
}

function line({ text, loses, blocks }) {
  const [glyph, kind] = blocks ? ["ban", "bad"] : loses ? ["triangle-alert", "warn"] : ["check", "good"];
  return h("li", { class: kind }, icon(glyph), h("span", { dir: "auto" }, text));
}
