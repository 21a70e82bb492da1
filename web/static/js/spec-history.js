// The states of a draft, to go back and forth between. What is typed into one control at a time is one step.
const PAUSE = 1200; // ms after which typing on is another step
const MOST = 200;

export function createHistory(start) {
  let now = start;
  let past = [];
  let future = [];
  let last = { key: null, at: 0 };

  return {
    // The draft as JSON, and what was touched: the same control again, soon after, is the same step.
    mark(json, key = document.activeElement) {
      if (json === now) return;
      const same = key && key === last.key && Date.now() - last.at < PAUSE;
      if (!same) past = [...past, now].slice(-MOST);
      last = { key, at: Date.now() };
      future = [];
      now = json;
    },
    undo: () => step(() => past.pop(), (json) => future.push(json)),
    redo: () => step(() => future.pop(), (json) => past.push(json)),
    get canUndo() {
      return past.length > 0;
    },
    get canRedo() {
      return future.length > 0;
    },
  };

  function step(take, keep) {
    const json = take();
    if (json === undefined) return null;
    keep(now);
    now = json;
    last = { key: null, at: 0 };
    return json;
  }
}
