/** Lifting something with a mouse, a pen or a finger. Knows no rows: it says where the pointer is, and when it lets go. */

interface Drag {
  lift: () => void;
  over: (x: number, y: number) => void;
  drop: () => void;
  end: () => void;
}

const SLOP = 6; // pixels that a hand trembles
const REST = 260; // milliseconds that a finger rests before a swipe becomes a drag
const EDGE = 56;

let isDragging = false;

// A page scrolls by touch unless it is told not to before the finger moves, so this has to be there from the start.
addEventListener("touchmove", (event) => isDragging && event.preventDefault(), { passive: false });

/** Call it when a pointer goes down on `element`. At a handle a finger lifts at once, elsewhere after a moment's rest. */
export function startDrag(event: PointerEvent, element: HTMLElement, drag: Drag, atHandle = false) {
  if (event.button !== 0 || isDragging) return;
  const start = { x: event.clientX, y: event.clientY };
  const last = { ...start };
  const byTouch = event.pointerType === "touch" && !atHandle;
  const resting = byTouch ? setTimeout(lift, REST) : 0;
  let ghost: HTMLElement | undefined;
  let frame = 0;

  function lift() {
    isDragging = true;
    ghost = ghostOf(element);
    element.classList.add("is-lifted");
    document.documentElement.classList.add("is-dragging");
    getSelection()?.removeAllRanges();
    drag.lift();
    frame = requestAnimationFrame(follow);
  }

  function follow() {
    if (ghost) ghost.style.translate = `${last.x - start.x}px ${last.y - start.y}px`;
    scrollAtEdges(last.x, last.y);
    drag.over(last.x, last.y);
    frame = requestAnimationFrame(follow);
  }

  function move(moved: PointerEvent) {
    if (moved.pointerId !== event.pointerId) return;
    [last.x, last.y] = [moved.clientX, moved.clientY];
    if (ghost || Math.hypot(last.x - start.x, last.y - start.y) < SLOP) return;
    if (byTouch) finish(false); // a swipe: the page scrolls
    else lift();
  }

  function finish(dropped: boolean) {
    clearTimeout(resting);
    cancelAnimationFrame(frame);
    stop.abort();
    if (!ghost) return;
    isDragging = false;
    ghost.remove();
    element.classList.remove("is-lifted");
    document.documentElement.classList.remove("is-dragging");
    addEventListener("click", swallow, { capture: true, once: true });
    setTimeout(() => removeEventListener("click", swallow, { capture: true }));
    if (dropped) drag.drop();
    drag.end();
  }

  const stop = new AbortController();
  const { signal } = stop;
  addEventListener("pointermove", move, { signal });
  addEventListener("pointerup", (up) => up.pointerId === event.pointerId && finish(true), { signal });
  addEventListener("pointercancel", () => finish(false), { signal });
  addEventListener("blur", () => finish(false), { signal });
  addEventListener("keydown", (key) => key.key === "Escape" && finish(false), { signal });
  addEventListener("contextmenu", (menu) => byTouch && menu.preventDefault(), { signal });
  addEventListener("dragstart", (native) => native.preventDefault(), { signal }); // the browser's own, of links and pictures
}

/** The click that a browser makes of the end of a drag opens nothing. */
function swallow(event: Event) {
  event.preventDefault();
  event.stopPropagation();
}

function ghostOf(element: HTMLElement) {
  const box = element.getBoundingClientRect();
  const ghost = element.cloneNode(true) as HTMLElement;
  ghost.classList.add("dragged");
  ghost.inert = true;
  Object.assign(ghost.style, { left: `${box.left}px`, top: `${box.top}px`, width: `${box.width}px`, height: `${box.height}px` });
  (element.closest("[data-drag-area]") ?? document.body).append(ghost);
  return ghost;
}

function scrollAtEdges(x: number, y: number) {
  scrollBy(0, speed(y, innerHeight));
  const frame = document.elementFromPoint(x, y)?.closest("[data-drag-scroll]");
  const box = frame?.getBoundingClientRect();
  if (frame && box) frame.scrollBy(speed(x - box.left, box.width), 0);
}

function speed(at: number, length: number) {
  if (at < EDGE) return -Math.ceil((EDGE - at) / 6);
  return at > length - EDGE ? Math.ceil((at - length + EDGE) / 6) : 0;
}
