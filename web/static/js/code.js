// The code of a release: tree, coloured file, and what changed since another release.
import { api, apiText, ApiError } from "./api.js";
import { drawDiff } from "./diff.js";
import { $, h, icon, panelState, toast } from "./dom.js";
import { bytes } from "./format.js";
import { createTree } from "./tree.js";
import { say } from "./words.js";

export function createCode(studio) {
  const panel = $("panel-code");
  const title = h("span", { class: "path code-path", dir: "ltr" });
  const size = h("span", { class: "dim num code-size" });
  const copy = h(
    "button",
    { class: "button ghost compact", type: "button", onclick: copyFile },
    icon("copy"),
    h("span", {}, say("code.copy")),
  );
  const base = h("select", {
    class: "select",
    "aria-label": say("code.compare_with"),
    onchange: () => (base.value ? showDiff() : openFile(path)),
  });
  const back = h(
    "button",
    {
      class: "button ghost compact square tree-toggle",
      type: "button",
      "aria-label": say("code.show_files"),
      title: say("code.files"),
      onclick: () => panel.classList.toggle("tree-open"),
    },
    icon("folder"),
  );
  const view = h("div", { class: "code-view" });
  const tree = createTree((next) => {
    base.value = "";
    panel.classList.remove("tree-open");
    openFile(next);
  });
  const side = h("div", { class: "code-side" }, tree.node);
  const main = h(
    "div",
    { class: "code-main" },
    h("div", { class: "code-bar" }, back, title, size, h("span", { class: "grow" }), base, copy),
    view,
  );
  let files = [];
  let shownRelease = null;
  let path = null;
  let loading = null;

  function update() {
    if (!studio.release) {
      shownRelease = null;
      return panel.replaceChildren(panelState("code", say("code.none"), say("code.none_text")));
    }
    if (shownRelease !== studio.release) {
      shownRelease = studio.release;
      loading = load();
    }
    return loading;
  }

  async function load() {
    if (!panel.contains(side)) panel.replaceChildren(side, main);
    fillBase();
    try {
      ({ files } = await api("GET", `/api/projects/${studio.id}/files?release=${shownRelease}`));
    } catch (problem) {
      return view.replaceChildren(panelState("circle-alert", say("code.not_listed"), problem.message, [], true));
    }
    path = files.some((f) => f.path === path) ? path : first(files);
    tree.show(files, path);
    if (!path) return view.replaceChildren(panelState("folder", say("code.empty"), say("code.empty_text")));
    return openFile(path);
  }

  function fillBase() {
    const others = studio.project.releases.filter((r) => r.n !== studio.release).toSorted((a, b) => b.n - a.n);
    base.replaceChildren(
      h("option", { value: "" }, say("code.compare")),
      ...others.map((r) => h("option", { value: r.n }, say("code.since", { n: r.n }))),
    );
    base.hidden = !others.length;
  }

  async function openFile(next, line = null) {
    path = next;
    title.replaceChildren(h("bdi", {}, path));
    title.title = path;
    const known = files.find((f) => f.path === path);
    size.textContent = known ? bytes(known.size) : "";
    copy.hidden = false;
    try {
      const url = `/projects/${studio.id}/code/${path.split("/").map(encodeURIComponent).join("/")}?release=${studio.release}`;
      const text = await (await fetch(url, { credentials: "same-origin" })).text();
      if (path !== next) return; // another file was chosen meanwhile
      const page = new DOMParser().parseFromString(text, "text/html"); // our own template: escaped text in spans
      view.replaceChildren(...page.body.childNodes);
      view.scrollTop = 0;
      if (line) view.querySelectorAll(".line")[line - 1]?.scrollIntoView({ block: "center" });
      view.querySelectorAll(".line")[line - 1]?.classList.add("marked");
    } catch {
      view.replaceChildren(
        panelState("circle-alert", say("code.not_shown"), say("code.not_shown_text"), [], true),
      );
    }
  }

  async function showDiff() {
    title.textContent = say("code.between", { before: base.value, after: studio.release });
    size.textContent = "";
    copy.hidden = true;
    try {
      const text = await apiText(`/api/projects/${studio.id}/diff?from=${base.value}&to=${studio.release}`);
      const drawn = drawDiff(text);
      view.replaceChildren(
        drawn.length
          ? h("div", { class: "diff" }, drawn)
          : panelState("git-compare", say("code.same"), say("code.same_text")),
      );
    } catch (problem) {
      view.replaceChildren(panelState("circle-alert", say("code.no_changes"), problem.message, [], true));
    }
  }

  async function copyFile() {
    try {
      await navigator.clipboard.writeText(
        await apiText(
          `/api/projects/${studio.id}/files/${path.split("/").map(encodeURIComponent).join("/")}?release=${studio.release}`,
        ),
      );
      toast(say("code.copied"));
    } catch (problem) {
      toast(
        problem instanceof ApiError ? problem.message : say("code.not_copied"),
        true,
      );
    }
  }

  async function jump(to, line) {
    await update();
    if (!files.some((f) => f.path === to)) return toast(say("code.not_there", { path: to, n: studio.release }), true);
    base.value = "";
    tree.show(files, to);
    return openFile(to, line);
  }

  return { update, jump };
}

const first = (files) =>
  (files.find((f) => f.path === "README.md") ?? files.find((f) => f.path.endsWith(".py")) ?? files[0])?.path ?? null;
