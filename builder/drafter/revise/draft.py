"""An AppSpec while a message changes it: what was said of it, and what the message says twice in two ways."""

from datetime import date
from typing import Any

from builder.answers import Say
from builder.drafter.revise.names import Field, Names, bare, ends_of_names, several
from builder.drafter.revise.references import App
from builder.drafter.revise.speech import is_join
from builder.drafter.text import Prompt, Word, Words, sentences
from builder.refusal import Refusal, RefusalCode
from builder.spec import AppSpec

INTO = frozenset("to for in on from of at".split())


class Draft:
    """`said` are sentences for the person, `problems` say why nothing was made of an order, `unused` are its words."""

    def __init__(self, spec: AppSpec, prompt: Prompt, today: date, say: Say) -> None:
        self.spec, self.prompt, self.today, self.say = spec, prompt, today, say
        self.app: App = spec.model_dump(mode="json")
        self.said: list[str] = []
        self.problems: list[str] = []
        self.unused: list[str] = []
        self.unknown = ""  # what was to go or to be renamed, and isn't there
        self._ways: dict[Any, tuple[Any, str]] = {}
        self._names: Names | None = None
        self._called: Any = None
        self._named: list[tuple[int, int, int]] = []
        for entity in self.app["entities"]:
            for field in entity["fields"]:
                field["was"] = None  # of the change before: its column is called otherwise by now

    @property
    def names(self) -> Names:
        """Of the app as it is: whoever changes it tells it, or says that it is `changed`."""
        self._names = self._names or Names(self.app, self.prompt.language)
        return self._names

    def changed(self) -> None:
        self._names = None

    def tell(self, key: str, **places: object) -> None:
        self.changed()
        self.said.append(self.say(key, **places))

    def complain(self, key: str, **places: object) -> None:
        self.problems.append(self.say(key, **places))

    @property
    def named(self) -> list[tuple[list[Word], App]]:
        """Where the message names things, looked up anew when they are called otherwise."""
        names, words = self.names, self.prompt.words
        if self._called != names.called:
            self._called = names.called
            things = self.app["entities"]
            places = {id(thing): at for at, thing in enumerate(things)}
            self._named = [(start, end, places[id(thing)]) for start, end, thing in names.entities_in(words)]
        return [(list(words[start:end]), self.app["entities"][at]) for start, end, at in self._named]

    def once(self, what: Any, way: Any, key: str, **places: object) -> None:
        """Remember that `what` is to be `way`: the sentence's `to.KEY`. Raises Refusal where it was said otherwise."""
        words = self.say(f"to.{key}", **places)
        before = self._ways.setdefault(what, (way, words))
        if before[0] != way:
            sentence = self.say("message.contradiction", before=before[1], words=words)
            raise Refusal(RefusalCode.CONTRADICTION, sentence)

    def part(self, words: Words) -> Prompt:
        return Prompt(self.prompt.text, tuple(sentences(words)), self.prompt.language)

    def main(self) -> App:
        """What the app is about: no account."""
        return next((e for e in self.app["entities"] if e["name"] != self.people), self.app["entities"][0])

    def joins(self, word: Word, english: frozenset[str]) -> bool:
        """Whether the word stands between a part and the whole, or between the old and the new."""
        return word.norm in english or is_join(word.text, self.prompt.language)

    @property
    def people(self) -> str | None:
        return self.names.people

    def target(self, before: Words, words: list[Word]) -> tuple[App | None, list[Word]]:
        """ "… to tasks", "for each task", "tasks need …": the thing that is named, and the words without it."""
        for at in ends_of_names(words):
            if self.joins(words[at], INTO) and (entity := self.names.entity(_at_once(words[at + 1 :]))):
                return entity, words[:at]
        if self.prompt.language in {"ru", "ar", "zh"}:  # "добавь задачам срок": no word stands between
            found = self.names.entities_in(words)
            if found and found[0][:2] != (0, len(words)) and found[0][0] == 0:
                return found[0][2], words[found[0][1] :]
        return self.names.entity_in(before), words

    def one_field(self, words: Words, entity: App | None = None) -> Field | None:
        """The field that is meant. Raises Refusal where several things have one that is called so."""
        found = self.names.fields(words, entity)
        if several(found):
            found = [f for f in found if f.entity["name"] != self.people] or found
        if several(found):
            owners = [f.entity["label_plural"] for f in found]
            label, things = found[0].field["label"], self.say.both(owners)
            sentence = self.say("message.ambiguous", things=things, field=label, first=owners[0])
            raise Refusal(RefusalCode.UNCLEAR, sentence)
        return found[0] if found else None

    def field_at(self, words: list[Word]) -> Field | None:
        """ "price", "the price of books"."""
        for at in ends_of_names(words):
            if self.joins(words[at], INTO):
                entity = self.names.entity(words[at + 1 :])
                found = entity and self.one_field(words[:at], entity)
                if found:
                    return found
        inside = self.names.entities_in(words)
        if inside and inside[0][0] == 0 and inside[0][1] < len(words):  # "the task's priority", "book title"
            found = self.one_field(words[inside[0][1] :], inside[0][2])
            if found:
                return found
        return self.one_field(words)


def _at_once(words: Words) -> list[Word]:
    return [w for w in bare(words) if w.norm not in {"each", "every", "all", "my", "our"}]
