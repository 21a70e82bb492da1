/** The rows picked for comparison, by kind of thing. They stay picked while the tab is open. */

import { useSyncExternalStore } from "react";
import type { Entity } from "./entity";

type Picks = Record<string, number[]>;

const KEY = "compare";
const listeners = new Set<() => void>();
let picks = recall();

export function usePicks(entity: Entity) {
  const ids = useSyncExternalStore(subscribe, () => picks)[entity.plural] ?? [];
  return {
    ids,
    full: ids.length >= (entity.compare ?? 0),
    add: (id: number) => set(entity, [...ids, id]),
    remove: (id: number) => set(entity, ids.filter((one) => one !== id)),
    clear: () => set(entity, []),
  };
}

function set(entity: Entity, ids: number[]) {
  picks = { ...picks, [entity.plural]: ids };
  try {
    sessionStorage.setItem(KEY, JSON.stringify(picks));
  } catch {
    // Storage is blocked: the picks last until the page is reloaded.
  }
  listeners.forEach((listener) => listener());
}

function recall(): Picks {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "{}") as Picks;
  } catch {
    return {};
  }
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}
