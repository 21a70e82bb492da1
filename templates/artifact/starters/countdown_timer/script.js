const parts = ["h", "m", "s"].map(byId);
let whole = 0; // all of these in milliseconds
let left = 0;
let until = 0;
let sound = null;

function split(seconds) {
  return [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
}

/** What stands in the fields; anything but a number counts as zero. */
function wanted() {
  const [h, m, s] = parts.map((part) => Math.min(Number(part.max), Math.max(0, Math.floor(Number(part.value)) || 0)));
  return (h * 3600 + m * 60 + s) * 1000;
}

function reset() {
  whole = left = wanted();
  until = 0;
  byId("told").textContent = "";
  show();
}

function toggle() {
  sound ??= window.AudioContext ? new AudioContext() : null;
  if (!until && left === 0) reset();
  if (until) [left, until] = [Math.max(0, until - Date.now()), 0];
  else if (left) until = Date.now() + left;
  byId("told").textContent = "";
  try {
    localStorage.setItem("countdown", String(whole / 1000));
  } catch {
    // storage may be forbidden: the next visit starts with the usual time
  }
  show();
}

function ring() {
  if (!sound) return;
  for (let at = 0; at < 4; at++) {
    const tone = sound.createOscillator(), volume = sound.createGain();
    const start = sound.currentTime + at * 0.4;
    tone.frequency.value = 880;
    volume.gain.setValueAtTime(0.25, start);
    volume.gain.exponentialRampToValueAtTime(0.001, start + 0.35);
    tone.connect(volume).connect(sound.destination);
    tone.start(start);
    tone.stop(start + 0.36);
  }
}

function tick() {
  if (!until) return;
  if (Date.now() >= until) {
    left = until = 0;
    byId("told").textContent = TEXTS.over;
    ring();
  }
  show();
}

function show() {
  const rest = until ? Math.max(0, until - Date.now()) : left;
  const [h, m, s] = split(Math.ceil(rest / 1000));
  const text = (h ? [h, m, s] : [m, s]).map((part) => String(part).padStart(2, "0")).join(":");
  byId("time").textContent = text;
  byId("done").style.strokeDashoffset = String(whole ? 100 - (100 * rest) / whole : 100);
  byId("done").style.visibility = rest ? "visible" : "hidden";
  byId("go").textContent = until ? TEXTS.pause : TEXTS.start;
  byId("go").disabled = !until && !left && !wanted();
  byId("form").inert = Boolean(until);
  byId("sheet").classList.toggle("ended", byId("told").textContent !== "");
  document.title = until ? text : document.querySelector("h1").textContent;
}

function first() {
  try {
    const kept = Number(localStorage.getItem("countdown"));
    return Number.isInteger(kept) && kept > 0 && kept < 360000 ? kept : OPTIONS.minutes * 60;
  } catch {
    return OPTIONS.minutes * 60;
  }
}

byId("form").addEventListener("input", reset);
byId("form").addEventListener("submit", (event) => {
  event.preventDefault();
  toggle();
});
byId("go").addEventListener("click", toggle);
byId("reset").addEventListener("click", reset);
window.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.closest?.("input")) return toggle();
  if (event.key !== " " || event.target.closest?.("button, input")) return;
  event.preventDefault();
  toggle();
});
split(first()).forEach((value, at) => (parts[at].value = value));
reset();
setInterval(tick, 100);
