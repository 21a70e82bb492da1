// What the model asks before it goes on: choices to tap, words of one's own, or none of it. One message answers all.
import { ApiError } from "./api.js";
import { h, icon } from "./dom.js";
import { say } from "./words.js";

const AS_IT_IS = "Build it as it is."; // the loop knows it by these words, whatever the page's language

export function createQuestions(questions, send) {
  const parts = questions.map(question);
  const skippable = questions.every((q) => q.skip !== false);
  const error = h("p", { class: "field-error", role: "alert", hidden: true });
  const go = h("button", { class: "button primary compact", type: "submit" }, say(skippable ? "questions.build" : "questions.send"));
  const skip = h(
    "button",
    { class: "button ghost compact", type: "button", onclick: () => post(AS_IT_IS) },
    say("questions.skip"),
  );
  const form = h(
    "form",
    { class: "questions", novalidate: true },
    parts.map((p) => p.node),
    error,
    h("div", { class: "actions" }, go, skippable ? skip : null),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const answered = parts.filter((p) => p.answer());
    if (answered.length) return post(answered.map((p) => `Question: ${p.text}\nAnswer: ${p.answer()}`).join("\n"));
    return complain(say(skippable ? "questions.none_or_skip" : "questions.none"));
  });

  async function post(text) {
    complain("");
    go.disabled = skip.disabled = true;
    try {
      await send(text);
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      complain(problem.message);
    } finally {
      go.disabled = skip.disabled = false;
    }
  }

  function complain(message) {
    error.hidden = !message;
    error.textContent = message;
  }

  return form;
}

let made = 0;

function question({ text, choices = [] }) {
  const name = `question-${(made += 1)}`;
  const own = h("input", {
    class: "input",
    dir: "auto",
    maxlength: 500,
    placeholder: say(choices.length ? "questions.own" : "questions.answer"),
    "aria-label": text,
    oninput: () => own.value && radios.forEach((radio) => (radio.checked = false)),
  });
  const radios = choices
    .slice(0, 6)
    .map((value) => h("input", { type: "radio", name, value, onchange: () => (own.value = "") }));
  const chips = radios.map((radio) => h("label", { class: "choice", dir: "auto" }, radio, radio.value));
  return {
    text,
    answer: () => own.value.trim() || radios.find((radio) => radio.checked)?.value || "",
    node: h(
      "fieldset",
      {},
      h("legend", { dir: "auto" }, text),
      chips.length ? h("div", { class: "choices" }, chips) : null,
      own,
    ),
  };
}

// Once answered, the questions are only looked back at.
export function answeredQuestions(questions, message) {
  const answers = new Map();
  for (const [, asked, answer] of (message ?? "").matchAll(/^Question: (.*)\nAnswer: (.*)$/gm))
    answers.set(asked, answer);
  return h(
    "dl",
    { class: "answered" },
    questions.map(({ text }) => [
      h("dt", { dir: "auto" }, text),
      h("dd", { dir: "auto" }, answers.has(text) ? [icon("check"), answers.get(text)] : [icon("minus"), say("questions.open")]),
    ]),
  );
}
