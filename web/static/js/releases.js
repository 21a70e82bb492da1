// The release picker: which one is looked at, which one is served, and the way back to an older one.
import { api } from "./api.js";
import { confirmDialog, openMenu } from "./dialog.js";
import { h, icon, toast } from "./dom.js";
import { ago, exact } from "./format.js";

export function createReleases(studio) {
  const label = h("span", { class: "num" }, "No release");
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
    h("span", {}, "Download"),
  );

  function update() {
    const n = studio.release;
    picker.disabled = !n;
    label.textContent = n ? `Release ${n}` : "No release";
    picker.setAttribute("aria-label", n ? `Release ${n}, choose another` : "No release yet");
    if (n) download.href = `/api/projects/${studio.id}/archive?release=${n}`;
    download.setAttribute("aria-disabled", String(!n));
    download.title = n ? `Download release ${n} as a zip` : "There is nothing to download yet";
  }

  function open() {
    let menu = null;
    const items = studio.project.releases
      .toSorted((a, b) => b.n - a.n)
      .map((release) => entry(release, () => menu.hidePopover()));
    menu = openMenu(picker, items, "Releases", "releases");
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
      h("span", { class: "release-n num" }, `Release ${release.n}`),
      h("span", { class: "dim", title: exact(release.created_at) }, ago(release.created_at)),
      h("span", { class: "grow" }),
      h("span", { class: "num dim standing" }, standing(release)),
      served ? h("span", { class: "badge good" }, "Live") : null,
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
        "aria-label": `Restore release ${release.n}`,
        title: "Restore",
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
    return [row?.total ? `${row.proven}/${row.total} proven` : null, Number.isFinite(known) ? `score ${known}` : null]
      .filter(Boolean)
      .join(" · ");
  }

  async function restore(n) {
    const answer = await confirmDialog({
      title: `Restore release ${n}?`,
      text: "A new release equal to it is served. The newer ones are kept.",
      action: "Restore",
      option: "Also restore its data as it was then",
    });
    if (!answer) return;
    try {
      toast(`Restoring release ${n}`);
      const made = await api("POST", `/api/projects/${studio.id}/releases/${n}/restore`, { data: answer.option });
      toast(`Release ${n} is served again, as release ${made.n}`);
      studio.refresh();
    } catch (problem) {
      toast(problem.message, true);
    }
  }

  return { tools: [picker, download], update, download: () => download.href && download.click() };
}
