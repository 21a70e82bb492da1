// What the palette, the shortcuts and the buttons with data-command can do. Pages add their own.
import { say } from "./words.js";

const commands = new Map();

// `keys` is a single key that works outside of text fields; `when` hides what makes no sense now.
export function command(name, { label, glyph, run, keys = null, group = say("commands"), when = () => true }) {
  commands.set(name, { name, label, glyph, run, keys, group, when });
}

export const allCommands = () => [...commands.values()].filter((c) => c.when());

export function runCommand(name) {
  const found = commands.get(name);
  if (found?.when()) found.run();
}
