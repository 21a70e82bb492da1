const KNOWN = ["America/New_York", "America/Los_Angeles", "America/Sao_Paulo", "Europe/London", "Europe/Berlin", "Europe/Moscow", "Africa/Cairo", "Asia/Dubai", "Asia/Kolkata", "Asia/Shanghai", "Asia/Tokyo", "Australia/Sydney"];
const ZONES = Intl.supportedValuesOf ? Intl.supportedValuesOf("timeZone").filter((zone) => zone.includes("/") && !zone.startsWith("Etc/")) : KNOWN;
const ALIKE = { "san francisco": KNOWN[1], seattle: KNOWN[1], washington: KNOWN[0], boston: KNOWN[0], miami: KNOWN[0], "rio de janeiro": KNOWN[2], munich: KNOWN[4], hamburg: KNOWN[4], frankfurt: KNOWN[4], barcelona: "Europe/Madrid", milan: "Europe/Rome", kyiv: "Europe/Kiev", mumbai: KNOWN[8], bangalore: KNOWN[8], delhi: KNOWN[8], "new delhi": KNOWN[8], beijing: KNOWN[9], shenzhen: KNOWN[9], osaka: KNOWN[10], "abu dhabi": KNOWN[7], jeddah: "Asia/Riyadh", bali: "Asia/Makassar", "cape town": "Africa/Johannesburg" };
const own = TEXTS.names.split(",").map((name) => name.trim());
const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
const cities = new Map(ZONES.map((zone) => [plain(zone.split("/").pop()), [zone.split("/").pop().replaceAll("_", " "), zone]]));
for (const [name, zone] of Object.entries(ALIKE)) cities.set(plain(name), [name.replace(/(^| )\w/g, (letter) => letter.toUpperCase()), zone]);
for (const [at, name] of own.entries()) cities.set(plain(name), [name, KNOWN[at]]);
let shown = start();

function plain(name) {
  return name.replaceAll("_", " ").normalize("NFD").replace(/[\u0300-\u036f]/g, "").trim().toLocaleLowerCase();
}

function start() {
  try {
    const read = JSON.parse(localStorage.getItem(NAME));
    if (Array.isArray(read)) return read.filter((name) => cities.has(plain(String(name))));
  } catch {
    // nothing kept, or nothing that can be read
  }
  const asked = OPTIONS.cities.filter((name) => cities.has(plain(name)));
  return asked.length ? asked : [0, 3, 4, 8, 10, 11].map((at) => own[at]);
}

function keep() {
  try {
    localStorage.setItem(NAME, JSON.stringify(shown));
  } catch {
    return;
  }
}

/** Hours that a zone is ahead of this machine's. */
function ahead(zone, now) {
  const minutes = (where) => {
    const parts = Object.fromEntries(new Intl.DateTimeFormat("en", { timeZone: where, year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", hourCycle: "h23" }).formatToParts(now).map((part) => [part.type, Number(part.value)]));
    return Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute) / 60000;
  };
  return (minutes(zone) - minutes(here)) / 60;
}

function build() {
  byId("list").replaceChildren(...shown.map((name) => {
    const [label] = cities.get(plain(name)), made = document.createElement("li");
    made.innerHTML = '<svg viewBox="-50 -50 100 100" aria-hidden="true"><circle r="47"/><path class="marks"/><path class="hour"/><path class="minute"/><path class="second"/></svg><div><h2></h2><p class="time"></p><p class="day quiet"></p></div>';
    made.querySelector("h2").textContent = label;
    made.querySelector(".marks").setAttribute("d", [...Array(12).keys()].map((at) => mark(at * 30)).join(""));
    const remove = made.appendChild(document.createElement("button"));
    remove.type = "button";
    remove.textContent = "×";
    remove.setAttribute("aria-label", `${TEXTS.remove}: ${label}`);
    remove.addEventListener("click", () => {
      shown = shown.filter((other) => other !== name);
      keep();
      build();
    });
    return made;
  }));
  tick();
}

function mark(turn) {
  const [x, y] = [Math.sin((turn * Math.PI) / 180), -Math.cos((turn * Math.PI) / 180)];
  return `M${(x * 40).toFixed(1)} ${(y * 40).toFixed(1)}L${(x * 44).toFixed(1)} ${(y * 44).toFixed(1)}`;
}

function tick() {
  const now = new Date();
  for (const [at, name] of shown.entries()) show(byId("list").children[at], cities.get(plain(name))[1], now);
}

function show(made, zone, now) {
  const clock = new Intl.DateTimeFormat(LOCALE, { timeZone: zone, hour: "2-digit", minute: "2-digit", hour12: OPTIONS.twelve || undefined });
  const parts = Object.fromEntries(new Intl.DateTimeFormat("en", { timeZone: zone, hour: "numeric", minute: "numeric", second: "numeric", hourCycle: "h23" }).formatToParts(now).map((part) => [part.type, Number(part.value)]));
  const hours = ahead(zone, now), difference = hours ? `${hours > 0 ? "+" : "−"}${new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 2, style: "unit", unit: "hour" }).format(Math.abs(hours))}` : zone === here ? TEXTS.here : TEXTS.same;
  made.classList.toggle("night", parts.hour < 6 || parts.hour >= 20);
  made.querySelector(".time").textContent = clock.format(now);
  made.querySelector(".day").textContent = `${new Intl.DateTimeFormat(LOCALE, { timeZone: zone, weekday: "short", day: "numeric", month: "short" }).format(now)} · ${difference}`;
  const hands = { hour: [parts.hour * 30 + parts.minute / 2, 24], minute: [parts.minute * 6, 36], second: [parts.second * 6, 40] };
  for (const [hand, [turn, length]] of Object.entries(hands)) {
    made.querySelector(`.${hand}`).setAttribute("d", `M0 6V${-length}`);
    made.querySelector(`.${hand}`).setAttribute("transform", `rotate(${turn})`);
  }
}

byId("zones").replaceChildren(...[...new Set([...cities.values()].map(([label]) => label))].sort((one, other) => one.localeCompare(other, LOCALE)).map((label) => new Option(label, label)));
byId("form").addEventListener("submit", (event) => {
  event.preventDefault();
  const known = cities.get(plain(byId("city").value));
  byId("said").textContent = known ? "" : TEXTS.unknown;
  if (!known) return;
  shown = [...shown.filter((name) => plain(name) !== plain(known[0])), known[0]];
  byId("city").value = "";
  keep();
  build();
});
build();
setInterval(tick, 1000);
