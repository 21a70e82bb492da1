"""Read the things an app keeps, and their fields, from ordinary sentences. Knows words, no kind of app.

A sentence is cut into items at its commas and "and"s. An item opens a thing ("tasks with a title", "each plant has
a name", "a table called Index (key, value)"), adds a field to the open one, or is a request and closes it.
"""

from collections.abc import Sequence

from builder.drafter.belonging import read_belonging, read_marks
from builder.drafter.deals import read_deals
from builder.drafter.features import VERBS, Mention
from builder.drafter.fields import DETERMINERS, MANY, is_circumstance
from builder.drafter.heads import view_head
from builder.drafter.items import Item, items_of
from builder.drafter.lexicon import grammar, lexicon
from builder.drafter.measures import kind_of
from builder.drafter.openings import (
    are_things_again,
    before_is,
    called_list,
    grouped,
    is_measure,
    is_other_thing,
    moments_in,
)
from builder.drafter.phrases import (
    COMMENTS,
    ENDS_PHRASE,
    GROUPS,
    HAS,
    KEEPS,
    SPEAKERS,
    STORES,
    VIEWS,
    are_people,
    are_things,
    bracket_list,
    holds_fields,
    inside_brackets,
    is_field,
    kept_head,
    lists_fields,
    outside_brackets,
    phrase_before_bracket,
    singular_as_written,
    subject_of,
    titled,
    verb_of_having,
    without_determiners,
    without_openers,
)
from builder.drafter.reading import Reading
from builder.drafter.sketch import EntitySketch
from builder.drafter.text import Prompt, Word, Words
from builder.spec import FieldType

CHOSEN = frozenset("status state stage".split())
STAGES = frozenset("columns stages statuses lanes".split())
RECORDS = grammar("records")
HOLDERS = frozenset("menu catalogue catalog collection list archive register library".split())
ENDS_OF_WAY = frozenset("from to".split())  # fields of a ride, where nothing else stands with them
ENTERS = frozenset("enter write leave give submit fill".split())
FEWEST_BARE = 3  # items of a sentence that is nothing but a list of fields


def read_entities(prompt: Prompt, mentions: Sequence[Mention], looks: frozenset[int] = frozenset()) -> Reading:
    """`looks` are the places of words that say how the app looks, and name nothing that it keeps."""
    reading = Reading(spoken={word.lemma for word in prompt.words if word.is_plural}, looks=looks)
    taken = {(m.sentence, at) for m in mentions if not m.is_action for at in range(m.start, m.end)}
    current: EntitySketch | None = None
    for number, sentence in enumerate(prompt.sentences):
        current = SentenceReader(prompt, reading, _items(number, sentence), taken, current).read()
    reading.take_stages(prompt)
    reading.take_lengths()
    read_marks(prompt, reading)
    read_deals(prompt, reading)
    read_belonging(prompt, reading)
    reading.entities = [e for e in reading.entities if e.fields or e.key]
    return reading


class SentenceReader:
    """Walks the items of one sentence. `current` takes fields, `last` is what "it" speaks of.

    `loose` says that the open thing is the app itself, so that bare plurals may be its things; `listing` that this
    sentence has named such things, so that another may follow after the fields of one.
    """

    def __init__(
        self,
        prompt: Prompt,
        reading: Reading,
        items: list[Item],
        taken: set[tuple[int, int]],
        last: EntitySketch | None,
    ) -> None:
        self.prompt, self.reading, self.items, self.taken = prompt, reading, items, taken
        self.current: EntitySketch | None = None
        self.last, self.loose, self.listing, self.closed = last, False, False, False

    def read(self) -> EntitySketch | None:
        self._bare_list()
        for position, item in enumerate(self.items):
            inside = self.current is not None and is_circumstance(item.words)
            alone = self.current is not None and len(item.words) == 1 and item.words[0].norm in ENDS_OF_WAY
            words = item.words if inside or alone else without_openers(item.words)
            if not words:
                continue
            if self.current is not None and len(words) > 2 and words[1].norm in ENTERS and _are_anybody(words[0]):
                words = words[2:]  # "guestbook: guests write a name, a message"
            if self.current is not None and self._is_noted(words, position):
                words = words[1:]  # "tyre shop: we note the customer, …"
            is_request = _is_request(item, words, self.taken)
            only_request = is_request and words[0].norm not in KEEPS
            self.listing = self.listing or self.loose
            if not (
                self._called(words)
                or (not only_request and self._having(words, position))
                or (item.opens and self._heading(words, position, only_request))
                or self._grouping(words)
                or ((position == 0 or self.current is None) and self._storing(words, position))
                or (self.current is None and self._keeping_in_brackets(words))
                or (is_request and self._request(words))
            ):
                self._plain(words, item)
        return self.last

    def _is_noted(self, words: list[Word], position: int) -> bool:
        return (
            bool(position) and self.items[position - 1].opens and len(words) > 1 and words[0].norm in STORES | RECORDS
        )

    def _bare_list(self) -> None:
        """ "artist, album, year": a sentence that is only a list of fields is about what was spoken of."""
        if len(self.items) < FEWEST_BARE:
            return
        items = [without_determiners(item.words) for item in self.items]
        known = [item for item in items if item and _is_known(item)]
        asks = any(_is_request(item, item.words, self.taken) for item in self.items) or self.items[0].opens
        named = bool(items[0]) and len(items[0]) < 3
        if not asks and named and items[0] in known and len(known) * 2 >= len(items):
            self.current = self.last = self.last or self.reading.open("", "", [])
        elif not asks and self.last is None and items[0] not in known and len(known) * 2 >= len(items):
            self._titled_list(items)

    def _titled_list(self, items: list[list[Word]]) -> None:
        """ "inventory for my makeup, brand, shade, opened on": a comma where others write a colon."""
        if any(w.norm in HAS for item in items for w in item) or are_things(items[1:]):
            return
        subject = subject_of(self.items[0].words, None)
        if subject and not kept_head(self.items[0].words):
            self.current = self.last = self.reading.open(*subject[:3], guessed=not subject[3])
            self.items.pop(0)

    def _called(self, words: list[Word]) -> bool:
        """ "a table called Index (key, value)"."""
        called = called_list(words)
        if called:
            self.current, self.loose = None, False
            self.last = self.reading.bracketed(self.prompt, *called)
        return called is not None

    def _having(self, words: list[Word], position: int) -> bool:
        """ "tasks with a title", "each plant has a name", "an app with teams and players"."""
        at = verb_of_having(words)
        if at == 0 and words[0].norm == "with" and _is_gesture(words):  # "with a click I mark it"
            return False
        if at is None or at + 1 >= len(words) or (self.current and is_measure(words[:at])):
            return False
        named = before_is(words[:at])
        subject = subject_of(named or words[:at], self.last)
        if subject is None and at == 0 and position and _are_fields([words[1:], *self._following(position)]):
            own = self.current  # "I record my runs, including date and distance"
            subject = (own.key, own.label, list(own.words), True) if own else ("", "", [], False)
        if subject is None or not subject[3]:
            subject = self._bare_thing(words, at, position) or subject
        if subject is None:
            return False
        if self._having_in_brackets(words[at + 1 :]):
            return True
        key, label, source, surely = subject
        if not surely and source and source[-1].lemma in VIEWS and self._is_wish(words[at + 1 :], self.items[position]):
            return self._request(words)
        if words[at].norm == "needs" and not surely and _is_app(words[at + 1 :]):
            self.current, self.loose = None, False
            return self._having(words[at + 1 :], position) if verb_of_having(words[at + 1 :]) else True
        first = without_determiners(words[at + 1 :])
        several = bool(first) and first[0].norm in MANY
        if not surely and not several and are_things([words[at + 1 :], *self._following(position)]):
            self.current, self.loose = None, True
            self.reading.thing(self.prompt, words[at + 1 :])
            return True
        holds = not surely and bool(source) and source[-1].lemma in HOLDERS and len(first) == 1 and first[0].is_plural
        if holds and _are_fields(self._following(position)):  # "a menu with dishes, price and category"
            self.current = self.last = self.reading.open_plural(first)
            self.current.listed, self.loose = True, False
            return True
        self.current = self.last = self.reading.open(key, label, source, guessed=not surely)
        self.current.listed, self.loose = surely, False
        if len(first) > 1 and first[0].norm in STAGES:
            stages = [first[1:], *(item.words for item in self.items[position + 1 :])]
            self.reading.add_stages(self.prompt, self.current, stages)
            self.items[position + 1 :] = []
        else:
            for moment in moments_in(words[len(named) : at]) if named else ():
                self.reading.add_field(self.prompt, self.current, [moment])
            self.reading.add_field(self.prompt, self.current, words[at + 1 :])
        return True

    def _bare_thing(self, words: list[Word], at: int, position: int) -> tuple[str, str, list[Word], bool] | None:
        """ "Bakery: order with customer, date": the app was named before the colon, and no verb stands behind it."""
        source, opens = words[:at], bool(position) and self.items[position - 1].opens
        if not opens or len(source) != 1 or not _is_whole([words, *self._following(position)]):
            return None
        return source[0].lemma, titled(singular_as_written(source[0])), source, True

    def _is_wish(self, words: list[Word], item: Item) -> bool:
        """ "a table with the high scores": what is on it is a feature."""
        first = next(iter(without_determiners(words)), None)
        place = next((n for n, word in enumerate(item.words) if first and word.start == first.start), None)
        return place is not None and (item.sentence, item.at + place) in self.taken

    def _having_in_brackets(self, words: list[Word]) -> bool:
        """ "a site with works (title, year)": a thing of the app, and no field."""
        if not bracket_list(words) or not lists_fields(words):
            return False
        head = phrase_before_bracket(words)
        table = any(w.lemma == "table" for w in words[:3])
        if not table and not (head[-1].is_plural and (kind_of(head[-1].lemma) is None or are_things([head]))):
            return False
        self.current, self.loose = None, True
        self.last = self._in_brackets(words)
        return True

    def _heading(self, words: list[Word], position: int, only_request: bool) -> bool:
        """What stands before a colon: a thing whose fields follow, or the app whose things do."""
        kept = kept_head(words)
        if kept and _is_for(words, kept) and are_things(self._following(position)):
            self.current, self.loose = None, True  # "an app for freelancers: clients, projects": the things follow
            return True
        if kept and (position + 1 == len(self.items) or self.items[position + 1].words[0].norm != "each"):
            self.current = self.last = self.reading.open_plural(kept)
            self.current.listed, self.loose = True, False
            return True
        subject, rest = subject_of(words, None), self._following(position)
        if only_request and not (subject and subject[3] and _are_fields(rest)):
            return False
        if rest and rest[0][0].norm == "each":  # "Film diary: each evening has …"
            self.current, self.loose = None, False
            return True
        if self._stages(words, rest):
            return True
        if any(w.norm == "what" for w in words) and _are_fields(rest):  # "what we have for sale: address, price"
            self.current = self.last = self.reading.open("", "", [])
            return True
        if subject and rest and self._is_own_name(words, rest):  # "film club: films, …"
            self.current = self.last = self.reading.open_plural(without_determiners(rest[0]))
            self.items.pop(position + 1)
        elif rest and (_speaks(rest) or (subject and _is_bare(rest))):
            self.current = None
        elif subject and rest and not are_things(rest):
            owner = self.last if verb_of_having(words) is not None else None
            self.current = self.last = self.reading.open(*subject[:3], guessed=not subject[3])
            if owner and owner.key and owner is not self.current:  # "each has a membership: …"
                self.reading.links.append((self.current.key, owner.key))
            self.current.listed, self.loose = True, False
        elif subject:
            self.current, self.loose = None, True
        elif _are_some_fields(rest):  # "manage a medicine cabinet: name, quantity, …"
            self.current = self.last = self.reading.open("", "", [])
        return True

    def _stages(self, words: list[Word], rest: list[list[Word]]) -> bool:
        """ "Columns: Backlog, Doing, Done": the choices of one status, of what is spoken of before or next."""
        bare = without_determiners(words)
        if len(bare) != 1 or len(rest) < 2:
            return False
        kind = kind_of(bare[0].lemma)
        chosen = bare[0].lemma in CHOSEN and kind and not _are_fields(rest, flags=False)
        if bare[0].norm not in STAGES and not chosen:
            return False
        self.reading.stages, self.reading.staged = rest, self.last
        self.items[len(self.items) - len(rest) :] = []
        self.current, self.loose = None, False
        return True

    def _is_own_name(self, words: list[Word], rest: list[list[Word]]) -> bool:
        bare = without_determiners(rest[0])
        alone = len(bare) == 1 and bare[0].is_plural and any(w.lemma == bare[0].lemma for w in words)
        return alone and len(rest) > 1 and not are_things(rest[1:])

    def _grouping(self, words: list[Word]) -> bool:
        if words[0].norm not in GROUPS or self.last is None or not grouped(self.reading, words, self.last):
            return False
        self.current = None
        return True

    def _storing(self, words: list[Word], position: int) -> bool:
        """ "Store the title, the author …": fields of what was spoken of, or of the app's own thing."""
        if len(words) > 2 and words[0].norm not in STORES and words[1].norm in ENTERS and _are_anybody(words[0]):
            words = words[1:]  # "guests write their name, a message and …"
        listed = [words[1:], *self._following(position)]
        if words[0].norm not in STORES | RECORDS | ENTERS or not words[1:] or words[1].norm in {"each", "every"}:
            return False
        if len(listed) > 1 and listed[1] and listed[1][0].norm == "with":  # "the books I read, with title, author"
            return False
        if not is_field(words[1:]) and not (len(listed) >= FEWEST_BARE and _are_some_fields(listed)):
            return False
        self.current = self.last = self.last or self.reading.open("", "", [])
        self.reading.add_field(self.prompt, self.current, words[1:])
        return True

    def _keeping_in_brackets(self, words: list[Word]) -> bool:
        """ "I save dishes (name, minutes)": a thing, although it starts like a request."""
        if not bracket_list(words) or words[0].norm not in KEEPS | VERBS or not lists_fields(words):
            return False
        head = phrase_before_bracket(words)
        one = len(head) < 3 and head[0].norm not in KEEPS | VERBS and kind_of(head[-1].lemma) is None
        if not head[-1].is_plural and not one:
            return False
        self.last = self._in_brackets(words)
        return True

    def _request(self, words: list[Word]) -> bool:
        self.current, self.loose = None, self.loose and words[0].norm in KEEPS
        self._keep(words)
        return True

    def _keep(self, words: list[Word]) -> None:
        """ "manage plays, actors and performances": where one thing is kept, bare plurals are things too."""
        kept = self.reading.kept(words)
        if kept:
            self.last = kept
            of_app = words[0].norm in KEEPS or any(w.lemma in lexicon().app_words for w in words)
            self.loose = not kept.fields and of_app

    def _plain(self, words: list[Word], item: Item) -> None:
        """A field of the open thing, a thing of the app, or a thing with its fields in brackets."""
        if self.current is not None and self.listing and item.anew and are_things_again(words):
            self.current, self.loose = None, True
        if self.current is not None and self.closed and is_other_thing(words):
            self.current, self.loose = None, True  # "children (name, age), leaders, activities": no field of a child
        if self.current is not None:
            thing = words[0].is_plural or words[0].lemma == "table"
            kind = kind_of(words[0].lemma) if thing and bracket_list(words) else None
            is_one = kind is None or (kind.type is not FieldType.CHOICE and holds_fields(words))
            if thing and bracket_list(words) and is_one and lists_fields(words):
                self.current = self.last = self._in_brackets(words)
            else:
                self.reading.add_field(self.prompt, self.current, words)
        elif words[0].norm in {"their", "its"} and self.last is not None:  # "members, their ratings"
            self.reading.add_field(self.prompt, self.last, words)
        elif bracket_list(words) and lists_fields(words):
            head = phrase_before_bracket(words)
            if head[-1].is_plural or head[0].text[0].isupper() or any(w.norm in KEEPS for w in words):
                self.last = self._in_brackets(words)
        elif self.loose or words[0].lemma in lexicon().about:  # "bookings for a guest": said by itself
            self.reading.thing(self.prompt, words)
        else:
            self._keep(words)

    def _in_brackets(self, words: list[Word]) -> EntitySketch:
        self.closed = True
        return self.reading.bracketed(self.prompt, phrase_before_bracket(words), inside_brackets(words))

    def _following(self, position: int) -> list[list[Word]]:
        return [item.words for item in self.items[position + 1 : position + 8]]


def _items(number: int, sentence: Words) -> list[Item]:
    """The items of a sentence, from what is shown where it first says how: "a kanban board for orders with …"."""
    head, items = view_head(sentence), items_of(number, sentence)
    if head and items and items[0].at == 0 and len(items[0].words) > head.end + 1:
        items[0].words, items[0].at = items[0].words[head.end :], head.end
    return items


def _are_anybody(word: Word) -> bool:
    return word.norm in SPEAKERS or lexicon().icon(word.lemma) == "user"


def _is_for(words: list[Word], kept: list[Word]) -> bool:
    at = next((n for n, word in enumerate(words) if word is kept[0]), 0)
    return any(word.norm == "for" for word in words[max(0, at - 2) : at]) and are_people(kept)


def _is_known(words: list[Word]) -> bool:
    """Whether the lexicon has it as a field, or as what a question or "or not" asks for."""
    lemmas = [w.lemma for w in words]
    if lemmas[:2] == ["how", "many"]:
        return True
    if len(words) > 3:
        return words[-1].norm == "not" and words[-2].norm == "or"
    return kind_of(" ".join(lemmas)) is not None or lexicon().meant_by(lemmas) is not None


def _are_some_fields(rest: list[list[Word]]) -> bool:
    """Whether a good part of a list is known as fields, and nothing in it is a thing of its own."""
    bare = [without_determiners(outside_brackets(words)) for words in rest[:6]]
    bare = [words for words in bare if words and len(words) < 5]
    known = sum(1 for words in bare if _is_known(words) or words[0].norm == "whether")
    things = sum(1 for words in bare if words[-1].is_plural and kind_of(words[-1].lemma) is None)
    return known * 3 >= len(rest[:6]) and known > 1 and not things


def _is_app(words: list[Word]) -> bool:
    """ "our choir needs a sheet music archive": what it needs is the app."""
    end = next((at for at, w in enumerate(words) if at and (w.norm in ENDS_PHRASE or not w.is_word)), len(words))
    return end > 0 and words[end - 1].lemma.split(" ")[-1] in lexicon().app_words and not words[end - 1].is_plural


def _is_gesture(words: list[Word]) -> bool:
    bare = without_determiners(words[1:3]) or words
    return bare[0].lemma in {"click", "tap", "button", "key"}


def _are_fields(rest: list[list[Word]], flags: bool = True) -> bool:
    """Without `flags` a word like "open" counts for none: it may be where something stands."""
    bare = [without_determiners(outside_brackets(words))[:4] for words in rest]
    kinds = [kind_of(" ".join(w.lemma for w in words)) for words in bare if words]
    known = sum(1 for kind in kinds if kind and (flags or kind.type is not FieldType.BOOLEAN))
    return known > 1 and known * 2 >= len(rest)


def _speaks(rest: list[list[Word]]) -> bool:
    """ "Diary: I note every …"."""
    return rest[0][0].norm in SPEAKERS - {"who", "which", "that"}


def _is_bare(rest: list[list[Word]]) -> bool:
    """ "Bakery: order with customer, date"."""
    return not rest[0][0].is_plural and _is_whole(rest)


def _is_whole(rest: list[list[Word]]) -> bool:
    """Whether the first item names a thing with the first of its fields: "order with customer", "date"."""
    at = verb_of_having(rest[0]) or 0
    return at > 0 and rest[0][at].norm == "with" and len(rest) > 1 and _are_fields([rest[0][at + 1 :], *rest[1:]])


def _is_request(item: Item, words: list[Word], taken: set[tuple[int, int]]) -> bool:
    if words[0].norm in VERBS:
        if (
            words[1:2]
            and words[1].norm == "with"
            and kind_of(" ".join(w.lemma for w in without_determiners(words[2:])))
        ):
            return False  # "order with customer, date": no verb
        return " ".join(w.lemma for w in words) not in lexicon().fields  # "opening hours"
    start = item.at + len(item.words) - len(words)
    if (item.sentence, start) not in taken and (len(words) < 2 or (item.sentence, start + 1) not in taken):
        return False
    if words[-1].is_plural and words[-1].lemma in COMMENTS and len(without_determiners(words)) == 1:
        return False
    bare = [w for w in words if w.norm not in DETERMINERS]
    if any(w.norm == "of" and bare[at - 1].norm == "number" for at, w in enumerate(bare[1:4], 1)):
        return False  # "a maximum number of participants": each has one
    return not (len(bare) <= 2 and " ".join(w.lemma for w in bare) in lexicon().fields)
