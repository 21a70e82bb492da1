// Trade the token for a session, then go where the person wanted to be.
import { api, ApiError } from "./api.js";
import { $ } from "./dom.js";
import { say } from "./words.js";

$("signin").addEventListener("submit", async (event) => {
  event.preventDefault();
  const error = $("signin-error");
  error.hidden = true;
  try {
    await api("POST", "/api/session", { token: $("token").value });
    const next = new URL(new URLSearchParams(location.search).get("next") ?? "/", location.origin);
    location.assign(next.origin === location.origin ? next : "/"); // never to another site
  } catch (problem) {
    if (!(problem instanceof ApiError)) throw problem;
    error.textContent = problem.status === 401 ? say("signin.wrong") : problem.message;
    error.hidden = false;
    $("token").select();
  }
});
