const bpm = byId("bpm"), meter = byId("meter");
let sound = null;
let timer = 0;
let due = 0; // when the next beat sounds, by the clock of the sound
let beat = 0;
let taps = [];

/** Beats are set ahead of time, so that a busy page doesn't make them late. */
function ahead() {
  while (due < sound.currentTime + 0.12) {
    const place = beat % Number(meter.value);
    const tone = sound.createOscillator(), volume = sound.createGain();
    tone.frequency.value = place ? 880 : 1320;
    volume.gain.setValueAtTime(0.4, due);
    volume.gain.exponentialRampToValueAtTime(0.001, due + 0.06);
    tone.connect(volume).connect(sound.destination);
    tone.start(due);
    tone.stop(due + 0.07);
    setTimeout(light, Math.max(0, (due - sound.currentTime) * 1000), place);
    due += 60 / Number(bpm.value);
    beat++;
  }
}

function light(place) {
  [...byId("beats").children].forEach((dot, at) => dot.classList.toggle("now", Boolean(timer) && at === place));
}

function toggle() {
  sound ??= window.AudioContext ? new AudioContext() : null;
  if (timer) {
    clearInterval(timer);
    timer = 0;
    light(-1);
  } else if (sound) {
    sound.resume();
    beat = 0;
    due = sound.currentTime + 0.06;
    timer = setInterval(ahead, 25);
  }
  byId("go").textContent = timer ? TEXTS.stop : TEXTS.start;
}

/** The pace of the last taps; a long wait begins anew. */
function tap() {
  const now = performance.now();
  if (taps.length && now - taps[taps.length - 1] > 2500) taps = [];
  taps = [...taps.slice(-5), now];
  if (taps.length < 2) return;
  bpm.value = Math.round((60000 * (taps.length - 1)) / Math.max(1, now - taps[0]));
  show();
}

function show() {
  byId("bpm-shown").textContent = bpm.value;
  const count = Number(meter.value);
  if (byId("beats").children.length !== count) byId("beats").replaceChildren(...Array.from({ length: count }, () => document.createElement("i")));
  try {
    localStorage.setItem("metronome", JSON.stringify([Number(bpm.value), count]));
  } catch {
    return;
  }
}

function start() {
  meter.replaceChildren(...[1, 2, 3, 4, 5, 6, 7, 8].map((count) => new Option(String(count), String(count))));
  bpm.value = OPTIONS.bpm;
  meter.value = String(OPTIONS.beats);
  try {
    const kept = JSON.parse(localStorage.getItem("metronome"));
    if (kept?.[0] >= 30 && kept[1] >= 1 && kept[1] <= 8) [bpm.value, meter.value] = kept.map(String);
  } catch {
    // nothing kept that can be read: begin with the usual pace
  }
  show();
}

bpm.addEventListener("input", show);
meter.addEventListener("change", show);
byId("go").addEventListener("click", toggle);
byId("tap").addEventListener("click", tap);
window.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.target.closest?.("select")) return;
  if (event.key === " " && !event.target.closest?.("button")) {
    event.preventDefault();
    toggle();
  } else if (event.key.toLowerCase() === "t") tap();
});
start();
