// What the studio says, in the language of the page: sentences by key, with places, plurals and numbers as it writes them.

const { code, names, sentences } = (await import(document.documentElement.dataset.words)).default;
const region = navigator.languages.find((tag) => tag.split("-")[0] === code) ?? code;
const numbers = new Intl.NumberFormat(latin(code));
const plural = new Intl.PluralRules(code);
const TURNS = document.documentElement.dir === "rtl" ? /\p{Script=Latin}/u : /[\p{Script=Arabic}\p{Script=Hebrew}]/u;

export const language = code;
export const languages = names;
export const locale = latin(code); // of numbers
export const regional = latin(region); // of moments: 24 hours or 12, and the order of days, are the reader's own

// `say("row.wrote", { n: 3 })`. Numbers are written as the language does; which plural it is goes by `n`.
export const say = (key, places = {}) => parts(key, places).join("");

// The same as a list to put into an element: places may be elements.
export function parts(key, places = {}) {
  const found = sentences[key];
  if (found === undefined) throw new Error(`There is no sentence for ${key}.`);
  const sentence = typeof found === "string" ? found : (found[plural.select(places.n)] ?? found.other);
  return sentence.split(/(\{\w+\})/).map((piece) => (piece[0] === "{" ? put(places[piece.slice(1, -1)]) : piece));
}

// Whether an app of this locale is in the language of the page.
export const speaks = (tag) => (tag ?? "en").split("-")[0] === code;

export const knows = (key) => key in sentences;
export const number = (n, form) => (form ? new Intl.NumberFormat(latin(code), form) : numbers).format(n);

function put(value) {
  if (typeof value === "number") return number(value);
  return typeof value === "string" && TURNS.test(value) ? `\u2068${value}\u2069` : (value ?? "");
}

// The digits that the sentences of apps and of the service use, too.
function latin(tag) {
  return `${tag}-u-nu-latn`;
}
