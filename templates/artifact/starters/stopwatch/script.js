let state = kept();

/** `run` is what was measured before `since`, the moment it last started (0 while it stands still). */
function kept() {
  try {
    const read = JSON.parse(localStorage.getItem("stopwatch"));
    const whole = read && [read.run, read.since, ...read.laps].every((part) => Number.isFinite(part) && part >= 0);
    if (whole && read.since <= Date.now()) return read;
  } catch {
    return { run: 0, since: 0, laps: [] };
  }
  return { run: 0, since: 0, laps: [] };
}

function keep() {
  try {
    localStorage.setItem("stopwatch", JSON.stringify(state));
  } catch {
    return;
  }
}

const elapsed = () => state.run + (state.since ? Date.now() - state.since : 0);

function written(time) {
  const pad = (value) => String(Math.floor(value)).padStart(2, "0");
  const short = `${pad((time / 60000) % 60)}:${pad((time / 1000) % 60)}.${pad((time / 10) % 100)}`;
  return time >= 3600000 ? `${Math.floor(time / 3600000)}:${short}` : short;
}

function toggle() {
  state.run = elapsed();
  state.since = state.since ? 0 : Date.now();
  changed();
}

function lap() {
  if (!state.since) return;
  state.laps.push(elapsed());
  changed();
}

function reset() {
  state = { run: 0, since: 0, laps: [] };
  changed();
}

function changed() {
  keep();
  list();
  byId("go").textContent = state.since ? TEXTS.stop : TEXTS.start;
  byId("lap").disabled = !state.since;
  byId("reset").disabled = !elapsed() && !state.since;
  show();
}

function list() {
  const times = state.laps.map((end, at) => end - (state.laps[at - 1] ?? 0));
  const rows = times.map((time, at) => {
    const row = document.createElement("li");
    for (const text of [`${TEXTS.lap} ${at + 1}`, written(time), written(state.laps[at])]) {
      row.appendChild(document.createElement("span")).textContent = text;
    }
    if (times.length > 1 && time === Math.min(...times)) row.className = "fastest";
    else if (times.length > 1 && time === Math.max(...times)) row.className = "slowest";
    return row;
  });
  byId("laps").replaceChildren(...rows.reverse());
  byId("laps").hidden = !rows.length;
}

function show() {
  byId("time").textContent = written(elapsed());
  if (state.since) requestAnimationFrame(show);
}

byId("go").addEventListener("click", toggle);
byId("lap").addEventListener("click", lap);
byId("reset").addEventListener("click", reset);
window.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.key === " " && !event.target.closest?.("button")) toggle();
  else if (event.key.toLowerCase() === "l") lap();
  else if (event.key.toLowerCase() === "r") reset();
  else return;
  event.preventDefault();
});
changed();
