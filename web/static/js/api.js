// The JSON API. A refusal becomes an ApiError whose message is already a sentence for a person.

import { say } from "./words.js";

export class ApiError extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export async function api(method, path, body) {
  const response = await ask(method, path, body);
  return response.status === 204 ? null : response.json();
}

export async function apiText(path) {
  return (await ask("GET", path)).text();
}

async function ask(method, path, body) {
  const headers = method === "GET" ? {} : { "Content-Type": "application/json" };
  const payload = method === "GET" ? undefined : JSON.stringify(body ?? {});
  let response;
  try {
    response = await fetch(path, { method, headers, body: payload, credentials: "same-origin" });
  } catch {
    throw new ApiError(0, "offline", say("unreachable"));
  }
  if (response.ok) return response;
  if (response.status === 401 && location.pathname !== "/signin") {
    location.assign(`/signin?next=${encodeURIComponent(location.pathname)}`);
  }
  const answer = await response.json().catch(() => ({}));
  const { code = "failed", message = say("went_wrong") } = answer.error ?? {};
  throw new ApiError(response.status, code, message);
}
