const number = new Intl.NumberFormat(LOCALE);
const text = byId("text");
const pieces = (granularity) => new Intl.Segmenter(LOCALE, { granularity });
const [word, letter, sentence] = ["word", "grapheme", "sentence"].map(pieces);

function counts(said) {
  const words = [...word.segment(said)].filter((piece) => piece.isWordLike).length;
  return {
    words,
    characters: [...letter.segment(said)].length,
    bare: [...letter.segment(said.replace(/\s/g, ""))].length,
    sentences: [...sentence.segment(said)].filter((piece) => /[\p{L}\p{N}]/u.test(piece.segment)).length,
    paragraphs: said.split(/\n+/).filter((line) => line.trim()).length,
    minutes: Math.ceil(words / OPTIONS.speed),
  };
}

function show() {
  for (const [key, count] of Object.entries(counts(text.value))) byId(key).textContent = number.format(count);
  byId("clear").disabled = !text.value;
  try {
    localStorage.setItem("word-counter", text.value);
  } catch {
    return; // storage may be forbidden or full: the text lasts as long as the page
  }
}

try {
  text.value = localStorage.getItem("word-counter") ?? "";
} catch {
  text.value = "";
}
text.addEventListener("input", show);
byId("clear").addEventListener("click", () => {
  text.value = "";
  show();
  text.focus();
});
show();
