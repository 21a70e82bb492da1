// The release picker: which one is looked at, which one is served, and the way back to an older one.
import { api } from "./api.js";
import { confirmDialog, openMenu } from "./dialog.js";
import { h, icon, toast } from "./dom.js";
import { ago, exact } from "./format.js";
import { say } from "./words.js";

export function createReleases(studio) {
  const label = h("span", { class: "num" }, say("release.none"));
  const picker = h(
    "button",
    { class: "button ghost compact", type: "button", "aria-haspopup": "menu", disabled: true, onclick: open },
    icon("layers"),
    label,
    icon("chevron-down"),
  );
  const download = h(
    "a",
    { class: "button compact", download: "", "aria-disabled": "true" },
    icon("download"),
    h("span", {}, say("release.download")),
  );

  function update() {
    const n = studio.release;
    picker.disabled = !n;
    label.textContent = n ? say("release.n", { n }) : say("release.none");
    picker.setAttribute("aria-label", n ? say("release.choose", { n }) : say("release.none_yet"));
    if (n) download.href = `/api/projects/${studio.id}/archive?release=${n}`;
    download.setAttribute("aria-disabled", String(!n));
    download.title = n ? say("release.download_n", { n }) : say("release.nothing");
  }

  function open() {
    let menu = null;
    const items = studio.project.releases
      .toSorted((a, b) => b.n - a.n)
      .map((release) => entry(release, () => menu.hidePopover()));
    menu = openMenu(picker, items, say("release.all"), "releases");
  }

  function entry(release, close) {
    const served = release.n === studio.served;
    const choose = h(
      "button",
      {
        class: "menu-item",
        type: "button",
        role: "menuitem",
        tabindex: "-1",
        onclick: () => {
          close();
          studio.choose(release.n);
        },
      },
      h("span", { class: "release-n num" }, say("release.n", { n: release.n })),
      h("span", { class: "dim", title: exact(release.created_at) }, ago(release.created_at)),
      h("span", { class: "grow" }),
      h("span", { class: "num dim standing" }, standing(release)),
      served ? h("span", { class: "badge good" }, say("release.live")) : null,
      release.n === studio.release ? icon("check") : h("span", { class: "icon" }),
    );
    if (served) return choose;
    const back = h(
      "button",
      {
        class: "menu-item narrow",
        type: "button",
        role: "menuitem",
        tabindex: "-1",
        "aria-label": say("release.restore_n", { n: release.n }),
        title: say("release.restore"),
        onclick: () => {
          close();
          restore(release.n);
        },
      },
      icon("undo-2"),
    );
    return h("div", { class: "menu-pair", role: "none" }, choose, back);
  }

  // Its score, and how many requirements it proved where a model built it.
  function standing({ n, score }) {
    const row = studio.builds.flatMap((b) => b.rows).findLast((r) => r.kind === "checkpoint" && r.release === n);
    const known = Number.isFinite(score) ? score : row?.score;
    return [row?.total ? say("release.proven", { proven: row.proven, total: row.total }) : null, Number.isFinite(known) ? say("release.score", { n: known }) : null]
      .filter(Boolean)
      .join(" · ");
  }

  async function restore(n) {
    const answer = await confirmDialog({
      title: say("release.restore_ask", { n }),
      text: say("release.restore_text"),
      action: say("release.restore"),
      option: say("release.restore_data"),
    });
    if (!answer) return;
    try {
      toast(say("release.restoring", { n }));
      const made = await api("POST", `/api/projects/${studio.id}/releases/${n}/restore`, { data: answer.option });
      toast(say("release.restored", { n, made: made.n }));
      studio.refresh();
    } catch (problem) {
      toast(problem.message, true);
    }
  }

  return { tools: [picker, download], update, download: () => download.href && download.click() };
}
