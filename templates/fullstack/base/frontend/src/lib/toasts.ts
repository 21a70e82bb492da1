/** Short messages about what just happened. They leave by themselves, failures stay a little longer. */

import { useSyncExternalStore } from "react";

export interface Toast {
  id: number;
  text: string;
  failed: boolean;
}

let toasts: Toast[] = [];
let count = 0;
const listeners = new Set<() => void>();

export function toast(text: string, failed = false) {
  const id = ++count;
  set([...toasts.slice(-2), { id, text, failed }]);
  setTimeout(() => dismiss(id), failed ? 10_000 : 5_000);
}

export function dismiss(id: number) {
  set(toasts.filter((one) => one.id !== id));
}

export function useToasts() {
  return useSyncExternalStore(subscribe, () => toasts);
}

function set(next: Toast[]) {
  toasts = next;
  listeners.forEach((listener) => listener());
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}
