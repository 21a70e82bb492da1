const ALPHABETS = {
  ru: "абвгдежзийклмнопрстуфхцчшщъыьэюя", ar: "ابتثجحخدذرزسشصضطظعغفقكلمنهويء",
  de: "abcdefghijklmnopqrstuvwxyzäöüß", es: "abcdefghijklmnñopqrstuvwxyz",
};
const LETTERS = ALPHABETS[LOCALE.slice(0, 2)] || "abcdefghijklmnopqrstuvwxyz";
const LIKE = { ё: "е", أ: "ا", إ: "ا", آ: "ا", ى: "ي", ئ: "ء", ؤ: "ء", ة: "ه" };
const LIVES = { easy: 10, normal: 7, hard: 5 }[OPTIONS.level];
const SHAPES = [...byId("figure").children];
const own = OPTIONS.words.map((word) => word.trim()).filter((word) => [...word].some(isLetter));
const WORDS = own.length ? own : TEXTS.words.split(" ");
let word = "", tried, over, won = 0;

/** A letter as it stands on the keys, without accents that have no key of their own. */
function plain(letter) {
  const small = letter.toLocaleLowerCase(LOCALE);
  if (LETTERS.includes(small)) return small;
  return LIKE[small] || small.normalize("NFD")[0];
}

function isLetter(letter) {
  return LETTERS.includes(plain(letter));
}

function start() {
  const others = WORDS.filter((other) => other !== word);
  word = (others.length ? others : WORDS)[Math.floor(Math.random() * (others.length || 1))];
  tried = new Set();
  over = false;
  byId("said").textContent = "";
  byId("again").hidden = true;
  byId("letters").replaceChildren(...[...LETTERS].map(key));
  show();
}

function key(letter) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = letter.toLocaleUpperCase(LOCALE);
  made.dataset.letter = letter;
  made.addEventListener("click", () => guess(letter));
  return made;
}

const missed = () => [...tried].filter((letter) => ![...word].some((own) => plain(own) === letter)).length;

function guess(letter) {
  if (over || tried.has(letter) || !LETTERS.includes(letter)) return;
  tried.add(letter);
  const made = document.querySelector(`[data-letter="${letter}"]`);
  made.disabled = true;
  made.className = [...word].some((own) => plain(own) === letter) ? "hit" : "miss";
  if (missed() >= LIVES) end(`${TEXTS.lost}: ${word}`);
  else if ([...word].every((own) => !isLetter(own) || tried.has(plain(own)))) {
    won++;
    end(TEXTS.guessed);
  }
  show();
}

function end(text) {
  over = true;
  byId("said").textContent = text;
  byId("again").hidden = false;
  byId("again").focus({ preventScroll: true });
}

function show() {
  const letters = [...word].map((letter) => (over || !isLetter(letter) || tried.has(plain(letter)) ? letter : ""));
  byId("word").replaceChildren(...letters.map((letter, at) => {
    const made = document.createElement("span");
    made.textContent = letter.toLocaleUpperCase(LOCALE) || "\u00a0";
    if (!isLetter(word[at])) made.className = "gap";
    return made;
  }));
  byId("word").setAttribute("aria-label", `${TEXTS.word}: ${letters.map((letter) => letter || "_").join(" ")}`);
  const drawn = Math.ceil((missed() / LIVES) * (SHAPES.length - 1));
  for (const [at, shape] of SHAPES.entries()) shape.classList.toggle("drawn", at <= drawn);
  byId("won").textContent = number.format(won);
  byId("left").textContent = number.format(LIVES - missed());
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1) return;
  guess(plain(event.key));
});
byId("new").addEventListener("click", start);
byId("again").addEventListener("click", start);
start();
