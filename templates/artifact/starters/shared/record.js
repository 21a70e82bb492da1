/* The best that was reached with these options, kept in the browser. */
const KEPT = [NAME, "best", ...Object.values(OPTIONS)].join("-");
let best = kept();

function kept() {
  try {
    return Number(localStorage.getItem(KEPT)) || 0;
  } catch {
    return 0; // storage may be forbidden: the game goes on without a record
  }
}

function keep() {
  try {
    localStorage.setItem(KEPT, String(best));
  } catch {
    return;
  }
}
