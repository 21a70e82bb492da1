/** Light or dark: what the person chose last, else what the system prefers. Imported first, before anything is drawn. */

import { useSyncExternalStore } from "react";

export type Mode = "light" | "dark";

const root = document.documentElement;
const system = matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();

const remembered = recall();
if (remembered) root.dataset.mode = remembered;

export function useMode(): [Mode, () => void] {
  const mode = useSyncExternalStore(subscribe, current);
  return [mode, () => choose(mode === "dark" ? "light" : "dark")];
}

function current(): Mode {
  return (root.dataset.mode as Mode | undefined) ?? (system.matches ? "dark" : "light");
}

function choose(mode: Mode) {
  root.dataset.mode = mode;
  try {
    localStorage.setItem("mode", mode);
  } catch {
    // Storage is blocked: the choice lasts until the page is reloaded.
  }
  listeners.forEach((listener) => listener());
}

function recall(): Mode | null {
  try {
    const mode = localStorage.getItem("mode");
    return mode === "light" || mode === "dark" ? mode : null;
  } catch {
    return null;
  }
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  system.addEventListener("change", listener);
  return () => {
    listeners.delete(listener);
    system.removeEventListener("change", listener);
  };
}
