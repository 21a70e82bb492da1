const NAMES = [TEXTS.rock, TEXTS.paper, TEXTS.scissors];
const GOAL = OPTIONS.rounds;
const choices = [...byId("board").children];
let wins = [0, 0];

function start() {
  wins = [0, 0];
  byId("duel").hidden = byId("again").hidden = true;
  byId("told").textContent = "";
  finish(false);
  tally();
}

/** Each beats the one before it. */
function play(mine) {
  if (choices[mine].disabled) return;
  const theirs = Math.floor(Math.random() * 3);
  const result = (mine - theirs + 3) % 3;
  if (result) wins[result - 1]++;
  byId("mine").textContent = NAMES[mine];
  byId("theirs").textContent = NAMES[theirs];
  byId("duel").hidden = false;
  byId("told").textContent = [TEXTS.draw, TEXTS.won, TEXTS.lost][result];
  tally();
  if (GOAL && Math.max(...wins) > GOAL / 2) {
    byId("told").textContent += ` ${number.format(wins[0])} : ${number.format(wins[1])}`;
    finish(true);
  }
}

function finish(over) {
  for (const choice of choices) choice.disabled = over;
  byId("again").hidden = !over;
  if (over) byId("again").focus({ preventScroll: true });
}

function tally() {
  byId("you").textContent = number.format(wins[0]);
  byId("computer").textContent = number.format(wins[1]);
}

choices.forEach((choice, at) => choice.addEventListener("click", () => play(at)));
window.addEventListener("keydown", (event) => {
  if (["1", "2", "3"].includes(event.key) && !event.ctrlKey && !event.metaKey && !event.altKey) play(Number(event.key) - 1);
});
byId("new").addEventListener("click", start);
byId("again").addEventListener("click", start);
start();
