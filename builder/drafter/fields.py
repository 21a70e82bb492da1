"""Read one item of a list as a field: "my rating from 1 to 10", "status (todo, done)", "date it was last watered"."""

from collections.abc import Iterable, Sequence

from builder.drafter.lexicon import PALETTE, Kind, grammar, lexicon
from builder.drafter.sketch import FieldSketch
from builder.drafter.text import Prompt, Word, Words
from builder.spec import FieldType

DETERMINERS, MANY, AUXILIARIES = grammar("determiners"), grammar("many"), grammar("auxiliaries")
UNITS = {
    "kg": "kg", "kilo": "kg", "kilogram": "kg", "g": "g", "gram": "g", "lb": "lb", "mg": "mg", "pound": "lb", "m": "m",
    "meter": "m", "metre": "m", "cm": "cm", "centimeter": "cm", "centimetre": "cm", "mm": "mm", "km": "km",
    "kilometer": "km", "kilometre": "km", "mile": "mi", "inch": "in", "ft": "ft", "feet": "ft", "m2": "m²",
    "m²": "m²", "sqm": "m²", "sqft": "sq ft", "day": "days", "week": "weeks", "month": "months", "year": "years",
    "hour": "h", "h": "h", "minute": "min", "min": "min", "second": "s", "%": "%", "percent": "%", "€": "€",
    "eur": "€", "euro": "€", "$": "$", "usd": "$", "dollar": "$", "£": "£", "gbp": "£", "l": "l", "liter": "l",
    "litre": "l", "ml": "ml", "kcal": "kcal", "calorie": "kcal", "celsius": "°C", "kwh": "kWh", "watt": "W",
}  # fmt: skip
FLAGS = {"required": "required", "mandatory": "required", "unique": "unique", "optional": "", "obligatory": "required"}
CLAUSES = grammar("clauses")
LONGEST_FIELD = 7  # words; more is a sentence


def read_field(words: Words, prompt: Prompt) -> FieldSketch | None:
    """The field that these words name, or None where they name none."""
    outside, inside = _brackets(words)
    lowest, highest, outside = _range(outside)
    unit, outside = _unit(outside)
    flags = {FLAGS[w.norm] for w in (*outside, *inside) if w.norm in FLAGS}
    if [w.norm for w in outside] == ["how", "many"]:
        return FieldSketch("How many", "how many", FieldType.INTEGER, min=0, words=tuple(words))
    core, kind = _core([w for w in outside if w.norm not in FLAGS and w.norm not in MANY])
    core = [w for w in core if w.is_word]
    if not core or len(core) > LONGEST_FIELD:
        return None
    sketch = FieldSketch(_label(core, prompt), _key(core), FieldType.STRING, words=tuple(words))
    sketch.plural = core[-1].is_plural
    sketch.required, sketch.unique = "required" in flags, "unique" in flags
    _read_brackets(sketch, [w for w in inside if w.norm not in FLAGS], prompt)
    if lowest is not None or unit:
        sketch.min, sketch.max, sketch.unit, sketch.said = lowest, highest, unit or sketch.unit, True
    if not sketch.choices:
        _type(sketch, kind or kind_of(sketch.key))
    return sketch


def kind_of(key: str) -> Kind | None:
    """What the lexicon says, with the head before "of" where the ending says nothing: "date of the last visit"."""
    exact = lexicon().fields.get(key)
    if exact:
        return exact
    words = key.split()
    if words[:2] in (["number", "of"], ["amount", "of"], ["count", "of"]):
        return lexicon().fields["quantity"]
    if words[0] in {"is", "has", "was"} and len(words) > 1:
        return lexicon().fields["done"]
    if words[-1] == "on" and len(words) > 1:
        return lexicon().fields["date"]
    if words[-1] == "at" and len(words) > 1:
        return lexicon().fields["timestamp"]
    if "of" in words[1:]:
        return lexicon().kind(" ".join(words[: words.index("of", 1)]))
    return lexicon().kind(key)


def choices_from(words: Words, prompt: Prompt) -> list[tuple[str, str | None]]:
    """ "todo, doing or done" as choices, each with a colour of its own."""
    parts = split_on(words, {",", "/", "or", "and", "|", ";", "→"})
    labels = list(dict.fromkeys(_label(part, prompt) for part in parts if part))
    colors = list(PALETTE.values())
    return [(label[:60], _meaning(label) or colors[at % len(colors)]) for at, label in enumerate(labels)]


def split_on(words: Words, separators: Iterable[str]) -> list[list[Word]]:
    wanted, parts = set(separators), [[]]  # type: tuple[set[str], list[list[Word]]]
    for word in words:
        if word.norm in wanted:
            parts.append([])
        else:
            parts[-1].append(word)
    return [part for part in parts if part]


def _brackets(words: Words) -> tuple[list[Word], list[Word]]:
    outside: list[Word] = []
    inside: list[Word] = []
    depth = 0
    for word in words:
        if word.text in "([":
            depth += 1
        elif word.text in ")]":
            depth = max(0, depth - 1)
        else:
            (inside if depth else outside).append(word)
    return outside, inside


def _read_brackets(sketch: FieldSketch, inside: list[Word], prompt: Prompt) -> None:
    if not inside:
        return
    lowest, highest, rest = _range(inside)
    unit, rest = _unit([w for w in rest if w.norm != "in"], alone=True)
    if lowest is not None or unit:
        sketch.min, sketch.max, sketch.unit, sketch.said = lowest, highest, unit, True
        return
    if any(w.text in ",/|→" or w.norm == "or" for w in inside):
        sketch.choices, sketch.type, sketch.said = choices_from(inside, prompt), FieldType.CHOICE, True
        if {label.lower() for label, _ in sketch.choices} <= {"yes", "no", "true", "false"}:
            sketch.choices, sketch.type = [], FieldType.BOOLEAN


def _range(words: Sequence[Word]) -> tuple[float | None, float | None, list[Word]]:
    """ "from 1 to 10", "between 1 and 10", "1-10", "1 to 5", "out of 5"."""
    rest = list(words)
    for at, word in enumerate(rest):
        if word.norm in {"to", "and", "-", "–", "—"} and 0 < at < len(rest) - 1:
            low, high = _number(rest[at - 1]), _number(rest[at + 1])
            if low is not None and high is not None and low < high:
                start = at - 2 if at > 1 and rest[at - 2].norm in {"from", "between", "in", "of"} else at - 1
                return low, high, rest[:start] + rest[at + 2 :]
        if word.norm == "of" and at and rest[at - 1].norm == "out" and at + 1 < len(rest):
            high = _number(rest[at + 1])
            if high and high > 1:
                return 1, high, rest[: at - 1] + rest[at + 2 :]
        if "-" in word.norm:
            low_text, _, high_text = word.norm.partition("-")
            if low_text.isdecimal() and high_text.isdecimal() and int(low_text) < int(high_text):
                return float(low_text), float(high_text), rest[:at] + rest[at + 1 :]
    return None, None, rest


def _number(word: Word) -> float | None:
    return float(word.norm) if word.norm.replace(".", "", 1).isdecimal() and len(word.norm) < 12 else None


def _unit(words: Sequence[Word], alone: bool = False) -> tuple[str | None, list[Word]]:
    """The unit after "in" ("weight in kg"), or the only word of a bracket."""
    rest = list(words)
    if alone and len(rest) == 1 and _as_unit(rest[0]):
        return _as_unit(rest[0]), []
    for at, word in enumerate(rest[:-1]):
        if word.norm == "in" and at and _as_unit(rest[at + 1]):
            return _as_unit(rest[at + 1]), rest[:at] + rest[at + 2 :]
    return None, rest


def _as_unit(word: Word) -> str | None:
    return UNITS.get(word.text.lower()) or UNITS.get(word.lemma)


def _core(words: list[Word]) -> tuple[list[Word], Kind | None]:
    """The words that name the field, and its kind where the phrase says it: "whether it is paid" is a yes or no."""
    known = lexicon().fields
    while words and (words[0].norm in DETERMINERS or not words[0].is_word):
        words = words[1:]
    norms = [w.norm for w in words]
    if norms[:2] in (["are", "assigned"], ["is", "assigned"]):
        words, norms = words[1:], norms[1:]
    if norms[:2] == ["assigned", "to"]:
        return words[:2], None
    if norms[:1] and norms[0] in {"whether", "if"}:
        return [w for w in words[1:] if w.norm not in AUXILIARIES], (known["done"])
    if norms[-2:] == ["or", "not"]:
        return words[:-2], known["done"]
    if norms[:1] == ["who"]:  # "who created it last" is "created by"
        return words, None
    if len(norms) > 2 and norms[0] in {"date", "day", "time", "when"} and norms[1] in {"it", "they", "i", "he", "she"}:
        return [w for w in words[2:] if w.norm not in AUXILIARIES], known["date"]
    for at, norm in enumerate(norms):
        if at and norm in CLAUSES:
            return words[:at], None
    return words, None


def _type(sketch: FieldSketch, kind: Kind | None) -> None:
    if sketch.key.startswith("who "):
        verbs = [w for w in sketch.key.split()[1:] if w not in {"it", "them", "last", "ha", "has", "is", "wa", "was"}]
        sketch.label, sketch.key = " ".join([*verbs, "by"]).capitalize(), " ".join([*verbs, "by"])
        return
    if sketch.unit and (kind is None or kind.type is FieldType.STRING):
        sketch.type = FieldType.DECIMAL
    elif kind is None and sketch.max is not None:
        sketch.type = FieldType.INTEGER
    elif kind:
        sketch.fill(kind)
        if sketch.type in {FieldType.STRING, FieldType.CHOICE, FieldType.TEXT} and sketch.max is not None:
            sketch.type, sketch.choices = FieldType.INTEGER, []
        if sketch.unit in {"€", "$", "£"}:
            sketch.type, sketch.min = FieldType.MONEY, 0


def _meaning(label: str) -> str | None:
    """Done is green and lost is red, whatever their place in the list."""
    return PALETTE.get(lexicon().meanings.get(label.lower(), ""))


def _label(words: Words, prompt: Prompt) -> str:
    while len(words) > 1 and words[0].norm in DETERMINERS:
        words = words[1:]
    text = prompt.quote([w for w in words if w.is_word] or words).strip("\"'“”«»`*_ ")[:80]
    return text[:1].upper() + text[1:]


def _key(words: Words) -> str:
    return " ".join(w.lemma for w in words if w.norm not in DETERMINERS)[:120] or words[-1].lemma
