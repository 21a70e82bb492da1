// A text box that grows, counts near its limit and sends on Ctrl/⌘+Enter.
import { ApiError } from "./api.js";
import { h } from "./dom.js";

const LIMIT = Number(document.body.dataset.maxPrompt);

// `explain` may offer a way on beside the API's words; it returns what to show, or null.
export function composer({ form, field, error, count, send, explain = () => null }) {
  const button = form.querySelector("[type=submit]");

  function grow() {
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight}px`;
    const length = [...field.value].length;
    count.textContent = length > LIMIT * 0.8 ? `${length.toLocaleString("en")} / ${LIMIT.toLocaleString("en")}` : "";
    count.classList.toggle("over", length > LIMIT);
  }

  function complain(message, code = "") {
    error.hidden = !message;
    error.classList.toggle("kind", code === "needs_model"); // nobody did anything wrong then
    const help = h("button", { class: "link", type: "button", "data-command": "model-help" }, "How to connect one");
    error.replaceChildren(...(explain(code, message) ?? [message]), ...(code === "needs_model" ? [" ", help] : []));
    field.setAttribute("aria-invalid", message && code !== "needs_model" ? "true" : "false");
  }

  async function submit() {
    if (button.disabled) return;
    if (!field.value.trim()) return (complain("Write a sentence about the app first."), field.focus());
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
