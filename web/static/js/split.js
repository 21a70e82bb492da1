// The two sides: width by pointer or keyboard, folded away, remembered; on a phone one at a time.
import { $, BACK, FORTH, fromRight, store } from "./dom.js";
import { say } from "./words.js";

const MIN = 300,
  MAX = 640,
  STEP = 16;

export function setUpSplit() {
  const split = $("split"),
    divider = $("divider"),
    fold = $("fold");
  setWidth(Number(store("side-width")) || 400);
  setFolded(store("side-folded") === "yes");

  divider.addEventListener("pointerdown", (event) => {
    divider.setPointerCapture(event.pointerId);
    split.classList.add("dragging");
  });
  divider.addEventListener("pointermove", (event) => {
    if (divider.hasPointerCapture(event.pointerId)) setWidth(fromRight ? innerWidth - event.clientX : event.clientX);
  });
  divider.addEventListener("lostpointercapture", () => split.classList.remove("dragging"));
  divider.addEventListener("dblclick", () => setWidth(400));
  divider.addEventListener("keydown", (event) => {
    const now = Number(divider.getAttribute("aria-valuenow"));
    const next = { [BACK]: now - STEP, [FORTH]: now + STEP, Home: MIN, End: MAX }[event.key];
    if (next !== undefined) {
      event.preventDefault();
      setWidth(next);
    }
  });
  fold.addEventListener("click", toggle);

  for (const button of document.querySelectorAll("[data-side]"))
    button.addEventListener("click", () => showSide(button.dataset.side));
  showSide("side");

  function setWidth(pixels) {
    const width = Math.round(Math.min(MAX, Math.max(MIN, pixels)));
    split.style.setProperty("--side", `${width}px`);
    divider.setAttribute("aria-valuenow", width);
    store("side-width", width);
  }

  function setFolded(folded) {
    split.classList.toggle("folded", folded);
    fold.setAttribute("aria-pressed", String(folded));
    const words = say(folded ? "side.show" : "side.fold");
    fold.setAttribute("aria-label", words);
    fold.title = `${words}  [`;
    store("side-folded", folded ? "yes" : "no");
  }

  function toggle() {
    setFolded(!split.classList.contains("folded"));
  }

  function showSide(side) {
    split.dataset.shown = side;
    for (const button of document.querySelectorAll("[data-side]"))
      button.setAttribute("aria-pressed", String(button.dataset.side === side));
    if (side === "stage") tellNews("");
  }

  // On a phone the app may go live on the side that isn't looked at: its button says so until it is.
  function tellNews(words) {
    const news = words && split.dataset.shown === "side";
    $("stage-news").hidden = !news;
    $("stage-news").textContent = news ? words : "";
  }

  return { toggle, showSide, tellNews };
}
