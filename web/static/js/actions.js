// What a person can ask of a project, each one call of the API.
import { api } from "./api.js";
import { confirmDialog } from "./dialog.js";
import { h, toast } from "./dom.js";
import { say } from "./words.js";

export function createActions(studio) {
  const path = `/api/projects/${studio.id}`;

  // What would lose data is asked about first; undefined when the person keeps it.
  async function unlessLost(call) {
    try {
      return await call(false);
    } catch (problem) {
      if (problem.code !== "would_lose_data") throw problem;
      const answer = await confirmDialog({
        title: say("losing.title"),
        text: problem.message,
        action: say("losing.go"),
        danger: true,
      });
      return answer ? call(true) : undefined;
    }
  }

  async function send(text) {
    const answer = await unlessLost((confirm) => api("POST", `${path}/messages`, { text, confirm }));
    if (!answer) return false;
    const { build } = answer;
    const waits = studio.pending.length > 0;
    studio.learn({ message: text, ...build });
    if (waits)
      toast(build.position ? say("waits.behind", { n: build.position + 1 }) : say("waits.turn"));
    return true;
  }

  async function change(spec) {
    const answer = await unlessLost((confirm) => api("PUT", `${path}/spec${confirm ? "?confirm=true" : ""}`, spec));
    if (answer) studio.learn(answer.build);
    return Boolean(answer);
  }

  // The same description again, or, when it never came to one, the same prompt as a new project.
  async function retry() {
    try {
      const spec = await api("GET", `${path}/spec`).catch((problem) => {
        if (problem.status !== 404) throw problem;
      });
      if (spec) return await change(spec);
      const project = await api("POST", "/api/projects", { prompt: studio.project.prompt });
      location.assign(`/projects/${project.id}`);
    } catch (problem) {
      toast(problem.message, true);
    }
  }

  async function stop() {
    const [build] = studio.pending;
    if (!build) return;
    build.stopping = true;
    try {
      await api("POST", `/api/builds/${build.id}/cancel`);
      toast(say("stopping"));
    } catch (problem) {
      build.stopping = false;
      toast(problem.message, true);
    }
  }

  async function remove() {
    const answer = await confirmDialog({
      title: say("start.delete"),
      text: say("start.delete_text", { name: studio.project.name }),
      action: say("delete"),
      danger: true,
    });
    if (!answer) return;
    try {
      await api("DELETE", path);
      location.assign("/");
    } catch (problem) {
      toast(problem.message, true);
    }
  }

  return { send, change, retry, stop, remove };
}

// Where the page itself offers a way on, it stands beside the API's words, which are in the person's language.
export function explain(code, message) {
  if (code !== "needs_model") return null;
  return [
    message,
    " ",
    h("button", { class: "link", type: "button", "data-command": "tab-design" }, say("open_design")),
    " ",
  ];
}
