"""A blueprint of things of any kind takes its word for them from the prompt: "my collection of fountain pens"."""

from builder.drafter.lexicon import lexicon
from builder.drafter.phrases import singular_as_written, titled
from builder.drafter.reading import Reading
from builder.drafter.shelf import Match
from builder.drafter.sketch import AppSketch, EntitySketch
from builder.drafter.text import Words, lemmas, plural

LONGEST = 3  # words of a name


def holds_anything(match: Match) -> bool:
    return match.blueprint.sketch.entities[0].generic == "any"


def take_anything(reading: Reading, match: Match, title: Words) -> tuple[AppSketch, bool]:
    """The blueprint with the person's word for its things, and whether it is all there is: nothing was described."""
    known = match.blueprint.sketch.copy()
    main = known.entities[0]
    main.generic = False
    named = [e for e in reading.entities if known.entity(e.key) in (None, main)]
    if len(named) == 1 and named[0].key:
        _call(main, *_without_place(named[0]))
    elif not named:
        _call_by_title(main, title)
    if any(e.fields for e in reading.entities):
        main.synonyms += tuple(e.key for e in named[:1] if len(named) == 1)
        return known, False
    for entity in named:
        reading.forget(entity)
    return known, True


def _call(main: EntitySketch, label: str, many: str) -> None:
    main.label, main.label_plural, main.name = label, many, None


def _without_place(entity: EntitySketch) -> tuple[str, str]:
    """Of "coin collection" the coin."""
    words = entity.label.split()
    while len(words) > 1 and lemmas(words[-1]) in lexicon().places:
        words.pop()
    label = " ".join(words)
    return (label, plural(label)) if label != entity.label else (label, entity.label_plural or plural(label))


def _call_by_title(main: EntitySketch, title: Words) -> None:
    known = lexicon()
    words = [w for w in title if w.is_word and w.lemma not in known.app_words | known.places]
    last = words[-1].lemma.split() if words else []
    if last and last[-1] in known.app_words:  # one word of another language that means "coin collection"
        word = next((w for w in main.synonyms if w in {last[0], " ".join(last[:-1])}), None)
        if word:
            _call(main, word.capitalize(), plural(word).capitalize())
    elif 0 < len(words) <= LONGEST:
        label = titled(" ".join([*(w.text for w in words[:-1]), singular_as_written(words[-1])]))
        several = len(words) == 1 and (words[-1].many or (words[-1].text if words[-1].is_plural else ""))
        _call(main, label, titled(several) if several else plural(label))
