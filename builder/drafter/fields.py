"""Read one item of a list as a field: "my rating from 1 to 10", "status (todo, done)", "date it was last watered"."""

from collections.abc import Iterable

from builder.drafter.language import HEAD_FIRST
from builder.drafter.lexicon import PALETTE, Kind, grammar, lexicon
from builder.drafter.measures import WHOLE_UNITS, as_unit, is_number, key_of, kind_of, range_of, unit_of
from builder.drafter.sketch import FieldSketch
from builder.drafter.text import Prompt, Word, Words
from builder.spec import FieldType

DETERMINERS, MANY, AUXILIARIES = grammar("determiners"), grammar("many"), grammar("auxiliaries")
PREPOSITIONS = grammar("prepositions")
NUMBERS = frozenset("two three four five six seven eight nine ten".split())
FLAGS = {"required": "required", "mandatory": "required", "unique": "unique", "optional": "", "obligatory": "required"}
CLAUSES = grammar("clauses")
LONGEST_CLAUSE = 9  # words of "how many people can come at once"
LONGEST_FIELD = 7  # words; more is a sentence
PLACES_AND_TIMES = {"where": FieldType.STRING, "how": FieldType.STRING, "when": FieldType.DATE}
ONES = frozenset("guest player person attendee room seat bed".split())  # several of them are how many there are
HE = frozenset("i we it they you he she".split())
SYMBOLS = frozenset("km kg cm mm ml kwh kcal mg".split())
SMALL = AUXILIARIES | HE
CHOOSING = frozenset("/ : or from to →".split())


def read_field(words: Words, prompt: Prompt) -> FieldSketch | None:
    """The field that these words name, or None where they name none."""
    outside, inside = _brackets(words)
    meant = _meant(outside, words)
    if meant:
        return meant if not inside else _with_brackets(meant, inside, prompt)
    outside, several = _up_to(outside)
    outside, spelled = _spelled_type(outside)
    outside, listed = _listed_choices(outside)
    lowest, highest, outside = range_of(outside)
    unit, outside = unit_of(outside)
    flags = {FLAGS[w.norm] for w in (*outside, *inside) if w.norm in FLAGS}
    if [w.norm for w in outside] == ["how", "many"]:
        return FieldSketch("How many", "how many", FieldType.INTEGER, min=0, words=tuple(words))
    if _is_choice_alone(outside):
        choices = colored(_label([w], prompt) for w in outside[::2])
        return FieldSketch("Status", "status", FieldType.CHOICE, choices=choices, said=True, words=tuple(words))
    core, kind = _core(_without_flags(outside))
    core = [w for w in core if w.is_word]
    if [w.norm for w in core] == ["whether"]:
        return _either(words, prompt)
    own = kind_of(key_of(core)) if core else None
    kind = own if spelled and spelled.type is FieldType.STRING and own else spelled or kind
    if len(core) > 1 and unit is None and as_unit(core[-1]) and is_number(kind or kind_of(key_of(core[:-1]))):
        unit, core = as_unit(core[-1]), core[:-1]  # "weight_kg"
    if not core or len(core) > LONGEST_FIELD:
        return None
    if len(core) > 1 and unit is None and core[-1].norm in SYMBOLS:  # "start km"
        unit = as_unit(core[-1])
    sketch = FieldSketch(_label(core, prompt), key_of(core), FieldType.STRING, words=tuple(words))
    sketch.plural = several or core[-1].is_plural
    sketch.required, sketch.unique = "required" in flags, "unique" in flags
    if any(w.norm == "who" for w in words[:2]):
        sketch.synonyms = ("person",)
    _read_brackets(sketch, [w for w in inside if w.norm not in FLAGS], prompt)
    if lowest is not None or unit:
        sketch.min, sketch.max, sketch.unit, sketch.said = lowest, highest, unit or sketch.unit, True
    if listed and not sketch.choices:
        sketch.type, sketch.said = FieldType.CHOICE, True
        sketch.choices = colored([_label(part, prompt) for part in listed])
        if _is_yes_or_no(listed):
            sketch.type, sketch.choices = FieldType.BOOLEAN, []
    if len(core) == 2 and core[0].norm == "when":  # "when I finished"
        sketch.label, sketch.key = f"{core[1].text.capitalize()} on", f"{core[1].lemma} on"
    if not sketch.choices:
        _type(sketch, kind or kind_of(sketch.key) or _kind_of_first(core, prompt))
    if prompt.language not in {"en", "und"} and core[0].norm in {"who", "when"} and len(core) > 1:
        sketch.label = _label(core, prompt)  # a clause of another language makes no English name
    return sketch


def _kind_of_first(core: list[Word], prompt: Prompt) -> Kind | None:
    """ "valor mensual": where what a phrase is about stands first."""
    return kind_of(core[0].lemma) if len(core) > 1 and prompt.language in HEAD_FIRST else None


def _meant(outside: list[Word], words: Words) -> FieldSketch | None:
    """ "how long it takes", "why I keep it", "whether it is a company or a person"."""
    bare = [w for w in outside if w.is_word]
    while len(bare) > 1 and bare[0].norm in {"at", "to", "and", "then", "of"}:
        bare = bare[1:]
    label = lexicon().meant_by([w.lemma for w in bare]) if len(bare) <= LONGEST_CLAUSE else None
    if label is None:
        return None
    sketch = FieldSketch(label, label.lower(), FieldType.STRING, words=tuple(words))
    _type(sketch, kind_of(label.lower()))
    return sketch


def _either(words: Words, prompt: Prompt) -> FieldSketch:
    """ "whether it is a company or a person": one of two kinds."""
    named = [w for w in words if w.norm not in AUXILIARIES - {"or"} | DETERMINERS | {"whether", "if"}]
    choices = choices_from(named, prompt)
    return FieldSketch("Type", "type", FieldType.CHOICE, choices=choices, said=True, words=tuple(words))


def _with_brackets(sketch: FieldSketch, inside: list[Word], prompt: Prompt) -> FieldSketch:
    _read_brackets(sketch, [w for w in inside if w.norm not in FLAGS], prompt)
    return sketch


def choices_from(words: Words, prompt: Prompt) -> list[tuple[str, str | None]]:
    """ "todo, doing or done" as choices, each with a colour of its own."""
    parts = split_on(words, {",", "/", "or", "and", "|", ";", "→"})
    return colored([_label(part, prompt) for part in parts if part])


def colored(labels: Iterable[str]) -> list[tuple[str, str | None]]:
    colors = list(PALETTE.values())
    unique = list(dict.fromkeys(labels))
    return [(label[:60], _meaning(label) or colors[at % len(colors)]) for at, label in enumerate(unique)]


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


def _without_flags(words: Words) -> list[Word]:
    before = [None, *words]
    return [
        w
        for w, last in zip(words, before, strict=False)
        if w.norm not in FLAGS and (w.norm not in MANY or (last is not None and last.norm == "how"))
    ]


def _up_to(words: list[Word]) -> tuple[list[Word], bool]:
    """ "up to six pokémon": several of them."""
    at = next((at for at, word in enumerate(words[:3]) if word.norm == "up"), None) if len(words) > 3 else None
    if at is None or len(words) < at + 4 or words[at + 1].norm != "to":
        return words, False
    return words[:at] + words[at + 3 :], True


def _spelled_type(words: list[Word]) -> tuple[list[Word], Kind | None]:
    """ "sender TEXT UNIQUE": a type as databases spell it, in capitals behind the name."""
    types = lexicon().types
    at = next((at for at, w in enumerate(words) if at and w.text.isupper() and w.norm in types), None)
    if at is None:
        return words, None
    return words[:at] + [w for w in words[at:] if w.norm in FLAGS], types[words[at].norm]


def _listed_choices(words: list[Word]) -> tuple[list[Word], list[list[Word]]]:
    """ "condition mint/good/worn", "a status that goes from applied to interview to offer or rejected"."""
    if CHOOSING.isdisjoint([word.norm for word in words[1:]]):
        return words, []
    slash = next((at for at, word in enumerate(words) if word.text == "/" and at > 1), None)
    if slash is not None:
        parts, core = split_on(words[slash - 1 :], {"/"}), words[: slash - 1]
        fits = len(parts) > 2 or _is_yes_or_no(parts)
        fits = fits or bool(len(parts) == 2 and (kind_of(key_of(core)) or _VAGUE).choices)
        return (core, parts) if fits and any(w.is_word and w.norm not in DETERMINERS for w in core) else (words, [])
    colon = next((at for at, word in enumerate(words) if word.text == ":" and at), None)
    if colon and any(word.norm in {"or", "/"} for word in words[colon:]):  # "type: annual or sick or unpaid"
        return words[:colon], split_on(words[colon + 1 :], {"or", "/"})
    either = next((at for at, word in enumerate(words) if word.norm == "or"), None)
    if (
        either
        and 2 <= either == len(words) - 2
        and words[-1].norm not in {"not", "no"}
        and _may_choose(words[: either - 1])
    ):
        return words[: either - 1], [[words[either - 1]], [words[-1]]]
    start = next((at for at, word in enumerate(words) if word.norm == "from" and at), None)
    steps = sum(word.norm in {"to", "→"} for word in words) > 1  # "status open to in progress to closed"
    if start is None and steps and (kind_of(words[0].lemma) or _VAGUE).choices:
        return words[:1], split_on(words[1:], {"to", "or", "then", "→"})
    if start is None or not words[start + 1 :] or any(w.norm.isdecimal() for w in words[start:]):
        return words, []
    parts = split_on(words[start + 1 :], {"to", "or", "then", "→"})
    core = words[: next((at for at, w in enumerate(words) if at and w.norm in CLAUSES), start)]
    return (core, parts) if len(parts) > 2 and all(len(part) < 4 for part in parts) else (words, [])


def _is_yes_or_no(parts: list[list[Word]]) -> bool:
    return {word.norm for part in parts for word in part} <= {"yes", "no", "true", "false", "y", "n"}


def _is_choice_alone(words: list[Word]) -> bool:
    """ "active or cancelled": no name, but what stands for one."""
    if len(words) != 3 or words[1].norm != "or" or words[2].norm == "not":
        return False
    kinds = [kind_of(word.lemma) for word in words[::2]]
    return any(kind and kind.type is FieldType.BOOLEAN for kind in kinds) or all(
        word.norm in lexicon().meanings for word in words[::2]
    )


def _may_choose(core: list[Word]) -> bool:
    """ "billing monthly or yearly": choices of one thing, and no two ways to say it."""
    bare = [w for w in core if w.is_word and w.norm not in DETERMINERS]
    return len(bare) == 1 and bare[0].norm not in PREPOSITIONS | AUXILIARIES | CLAUSES


_VAGUE = Kind(FieldType.STRING)


def _read_brackets(sketch: FieldSketch, inside: list[Word], prompt: Prompt) -> None:
    if not inside:
        return
    lowest, highest, rest = range_of(inside)
    unit, rest = unit_of([w for w in rest if w.norm != "in"], alone=True)
    if lowest is not None or unit:
        sketch.min, sketch.max, sketch.unit, sketch.said = lowest, highest, unit, True
        return
    if len(inside) == 1 and inside[0].norm in lexicon().types:
        sketch.fill(lexicon().types[inside[0].norm])
        sketch.said = True
        return
    if any(w.text in ",/|→" or w.norm == "or" for w in inside):
        sketch.choices, sketch.type, sketch.said = choices_from(inside, prompt), FieldType.CHOICE, True
        if _is_yes_or_no(split_on(inside, {",", "/", "or", "|", "→"})):
            sketch.choices, sketch.type = [], FieldType.BOOLEAN


def _core(words: list[Word]) -> tuple[list[Word], Kind | None]:
    """The words that name the field, and its kind where the phrase says it: "whether it is paid" is a yes or no."""
    known = lexicon().fields
    while words and (words[0].norm in DETERMINERS or not words[0].is_word):
        words = words[1:]
    words = _without_lead(words)
    norms = [w.norm for w in words]
    if len(norms) == 1 and norms[0] not in {"whether", "if"}:
        return words, None
    if norms[:2] in (["are", "assigned"], ["is", "assigned"]):
        words, norms = words[1:], norms[1:]
    if norms[:2] == ["assigned", "to"]:
        return words[:2], None
    if norms[:1] == ["whether"] and "or" in norms and norms[-1] != "not":
        return words[:1], None
    if norms[:1] and norms[0] in {"whether", "if"}:
        return [w for w in words[1:] if w.norm not in AUXILIARIES | {"it's", "already"}], (known["done"])
    if norms[:2] in (["what", "is"], ["what", "was"]) and len(norms) > 2:  # "what is wrong"
        return words, known["note"]
    if norms[-2:] == ["or", "not"]:
        return words[:-2], known["done"]
    if norms[:2] == ["how", "many"]:  # "how many people we need"
        end = next((at for at, norm in enumerate(norms) if norm in HE | AUXILIARIES), len(norms))
        counted = words[2:end]
        if len(counted) > 1 and kind_of(counted[0].lemma) is None and kind_of(counted[-1].lemma):
            return counted[-1:], kind_of(counted[-1].lemma)  # "сколько поставил баллов": the verb stands before
        return counted or words, known["quantity"]
    if norms[:1] == ["who"] and len(norms) > 2 and norms[1] in {"is", "was"}:
        return words[2:], Kind(FieldType.STRING)  # "who was missing"
    if norms[:1] == ["who"]:  # "who created it last" is "created by"
        return words, None
    if is_circumstance(words):
        return [words[0], *_said(words)], Kind(PLACES_AND_TIMES[norms[0]])  # "where it was found"
    if norms[:2] == ["last", "time"] and len(_said(words[1:])) == 1:
        return [words[0], *_said(words[1:])], known["date"]  # "the last time we played"
    if len(norms) > 2 and norms[0] in {"date", "day", "time", "when"} and norms[1] in {"it", "they", "i", "he", "she"}:
        return [w for w in words[2:] if w.norm not in AUXILIARIES], known["date"]
    if len(norms) > 2 and norms[0] == "year" and norms[1] in HE:
        return [w for w in words[2:] if w.norm not in AUXILIARIES], known["year"]
    for at, norm in enumerate(norms):
        if at in {1, 2} and norm in {"i", "we", "they", "you"} and at >= len(norms) - 3:  # "the bait I used"
            return words[:at], None
        if at and norms[at:] in (["it", "is"], ["it", "was"], ["they", "are"]):  # "what species it is"
            return words[:at], None
        if at and norm in CLAUSES:
            return words[:at], None
    return words, None


def _without_lead(words: list[Word]) -> list[Word]:
    """ "at which time", "four options", "a checkbox “paid”", "date of the last visit": what names the field follows."""
    if len(words) > 2 and words[0].norm in PREPOSITIONS and words[1].norm in {"which", "what"}:
        words = words[1:]
    while len(words) > 1 and _leads(words):
        words = words[1:]
    lasting = next((at for at, w in enumerate(words[1:4], 1) if w.norm.startswith("last")), None)
    while len(words) > 1 and words[0].norm == "of":
        words = words[1:]
    while len(words) > 1 and words[-1].norm in {"in", "of", "for", "from", "with"}:
        words = words[:-1]
    if words and words[0].norm == "date" and lasting and all(w.norm in {"of", "the"} for w in words[1:lasting]):
        return words[lasting:]
    return words


def _leads(words: list[Word]) -> bool:
    first, following = words[0].norm, words[1]
    if first == "what":
        return kind_of(following.lemma) is not None
    if first in {"is", "are"}:  # "which is the right one"
        return following.norm in DETERMINERS | {"right"} or len(words) == 2
    return first in {"which", "checkbox"} | NUMBERS


def is_circumstance(words: Words) -> bool:
    """ "where I caught it": a pronoun and one word that says what was done."""
    return len(words) > 2 and words[0].norm in PLACES_AND_TIMES and words[1].norm in HE and len(_said(words)) == 1


def _said(words: Words) -> list[Word]:
    return [w for w in words[2:] if w.norm not in SMALL]


def _type(sketch: FieldSketch, kind: Kind | None) -> None:
    if sketch.said and sketch.type is not FieldType.STRING:
        return
    if sketch.key.startswith("who "):
        verbs = [w for w in sketch.key.split()[1:] if w not in {"it", "them", "last", "ha", "has", "is", "wa", "was"}]
        sketch.label, sketch.key = " ".join([*verbs, "by"]).capitalize(), " ".join([*verbs, "by"])
        sketch.said = True
        return
    if sketch.unit and (kind is None or not (kind.type.is_number or kind.type is FieldType.TIME)):
        sketch.type = FieldType.INTEGER if sketch.unit in WHOLE_UNITS else FieldType.DECIMAL
    elif kind is None and sketch.max is not None:
        sketch.type = FieldType.INTEGER
    elif kind and sketch.key in ONES and not sketch.plural and sketch.unit is None and sketch.max is None:
        sketch.type = FieldType.STRING  # "guest" is who came, "guests" are how many
    elif sketch.key == "day" and not sketch.plural and sketch.unit is None and sketch.max is None:
        sketch.type = FieldType.DATE
    elif kind:
        sketch.fill(kind)
        if sketch.type is FieldType.MONEY and sketch.unit not in {None, "€", "$", "£"}:  # "amount in ml"
            sketch.type = FieldType.DECIMAL
        if sketch.type in {FieldType.STRING, FieldType.CHOICE, FieldType.TEXT} and sketch.max is not None:
            sketch.type, sketch.choices = FieldType.INTEGER, []
        if sketch.unit in WHOLE_UNITS and sketch.type is FieldType.DECIMAL:
            sketch.type = FieldType.INTEGER
        if sketch.unit in {"€", "$", "£"}:
            sketch.type, sketch.min = FieldType.MONEY, 0


def _meaning(label: str) -> str | None:
    """Done is green and lost is red, whatever their place in the list."""
    return PALETTE.get(lexicon().meanings.get(label.lower(), ""))


def _label(words: Words, prompt: Prompt) -> str:
    while len(words) > 1 and words[0].norm in DETERMINERS:
        words = words[1:]
    text = prompt.phrase([w for w in words if w.is_word] or words).strip("\"'“”«»`*_ ")[:80]
    return text if text[1:2].isupper() else text[:1].upper() + text[1:]  # "pH"
