const PADS = [...document.querySelectorAll("#board button")];
const TONES = [329.63, 261.63, 220, 164.81];
const PACE = { slow: 700, normal: 460, fast: 280 }[OPTIONS.speed];
let order = [], at = 0, state = "ready", sound = null, waiting = 0;

const pause = (time) => new Promise((done) => (waiting = setTimeout(done, time)));

function start() {
  clearTimeout(waiting);
  order = [];
  tally();
  next();
}

async function next() {
  state = "watch";
  order.push(Math.floor(Math.random() * 4));
  const mine = order;
  byId("said").textContent = TEXTS.watch;
  await pause(650);
  for (const pad of order) {
    if (mine !== order) return;
    light(pad, PACE * 0.75);
    await pause(PACE);
  }
  at = 0;
  state = "play";
  byId("said").textContent = TEXTS.yours;
}

function press(pad) {
  if (state !== "play") return;
  light(pad, 240);
  if (pad !== order[at]) return end();
  if (++at < order.length) return;
  if (order.length > best) {
    best = order.length;
    keep();
  }
  tally(order.length);
  next();
}

function end() {
  state = "over";
  document.querySelector(".game").classList.add("wrong");
  setTimeout(() => document.querySelector(".game").classList.remove("wrong"), 450);
  byId("said").textContent = `${TEXTS.over}. ${TEXTS.score} ${number.format(order.length - 1)}`;
  byId("new").textContent = TEXTS.again;
}

function light(pad, time) {
  PADS[pad].classList.add("lit");
  setTimeout(() => PADS[pad].classList.remove("lit"), time);
  if (!OPTIONS.silent) tone(TONES[pad], time / 1000);
}

function tone(pitch, time) {
  if (!window.AudioContext) return;
  sound = sound || new AudioContext();
  const voice = sound.createOscillator(), loud = sound.createGain();
  voice.frequency.value = pitch;
  voice.type = "triangle";
  loud.gain.setValueAtTime(0.18, sound.currentTime);
  loud.gain.exponentialRampToValueAtTime(0.001, sound.currentTime + time);
  voice.connect(loud).connect(sound.destination);
  voice.start();
  voice.stop(sound.currentTime + time);
}

function tally(score = 0) {
  byId("score").textContent = number.format(score);
  byId("best").textContent = number.format(best);
}

for (const [pad, button] of PADS.entries()) button.addEventListener("pointerdown", () => press(pad));
for (const [pad, button] of PADS.entries()) button.addEventListener("keydown", (event) => (event.key === "Enter" || event.key === " ") && !event.repeat && press(pad));
document.addEventListener("keydown", (event) => "1234".includes(event.key) && !event.repeat && press(Number(event.key) - 1));
byId("new").addEventListener("click", start);
byId("new").textContent = TEXTS.start;
tally();
