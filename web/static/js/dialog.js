// Dialogs and menus on the platform's own <dialog> and popover: focus is held, Esc closes, focus returns.
import { fromRight, h, icon } from "./dom.js";
import { say } from "./words.js";

export function openDialog(title, content, foot = [], classes = "") {
  const heading = `dialog-${Date.now()}`;
  const dialog = h(
    "dialog",
    { class: classes, "aria-labelledby": heading },
    h("div", { class: "dialog-body" }, h("h2", { id: heading }, title), content),
    foot.length ? h("div", { class: "dialog-foot" }, foot) : null,
  );
  return show(dialog);
}

export function show(dialog) {
  const before = document.activeElement;
  document.body.append(dialog);
  dialog.addEventListener("close", () => {
    dialog.remove();
    before?.focus?.();
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.showModal();
  return dialog;
}

// Resolves to null when the person keeps things as they are, else to what the extra checkbox says.
export function confirmDialog({ title, text, action, danger = false, option = null }) {
  return new Promise((resolve) => {
    let answer = null;
    const box = option && h("input", { type: "checkbox" });
    const cancel = h("button", { class: "button", type: "button", onclick: () => dialog.close() }, say("cancel"));
    const go = h(
      "button",
      {
        class: danger ? "button danger" : "button primary",
        type: "button",
        onclick: () => {
          answer = { option: Boolean(box?.checked) };
          dialog.close();
        },
      },
      action,
    );
    const dialog = openDialog(
      title,
      [h("p", { dir: "auto" }, text), option && h("label", { class: "checkbox" }, box, option)],
      [cancel, go],
    );
    dialog.addEventListener("close", () => resolve(answer));
    cancel.focus();
  });
}

export function openMenu(anchor, items, label, classes = "") {
  const menu = h("div", { class: `menu ${classes}`, popover: "auto", role: "menu", "aria-label": label });
  for (const item of items) menu.append(item instanceof Node ? item : menuItem(item, () => menu.hidePopover()));
  document.body.append(menu);
  anchor.setAttribute("aria-expanded", "true");
  menu.addEventListener("toggle", (event) => {
    if (event.newState === "closed") {
      anchor.setAttribute("aria-expanded", "false");
      menu.remove();
      anchor.focus();
    }
  });
  menu.addEventListener("keydown", (event) => moveFocus(event, menu));
  menu.showPopover();
  place(menu, anchor);
  (menu.querySelector("[aria-checked=true]") ?? menu.querySelector("[role^=menuitem]"))?.focus();
  return menu;
}

function menuItem({ label, glyph, run, danger }, close) {
  return h(
    "button",
    {
      class: danger ? "menu-item danger" : "menu-item",
      type: "button",
      role: "menuitem",
      tabindex: "-1",
      onclick: () => {
        close();
        run();
      },
    },
    icon(glyph),
    label,
  );
}

function moveFocus(event, menu) {
  const items = [...menu.querySelectorAll("[role^=menuitem]")];
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || !items.length) return;
  event.preventDefault();
  items[(items.indexOf(document.activeElement) + step + items.length) % items.length].focus();
}

function place(menu, anchor) {
  const at = anchor.getBoundingClientRect();
  const below = at.bottom + 4 + menu.offsetHeight <= innerHeight;
  menu.style.top = `${below ? at.bottom + 4 : Math.max(8, at.top - 4 - menu.offsetHeight)}px`;
  const left = fromRight ? at.left : at.right - menu.offsetWidth; // ends line up
  menu.style.left = `${Math.max(8, Math.min(left, innerWidth - menu.offsetWidth - 8))}px`;
}
