"""Change a page, a poster or a deck by a sentence: colours, name, options, and the facts that stand on it.

Knows nothing of apps that keep data. What it can't do is left to be told: nothing is guessed.
"""

from collections.abc import Sequence
from typing import Any

from builder.answers import Say
from builder.drafter.revise.look import Look, told
from builder.drafter.revise.orders import Order, Verb, read_orders
from builder.drafter.revise.speech import is_join
from builder.drafter.sheets.deck import closing_of, slides_of
from builder.drafter.sheets.facts import Looks, label_kind, read_facts
from builder.drafter.sheets.moments import find_moments
from builder.drafter.sheets.parts import cut_groups, cut_parts
from builder.drafter.sheets.sheet import relaid
from builder.drafter.sheets.spans import Span, small_words, word_set
from builder.drafter.starters import Found, shaped
from builder.drafter.text import Prompt, Word
from builder.sheets import Deck, Fact, Sheet, Slide, opened_sheet
from builder.spec import AppKind, AppSpec, Starter
from builder.stack.sheets import words as sheet_words

NAMES = frozenset("title headline name heading".split())
INTO = frozenset("to into as with".split())


class PageDraft:
    """`said` are sentences for the person; of `unused` words nothing was made."""

    def __init__(self, spec: AppSpec, prompt: Prompt, say: Say) -> None:
        self.spec, self.prompt, self.looks, self.say = spec, prompt, Looks(prompt), say
        self.name, self.theme = spec.name, spec.theme.model_dump(mode="json")
        self.options: dict[str, Any] = dict(spec.starter.options) if spec.starter else {}
        own = spec.starter if spec.kind is AppKind.SLIDES else None
        self.opened = opened_sheet(own.name, own.options) if own else None
        self.said: list[str] = []
        self.unused: list[str] = []

    def revise(self) -> None:
        for part, value, name in Look(self.theme, self.prompt.language).changes(self.prompt):
            if self.theme.get(part) != value:
                self.theme[part] = value
                self.said.append(told(self.say, "paper", part, value, name))
        for order in read_orders(self.prompt):
            if order.words and not self.looks.are_all_of(Span(order.words[0].start, order.words[-1].end)):
                self._obey(order)
        if self.spec.starter and self.spec.kind is AppKind.ARTIFACT:
            self._options(self.spec.starter.name)

    def finished(self) -> AppSpec:
        values: dict[str, Any] = self.spec.model_dump(mode="json") | {"name": self.name[:120], "theme": self.theme}
        if self.spec.starter:
            opened = relaid(self.opened, self.theme["style"]) if isinstance(self.opened, Sheet) else self.opened
            options = opened.model_dump(exclude_defaults=True) if opened else self.options
            values["starter"] = Starter(name=self.spec.starter.name, options=options).model_dump(mode="json")
        return AppSpec.model_validate(values)

    def _obey(self, order: Order) -> None:
        before, words = len(self.said), list(order.words)
        inner = range(1, len(words) - 1)
        to = next((at for at in inner if words[at].norm in INTO), None)
        if order.verb is Verb.RENAME or (to is not None and any(word.lemma in NAMES for word in words[:to])):
            self._rename(words[to + 1 :] if to is not None else _without_it(words))
        elif order.verb is Verb.ADD:
            self._add(words)
        elif order.verb is Verb.REMOVE:
            self._remove(words)
        elif order.verb is Verb.CHANGE:
            to = next((at for at in inner if at == to or is_join(words[at].text, self.prompt.language)), None)
            if to is not None:
                self._replace(words[:to], words[to + 1 :])
        if len(self.said) == before and self.spec.kind is AppKind.SLIDES:
            self.unused.append(self.prompt.quote(order.words))

    def _rename(self, words: Sequence[Word]) -> None:
        name = self.prompt.quote(words).strip("\"“”«»„'‘’ .")
        if not name:
            return
        if isinstance(self.opened, Sheet):
            self.opened = self.opened.model_copy(update={"headline": name})
        if isinstance(self.opened, Deck):
            first, *others = self.opened.slides
            slides = (first.model_copy(update={"heading": name}), *others)
            self.opened = self.opened.model_copy(update={"slides": slides})
        self.name = name
        self.said.append(self.say("paper_named", name=name))

    def _add(self, words: Sequence[Word]) -> None:
        if isinstance(self.opened, Sheet):
            found = self._facts(words)
            self._put(self.opened, (*self.opened.facts, *found))
            self.said += [self.say("fact_added", text=fact.text) for fact in found]
        if isinstance(self.opened, Deck):
            made = self._slides(words)
            self.opened = self._closed(self.opened, [*self.opened.slides, *made])
            self.said += [self.say("slide_added", slide=slide.heading) for slide in made]

    def _remove(self, words: Sequence[Word]) -> None:
        if isinstance(self.opened, Sheet):
            gone = self._meant(self.opened, words)
            self._put(self.opened, [fact for fact in self.opened.facts if fact not in gone])
            self.said += [self.say("fact_removed", text=fact.text) for fact in gone]
        if isinstance(self.opened, Deck):
            wanted = _content(self.prompt.quote(words)) - {"slide"}
            lost = [s for s in self.opened.slides[1:] if wanted and wanted <= _content(s.heading)]
            self.opened = self._closed(self.opened, [s for s in self.opened.slides if s not in lost])
            self.said += [self.say("slide_removed", slide=slide.heading) for slide in lost]

    def _closed(self, deck: Deck, slides: Sequence[Slide]) -> Deck:
        """With the closing last, where there was one, saying what the slides say now."""
        shown = [slide for slide in slides if slide.layout != "closing"]
        if len(shown) < len(slides):
            shown.append(closing_of(sheet_words(self.spec.locale), shown[0].heading, shown[1:]))
        return deck.model_copy(update={"slides": tuple(shown[:80])})

    def _replace(self, old: Sequence[Word], new: Sequence[Word]) -> None:
        if not isinstance(self.opened, Sheet):
            return
        meant, facts = self._meant(self.opened, old), self._facts(new)
        if not meant or not facts:
            return
        kind = meant[0].kind if facts[0].kind == "detail" else facts[0].kind
        facts = [facts[0].model_copy(update={"kind": kind}), *facts[1:]]
        at = self.opened.facts.index(meant[0])
        kept = [fact for fact in self.opened.facts if fact not in meant]
        self._put(self.opened, [*kept[:at], *facts, *kept[at:]])
        self.said.append(self.say("fact_changed", old=meant[0].text, new=facts[0].text))

    def _put(self, sheet: Sheet, facts: Sequence[Fact]) -> None:
        dated = (m for fact in facts if fact.kind == "date" for m in find_moments(fact.text) if m.day)
        moment = next(dated, None)
        day = {"day": moment.day, "month": moment.month} if moment else {"day": "", "month": ""}
        self.opened = sheet.model_copy(update={"facts": tuple(facts[:80]), **day})

    def _meant(self, sheet: Sheet, words: Sequence[Word]) -> list[Fact]:
        """By what it is ("the price"), or by its words ("the live band")."""
        said = self.prompt.quote(words)
        wanted = _content(said)
        meaning = " ".join(word.lemma for word in words if word.norm != "the")
        kinds = {label_kind(" ".join(wanted)), label_kind(said), meaning}
        is_time = "time" in wanted or meaning == "time"
        named = [fact for fact in sheet.facts if wanted and wanted <= _content(f"{fact.text} {fact.label}")]
        return named or [fact for fact in sheet.facts if fact.kind in ({"time"} if is_time else kinds)]

    def _facts(self, words: Sequence[Word]) -> list[Fact]:
        text = self.prompt.text[: words[-1].end]
        moments = find_moments(text)
        return [f.fact for f in read_facts(self.prompt, cut_parts(text, words[0].start, moments), moments).found]

    def _slides(self, words: Sequence[Word]) -> list[Slide]:
        start = next((w.start for w in words if w.lemma not in {"a", "slide", "about", "on", "with", "the"}), None)
        if start is None:
            return []
        text, known = self.prompt.text[: words[-1].end], sheet_words(self.spec.locale)
        return [
            slide
            for group in cut_groups(text, start, ())
            for slide in slides_of(text, group, self.name, known["figures"])
        ]

    def _options(self, name: str) -> None:
        starter, sources = shaped(Found(name, ()), self.prompt)
        for (part, words), (key, value) in zip(sources[1:], starter.options.items(), strict=False):
            if self.options.get(key) != value:
                self.options[key] = value
                option = self.say(f"option.{part.partition('.')[2]}")
                self.said.append(self.say("paper_option", option=option, words=self.prompt.quote(words)))


def _without_it(words: Sequence[Word]) -> Sequence[Word]:
    start = next((at for at, w in enumerate(words) if w.norm not in {"it", "this", "the", "page", "poster", "deck"}), 0)
    return words[start:]


def _content(text: str) -> set[str]:
    small = word_set("small") | word_set("determiners")
    return {word.removesuffix("s") for word in small_words(text) if word not in small}
