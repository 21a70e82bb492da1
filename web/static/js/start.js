// The start page: send a prompt, and the projects made so far.
import { api } from "./api.js";
import { composer } from "./composer.js";
import { confirmDialog, openMenu } from "./dialog.js";
import { $, h, icon, panelState, toast } from "./dom.js";
import { ago, exact, statusOf } from "./format.js";
import { drawnThumbnail } from "./thumbnail.js";
import { say } from "./words.js";

const list = $("projects");
const state = $("projects-state");
const more = $("more");
let cursor = null;

const box = composer({
  form: $("composer"),
  field: $("prompt"),
  error: $("composer-error"),
  count: $("composer-count"),
  send: async (prompt) => {
    const project = await api("POST", "/api/projects", { prompt });
    location.assign(`/projects/${project.id}`);
  },
});

for (const chip of document.querySelectorAll("[data-prompt]"))
  chip.addEventListener("click", () => box.fill(chip.dataset.prompt));
more.addEventListener("click", load);

async function load() {
  more.disabled = true;
  const slow = setTimeout(() => {
    if (!list.children.length) list.append(...skeletons());
  }, 300);
  try {
    const page = await api("GET", `/api/projects?limit=24${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`);
    list.querySelectorAll(".waiting").forEach((node) => node.remove());
    list.append(...page.items.map(card));
    cursor = page.next;
    more.hidden = !cursor;
    showState();
  } catch (problem) {
    list.querySelectorAll(".waiting").forEach((node) => node.remove());
    fail(problem);
  } finally {
    clearTimeout(slow);
    more.disabled = false;
    list.setAttribute("aria-busy", "false");
  }
}

function showState() {
  state.hidden = list.children.length > 0;
  state.replaceChildren(
    ...panelState(
      "layers",
      say("start.none"),
      say("start.none_text"),
    ).childNodes,
  );
}

function fail(problem) {
  if (list.children.length) return toast(problem.message, true);
  state.hidden = false;
  state.replaceChildren(
    ...panelState(
      "circle-alert",
      say("start.not_listed"),
      problem.message,
      [h("button", { class: "button", type: "button", onclick: load }, say("try_again"))],
      true,
    ).childNodes,
  );
}

function card(project) {
  const name = project.name || say("start.untitled");
  const menu = h(
    "button",
    {
      class: "button ghost compact square card-menu",
      type: "button",
      "aria-haspopup": "menu",
      "aria-label": say("start.actions", { name }),
    },
    icon("ellipsis"),
  );
  const node = h(
    "li",
    { class: "card" },
    thumb(project),
    h(
      "div",
      { class: "card-line" },
      h(
        "div",
        { class: "card-text" },
        h("a", { class: "card-name", href: `/projects/${project.id}`, dir: "auto", title: name }, name),
        h(
          "div",
          { class: "card-meta" },
          h("span", { class: `dot ${statusOf(project)}` }),
          h("span", {}, say(`status.${statusOf(project)}`)),
          project.created_at && h("span", { title: exact(project.created_at) }, `· ${ago(project.created_at)}`),
        ),
      ),
      menu,
    ),
  );
  menu.addEventListener("click", () =>
    openMenu(
      menu,
      [
        ...(project.preview_url && project.status === "ready"
          ? [
              {
                label: say("start.open"),
                glyph: "external-link",
                run: () => open(project.preview_url, "_blank", "noopener"),
              },
            ]
          : []),
        { label: say("delete"), glyph: "trash-2", danger: true, run: () => remove(project, node) },
      ],
      say("start.actions", { name }),
    ),
  );
  return node;
}

function thumb(project) {
  const frame = h("div", { class: "thumb" }, drawnThumbnail(project.id));
  if (project.releases?.length || project.status === "ready") {
    const image = new Image();
    image.alt = "";
    image.onload = () => frame.replaceChildren(image);
    image.src = `/projects/${encodeURIComponent(project.id)}/thumbnail`;
  }
  return frame;
}

async function remove(project, node) {
  const answer = await confirmDialog({
    title: say("start.delete"),
    text: say("start.delete_text", { name: project.name || say("start.untitled") }),
    action: say("delete"),
    danger: true,
  });
  if (!answer) return;
  try {
    await api("DELETE", `/api/projects/${project.id}`);
    node.remove();
    showState();
    toast(say("start.deleted"));
  } catch (problem) {
    toast(problem.message, true);
  }
}

const skeletons = () =>
  Array.from({ length: 3 }, () =>
    h("li", { class: "card waiting", "aria-hidden": "true" }, h("div", { class: "thumb skeleton" })),
  );

load();
