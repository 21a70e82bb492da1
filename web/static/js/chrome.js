// What is around every page: palette, shortcuts, theme, the banner when the network is gone.
import { api } from "./api.js";
import { allCommands, command, runCommand } from "./commands.js";
import { openDialog } from "./dialog.js";
import { $, h, store, toast } from "./dom.js";
import { openPalette } from "./palette.js";

const withModel = document.body.dataset.model === "yes";
const mac = /Mac|iPhone|iPad/.test(navigator.platform);

command("palette", { label: "Open commands", glyph: "command", run: openPalette });
command("new", {
  label: "New project",
  glyph: "plus",
  keys: "N",
  run: () => (location.pathname === "/" ? $("prompt").focus() : location.assign("/")),
});
command("theme", { label: "Change the theme: system, light, dark", glyph: "sun", keys: "T", run: nextTheme });
command("shortcuts", { label: "Show keyboard shortcuts", glyph: "keyboard", keys: "?", run: showShortcuts });
command("model-help", {
  label: withModel ? "What the model does" : "What blueprint mode is",
  glyph: "layers",
  run: showModelHelp,
});
command("signout", {
  label: "Sign out",
  glyph: "log-out",
  run: () => api("DELETE", "/api/session").then(() => location.assign("/signin")),
  when: () => document.body.dataset.token === "yes" && location.pathname !== "/signin",
});
command("api", { label: "API documentation", glyph: "book-open", run: () => location.assign("/docs") });

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
  toast(`Theme: ${next}`);
}

const closeButton = () => h("form", { method: "dialog" }, h("button", { class: "button" }, "Close"));

function showShortcuts() {
  const rows = [
    [mac ? "⌘ K" : "Ctrl K", "Open commands"],
    [mac ? "⌘ Enter" : "Ctrl Enter", "Send what you wrote"],
    ["Esc", "Close what is open"],
    ...allCommands()
      .filter((c) => c.keys)
      .map((c) => [c.keys, c.label]),
  ];
  openDialog(
    "Keyboard shortcuts",
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
    "Blueprint mode",
    [
      h(
        "p",
        {},
        "Apps are built from blueprints: whole apps of known kinds, with data, search, forms and checks, shaped by the fields, features and colours you name. No model is needed.",
      ),
      h(
        "p",
        {},
        "With a model, apps go beyond what a blueprint knows, and changes are made in your own words. Any OpenAI-compatible server does; doctor finds one on this machine. Give its address at the start:",
      ),
      h("code", { class: "codeline" }, "PROTODEX_MODEL_URL=http://localhost:30000 make run"),
    ],
    [closeButton()],
  );
}

function showModel() {
  openDialog(
    "How the model builds",
    [
      h(
        "p",
        {},
        "A first version is live within seconds. The model then writes, checks and tries the app step by step, and each better version takes its place.",
      ),
      h(
        "p",
        {},
        "What you asked for becomes requirements, proven in a browser. A step that makes things worse never takes the app down, and you can stop at any time.",
      ),
    ],
    [closeButton()],
  );
}

function connection() {
  const banner = $("offline");
  banner.textContent = navigator.onLine
    ? ""
    : "You are offline. What you see stays here, and everything reconnects by itself.";
  banner.hidden = navigator.onLine;
}
addEventListener("online", connection);
addEventListener("offline", connection);
connection();
