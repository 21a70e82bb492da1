// What is around every page: palette, shortcuts, theme, the banner when the network is gone.
import { api } from "./api.js";
import { allCommands, command, runCommand } from "./commands.js";
import { keepTyped } from "./composer.js";
import { openDialog, openMenu } from "./dialog.js";
import { $, h, icon, store, toast } from "./dom.js";
import { openPalette } from "./palette.js";
import { language, languages, say } from "./words.js";

const withModel = document.body.dataset.model === "yes";
const mac = /Mac|iPhone|iPad/.test(navigator.platform);

command("palette", { label: say("command.open"), glyph: "command", run: openPalette });
command("new", {
  label: say("command.new"),
  glyph: "plus",
  keys: "N",
  run: () => (location.pathname === "/" ? $("prompt").focus() : location.assign("/")),
});
command("theme", { label: say("command.theme"), glyph: "sun", keys: "T", run: nextTheme });
command("language", { label: say("command.language"), glyph: "languages", run: chooseLanguage });
command("shortcuts", { label: say("command.shortcuts"), glyph: "keyboard", keys: "?", run: showShortcuts });
command("model-help", {
  label: say(withModel ? "command.model" : "command.blueprints"),
  glyph: "layers",
  run: showModelHelp,
});
command("signout", {
  label: say("command.signout"),
  glyph: "log-out",
  run: () => api("DELETE", "/api/session").then(() => location.assign("/signin")),
  when: () => document.body.dataset.token === "yes" && location.pathname !== "/signin",
});
command("api", { label: say("command.api"), glyph: "book-open", run: () => location.assign("/docs") });

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-command]");
  if (button) runCommand(button.dataset.command);
});

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    openPalette();
    return;
  }
  const typing = event.target.closest?.("input, textarea, select, [contenteditable], dialog, [popover]");
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const found = allCommands().find((c) => c.keys?.toLowerCase() === event.key.toLowerCase());
  if (found) {
    event.preventDefault();
    found.run();
  }
});

for (const kbd of document.querySelectorAll("kbd[data-mod]")) {
  kbd.textContent = mac ? `⌘${kbd.dataset.mod === "Enter" ? "↵" : kbd.dataset.mod}` : `Ctrl ${kbd.dataset.mod}`;
}

function nextTheme() {
  const order = ["system", "light", "dark"];
  const next = order[(order.indexOf(document.documentElement.dataset.choice) + 1) % order.length];
  store("theme", next);
  window.applyTheme();
  toast(say(`theme.${next}`));
}

// The page comes anew in the other language; what was typed waits for it.
function chooseLanguage() {
  const menu = openMenu(
    $("language"),
    Object.entries(languages).map(([code, name]) =>
      h(
        "button",
        {
          class: "menu-item",
          type: "button",
          role: "menuitemradio",
          "aria-checked": String(code === language),
          tabindex: "-1",
          lang: code,
          onclick: () => {
            menu.hidePopover();
            document.cookie = `protodex_language=${code}; path=/; max-age=31536000; samesite=lax`;
            keepTyped();
            location.reload();
          },
        },
        h("span", { class: "grow", dir: "auto" }, name),
        code === language ? icon("check") : null,
      ),
    ),
    say("languages"),
  );
}

const closeButton = () => h("form", { method: "dialog" }, h("button", { class: "button" }, say("close")));

function showShortcuts() {
  const rows = [
    [mac ? "⌘ K" : "Ctrl K", say("command.open")],
    [mac ? "⌘ Enter" : "Ctrl Enter", say("shortcuts.send")],
    ["Esc", say("shortcuts.close")],
    ...allCommands()
      .filter((c) => c.keys)
      .map((c) => [c.keys, c.label]),
  ];
  openDialog(
    say("shortcuts.title"),
    h(
      "dl",
      { class: "keys" },
      rows.map(([key, label]) => [h("dt", {}, label), h("dd", {}, h("kbd", {}, key))]),
    ),
    [closeButton()],
  );
}

function showModelHelp() {
  if (withModel) return showModel();
  openDialog(
    say("blueprints.title"),
    [
      h(
        "p",
        {},
        say("blueprints.what"),
      ),
      h(
        "p",
        {},
        say("blueprints.model"),
      ),
      h("code", { class: "codeline" }, "PROTODEX_MODEL_URL=http://localhost:30000 make run"),
    ],
    [closeButton()],
  );
}

function showModel() {
  openDialog(
    say("model.title"),
    [
      h(
        "p",
        {},
        say("model.first"),
      ),
      h(
        "p",
        {},
        say("model.proof"),
      ),
    ],
    [closeButton()],
  );
}

function connection() {
  const banner = $("offline");
  banner.textContent = navigator.onLine
    ? ""
    : say("offline");
  banner.hidden = navigator.onLine;
}
addEventListener("online", connection);
addEventListener("offline", connection);
connection();
