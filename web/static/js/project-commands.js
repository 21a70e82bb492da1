// What the palette and the shortcuts can do with the project that is open.
import { command } from "./commands.js";
import { $ } from "./dom.js";
import { say } from "./words.js";

export function addProjectCommands({ studio, split, tabs, preview, releases, stop, remove }) {
  const group = say("command.group");
  [
    ["preview", "app-window"],
    ["code", "code"],
    ["design", "palette"],
    ["requirements", "list-todo"],
    ["checks", "list-checks"],
    ["logs", "terminal"],
  ].forEach(([tab, glyph], n) =>
    command(`tab-${tab}`, {
      label: say(`command.tab.${tab}`),
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
    label: say("command.ask"),
    glyph: "message-square",
    keys: "/",
    group,
    run: () => {
      split.showSide("side");
      $("message").focus();
    },
  });
  command("fold", { label: say("command.fold"), glyph: "panel-left", keys: "[", group, run: split.toggle });
  command("reload", { label: say("preview.reload"), glyph: "refresh-cw", keys: "R", group, run: preview.reload });
  command("download", {
    label: say("command.download"),
    glyph: "download",
    keys: "D",
    group,
    run: releases.download,
    when: () => Boolean(studio.release),
  });
  command("open", {
    label: say("command.open_app"),
    glyph: "external-link",
    keys: "O",
    group,
    run: () => open(studio.project.preview_url, "_blank", "noopener"),
    when: () => studio.project?.status === "ready",
  });
  command("stop", {
    label: say("command.stop"),
    glyph: "square",
    group,
    run: stop,
    when: () => studio.pending.length > 0,
  });
  command("delete", {
    label: say("command.delete"),
    glyph: "trash-2",
    group,
    run: remove,
    when: () => Boolean(studio.project),
  });
}
