const minutes = { work: OPTIONS.work, rest: OPTIONS.rest, long: OPTIONS.long };
const today = () => new Date().toDateString();
let phase = "work";
let left = minutes.work * 60000;
let until = 0; // when it ends, 0 while it stands still
let sound = null;
let done = kept();

function kept() {
  try {
    const [day, count] = JSON.parse(localStorage.getItem("pomodoro-done")) ?? [];
    return day === today() && Number.isInteger(count) ? count : 0;
  } catch {
    return 0;
  }
}

function keep() {
  try {
    localStorage.setItem("pomodoro-done", JSON.stringify([today(), done]));
  } catch {
    return; // storage may be forbidden: the count lasts as long as the page
  }
}

function enter(next) {
  phase = next;
  left = minutes[next] * 60000;
  until = 0;
  show();
}

function toggle() {
  sound ??= window.AudioContext ? new AudioContext() : null;
  if (until) [left, until] = [Math.max(0, until - Date.now()), 0];
  else until = Date.now() + left;
  byId("told").textContent = "";
  show();
}

function ring() {
  if (!sound) return;
  for (const [at, pitch] of [660, 880, 660].entries()) {
    const tone = sound.createOscillator(), volume = sound.createGain();
    const start = sound.currentTime + at * 0.3;
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.25, start);
    volume.gain.exponentialRampToValueAtTime(0.001, start + 0.28);
    tone.connect(volume).connect(sound.destination);
    tone.start(start);
    tone.stop(start + 0.3);
  }
}

function next() {
  return phase === "work" ? (done % OPTIONS.rounds === 0 && done ? "long" : "rest") : "work";
}

function tick() {
  if (!until) return;
  if (Date.now() < until) return show();
  ring();
  if (phase === "work") {
    done++;
    keep();
  }
  byId("told").textContent = phase === "work" ? TEXTS.work_over : TEXTS.rest_over;
  enter(next());
}

function show() {
  const rest = until ? Math.max(0, until - Date.now()) : left;
  const seconds = Math.ceil(rest / 1000);
  const text = [Math.floor(seconds / 60), seconds % 60].map((part) => String(part).padStart(2, "0")).join(":");
  byId("time").textContent = text;
  byId("now").textContent = TEXTS[phase];
  byId("go").textContent = until ? TEXTS.pause : TEXTS.start;
  byId("count").textContent = done;
  byId("done").style.strokeDashoffset = String(100 - (100 * rest) / (minutes[phase] * 60000));
  document.title = until ? `${text} · ${TEXTS[phase]}` : document.querySelector("h1").textContent;
  for (const button of byId("phases").children) button.setAttribute("aria-pressed", String(button.dataset.phase === phase));
}

byId("phases").addEventListener("click", (event) => event.target.dataset.phase && enter(event.target.dataset.phase));
byId("go").addEventListener("click", toggle);
byId("reset").addEventListener("click", () => enter(phase));
byId("skip").addEventListener("click", () => enter(next()));
window.addEventListener("keydown", (event) => {
  if (event.key !== " " || event.target.closest?.("button")) return;
  event.preventDefault();
  toggle();
});
setInterval(tick, 200);
show();
