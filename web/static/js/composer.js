// A text box that grows, counts near its limit and sends on Ctrl/⌘+Enter.
import { ApiError } from "./api.js";
import { h } from "./dom.js";
import { number, say } from "./words.js";

const TYPED = "protodex.typed";
const LIMIT = Number(document.body.dataset.maxPrompt);

// What is being written comes back once after the page was loaded anew.
export function keepTyped() {
  const text = document.querySelector(".composer textarea")?.value;
  if (text) sessionStorage.setItem(TYPED, JSON.stringify([location.pathname, text]));
}

function typed() {
  const [page, text] = JSON.parse(sessionStorage.getItem(TYPED) ?? "[]");
  sessionStorage.removeItem(TYPED);
  return page === location.pathname ? text : null;
}

// `explain` may offer a way on beside the API's words; it returns what to show, or null.
export function composer({ form, field, error, count, send, explain = () => null }) {
  const button = form.querySelector("[type=submit]");

  function grow() {
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight}px`;
    const length = [...field.value].length;
    count.textContent = length > LIMIT * 0.8 ? `${number(length)} / ${number(LIMIT)}` : "";
    count.classList.toggle("over", length > LIMIT);
  }

  function complain(message, code = "") {
    error.hidden = !message;
    error.classList.toggle("kind", code === "needs_model"); // nobody did anything wrong then
    const help = h("button", { class: "link", type: "button", "data-command": "model-help" }, say("composer.connect"));
    error.replaceChildren(...(explain(code, message) ?? [message]), ...(code === "needs_model" ? [" ", help] : []));
    field.setAttribute("aria-invalid", message && code !== "needs_model" ? "true" : "false");
  }

  async function submit() {
    if (button.disabled) return;
    if (!field.value.trim()) return (complain(say("composer.empty")), field.focus());
    complain("");
    button.disabled = true;
    try {
      await send(field.value);
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      complain(problem.message, problem.code);
      field.focus();
    } finally {
      button.disabled = false;
    }
  }

  field.addEventListener("input", () => {
    grow();
    complain("");
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      submit();
    }
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  field.value = typed() ?? field.value;
  grow();
  return {
    fill(text) {
      field.value = text;
      grow();
      complain("");
      field.focus();
    },
    clear() {
      field.value = "";
      grow();
    },
  };
}
