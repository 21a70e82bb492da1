// What the palette and the shortcuts can do with the project that is open.
import { command } from "./commands.js";
import { $ } from "./dom.js";

export function addProjectCommands({ studio, split, tabs, preview, releases, stop, remove }) {
  const group = "This project";
  [
    ["preview", "Preview", "app-window"],
    ["code", "Code", "code"],
    ["design", "Design", "palette"],
    ["requirements", "Requirements", "list-todo"],
    ["checks", "Checks", "list-checks"],
    ["logs", "Logs", "terminal"],
  ].forEach(([tab, label, glyph], n) =>
    command(`tab-${tab}`, {
      label: `Show ${label.toLowerCase()}`,
      glyph,
      keys: String(n + 1),
      group,
      run: () => {
        split.showSide("stage");
        tabs.show(tab, true);
      },
    }),
  );
  command("message", {
    label: "Ask for a change",
    glyph: "message-square",
    keys: "/",
    group,
    run: () => {
      split.showSide("side");
      $("message").focus();
    },
  });
  command("fold", { label: "Fold or show the conversation", glyph: "panel-left", keys: "[", group, run: split.toggle });
  command("reload", { label: "Reload the preview", glyph: "refresh-cw", keys: "R", group, run: preview.reload });
  command("download", {
    label: "Download the project",
    glyph: "download",
    keys: "D",
    group,
    run: releases.download,
    when: () => Boolean(studio.release),
  });
  command("open", {
    label: "Open the app in a new tab",
    glyph: "external-link",
    keys: "O",
    group,
    run: () => open(studio.project.preview_url, "_blank", "noopener"),
    when: () => studio.project?.status === "ready",
  });
  command("stop", {
    label: "Stop the build",
    glyph: "square",
    group,
    run: stop,
    when: () => studio.pending.length > 0,
  });
  command("delete", {
    label: "Delete this project",
    glyph: "trash-2",
    group,
    run: remove,
    when: () => Boolean(studio.project),
  });
}
