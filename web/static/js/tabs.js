// Tabs as the pattern says: arrows move, the chosen one is remembered in the address.
import { $, BACK, FORTH } from "./dom.js";

export function setUpTabs(onShow) {
  const tabs = [...document.querySelectorAll("[data-tab]")];
  const names = tabs.map((t) => t.dataset.tab);

  function show(name, focus = false) {
    for (const tab of tabs) {
      const chosen = tab.dataset.tab === name;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
      $(`panel-${tab.dataset.tab}`).hidden = !chosen;
      if (chosen && focus) tab.focus();
      if (chosen) tab.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
    history.replaceState(null, "", name === "preview" ? location.pathname : `#${name}`);
    onShow(name);
  }

  for (const tab of tabs) {
    tab.addEventListener("click", () => show(tab.dataset.tab));
    tab.addEventListener("keydown", (event) => {
      const now = names.indexOf(tab.dataset.tab);
      const next = { [FORTH]: now + 1, [BACK]: now - 1, Home: 0, End: names.length - 1 }[event.key];
      if (next !== undefined) {
        event.preventDefault();
        show(names[(next + names.length) % names.length], true);
      }
    });
  }
  return { show, start: () => show(names.includes(location.hash.slice(1)) ? location.hash.slice(1) : "preview") };
}
