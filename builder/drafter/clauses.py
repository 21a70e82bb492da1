"""Cut what is asked of a ready page into clauses, and find for each which of its starter's probes proves it.

A clause is proven as a whole or not at all: words that no probe of it knows, or a number that is none of the page's,
leave it open.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise
from pathlib import Path

from builder.agent.flow import FlowStep
from builder.agent.ledger import Requirement
from builder.answers import say_in
from builder.drafter.lexicon import grammar
from builder.drafter.starters import LONGEST, number_of
from builder.drafter.telling import Source, opened
from builder.drafter.text import Prompt, Word, Words, lemmas
from builder.proofs import MOST, NO_PROBE
from builder.proofs.pages import filled, page_parts, page_proof
from builder.spec import AppSpec, Starter
from builder.stack.starters import Probe, about, options, probes, texts
from builder.yaml_files import read_yaml

MAIN = "main"
COLORS = ("background", "component")
ENDS = frozenset(",:;()–—")
UNSPACED = {"zh", "ar"}  # where a word may stand within another
LARGELY = 3  # words that are known to one that isn't
SMALL = (
    grammar("determiners") | grammar("auxiliaries") | grammar("clauses") | grammar("has") | grammar("prepositions")
    | grammar("nobody") | grammar("adverbs") | grammar("conjunctions") | grammar("pronouns") | grammar("openers")
    | grammar("title_openers")
)  # fmt: skip
PLAIN = frozenset("game play player screen browser html file single calculator small use way".split())


@dataclass(frozen=True)
class Clause:
    """The probes and colours that it asks for; `known` if they speak of all of its words."""

    words: Words
    probes: tuple[str, ...] = ()
    colors: tuple[str, ...] = ()
    known: bool = False


def page_requirements(prompt: Prompt, spec: AppSpec, sources: Sequence[Source]) -> tuple[Requirement, ...]:
    """`sources` are what the page was found by, then what shaped it."""
    assert spec.starter
    asking, found = Asking(prompt, spec, spec.starter, sources), list[Requirement]()
    for clause in [*asking.clauses()][:MOST]:
        start, end = clause.words[0].start, clause.words[-1].end
        flow = asking.proof(clause)
        text = opened(prompt.quote(clause.words)[:300])
        about = page_parts(spec, clause.probes, clause.colors) if clause.known else ()
        item = Requirement(id=f"r{len(found) + 1}", text=text, source=(start, end), flow=flow, about=about)
        found.append(item if flow else item.model_copy(update={"reason": say_in(spec.locale)(NO_PROBE)}))
    return tuple(found)


@dataclass(frozen=True)
class Asking:
    prompt: Prompt
    spec: AppSpec
    starter: Starter
    sources: Sequence[Source]

    def clauses(self) -> Iterator[Clause]:
        """In their order; parted at "and" only where a part can be proven and the whole can't."""
        for words in self._pieces():
            whole = self._read(words)
            sides = [self._read(side) for side in _sides(words, self._name)]
            parted = not self.proof(whole) and any(self.proof(side) for side in sides)
            yield from (one for one in (sides if parted else [whole]) if self._asks(one))

    def proof(self, clause: Clause) -> tuple[FlowStep, ...]:
        if not clause.known:
            return ()
        key = (clause.probes, clause.colors)
        if key not in self._proofs:
            self._proofs[key] = page_proof(self.spec, *key)
        return self._proofs[key]

    def _pieces(self) -> Iterator[Words]:
        """From comma to comma; a list that the page works with stays together."""
        lists = [(words[0].start, words[-1].end) for key, words in self._shaped if self._is_list(key)]
        for words in self.prompt.sentences:
            ends = [at for at, word in enumerate(words) if word.text in ENDS]
            ends = [at for at in ends if not any(start <= words[at].start < end for start, end in lists)]
            yield from (_bare(words[start + 1 : end]) for start, end in pairwise([-1, *ends, len(words)]))

    def _read(self, words: Words) -> Clause:
        places = {word.start for word in words}
        colors = tuple(role for role in COLORS if places & self._places(f"theme.{role}"))
        shaped = {key for key, said in self._shaped if places & {word.start for word in said}}
        called = self._called(words)
        found = [name for name, probe in self._probes.items() if name in called or shaped & {*probe.options}]
        if places & self._name and MAIN not in found:
            found.insert(0, MAIN)
        content = self._content(words)
        unknown = [word for word in content if not self._knows(word, found)]
        lacking = shaped - {key for name in found for key in self._probes[name].options}
        fits = not lacking and all(number_of(word) is None for word in unknown)
        known = fits and len(unknown) * (LARGELY + 1) <= len(content)
        return Clause(words, tuple(found), colors, known and bool(found or colors))

    def _called(self, words: Words) -> set[str]:
        """By the longest of their words: "tip per person" asks for neither the tip nor persons."""
        found: set[str] = set()
        taken: dict[int, int] = {}
        for length in range(LONGEST, 0, -1):
            for at in range(len(words) - length + 1):
                names = self._at(words[at : at + length]) if length >= taken.get(at, 0) else ()
                if names:
                    found |= set(names)
                    taken |= {place: max(length, taken.get(place, 0)) for place in range(at, at + length)}
        return found

    def _at(self, words: Words) -> list[str]:
        if all(word.start in self._name for word in words):
            return []
        said = self._said(words)
        return [name for name, phrases in self._phrases.items() if said & phrases]

    def _asks(self, clause: Clause) -> bool:
        return bool(clause.probes or self._content(clause.words))

    def _content(self, words: Words) -> list[Word]:
        """The words that say something beside the page's name."""
        return [w for w in words if w.is_word and not {w.norm, w.lemma} & SMALL and w.start not in self._name]

    def _knows(self, word: Word, found: Collection[str]) -> bool:
        if word.start in self._taken:
            return True
        known = PLAIN.union(self._names, *(self._speaks[name] for name in found))
        if (number := number_of(word)) is not None:
            return number in self._values or word.norm in known
        return any(all(part in known | SMALL for part in said.split()) for said in self._said([word]))

    def _said(self, words: Words) -> set[str]:
        """In English, and as it is written where that is another language."""
        ways = ([w.norm for w in words], [w.lemma for w in words], [lemmas(w.text.lower()) for w in words])
        said = {" ".join(way) for way in ways}
        if len(words) > 1 or self.prompt.language == "en":
            return said
        text, inside = words[0].text.lower(), self.prompt.language in UNSPACED
        known = _meanings(self.prompt.language)
        return said | {english for start, english in known if (start in text if inside else text.startswith(start))}

    # what is known of the page

    @cached_property
    def _proofs(self) -> dict[tuple[tuple[str, ...], tuple[str, ...]], tuple[FlowStep, ...]]:
        return {}

    @property
    def _probes(self) -> Mapping[str, Probe]:
        return probes(self.starter.name)

    @cached_property
    def _phrases(self) -> dict[str, frozenset[str]]:
        said = texts(self.starter.name, self.spec.locale)
        return {
            name: frozenset(lemmas(filled(word, said).lower()) for word in probe.words)
            for name, probe in self._probes.items()
        }

    @cached_property
    def _speaks(self) -> dict[str, frozenset[str]]:
        """The single words of each probe."""
        beside = {name: [lemmas(word.lower()) for word in one.beside] for name, one in self._probes.items()}
        return {
            name: frozenset(part for phrase in (*phrases, *beside[name]) for part in phrase.split())
            for name, phrases in self._phrases.items()
        }

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(part for word in about(self.starter.name).words for part in lemmas(word).split())

    @cached_property
    def _shaped(self) -> list[Source]:
        return [(part.partition(".")[2], words) for part, words in self.sources[1:] if part.startswith("starter.")]

    @cached_property
    def _name(self) -> frozenset[int]:
        return frozenset(word.start for word in self.sources[0][1])

    @cached_property
    def _taken(self) -> frozenset[int]:
        return frozenset(word.start for _, words in self.sources for word in words)

    @cached_property
    def _values(self) -> frozenset[float]:
        return frozenset(float(v) for v in options(self.starter).values() if isinstance(v, int | float))

    def _is_list(self, key: str) -> bool:
        return isinstance(about(self.starter.name).options[key].default, list)

    def _places(self, part: str) -> set[int]:
        return {word.start for own, words in self.sources if own == part for word in words}


def _bare(words: Words) -> Words:
    """Without the "and" that joins it to what was before, and without marks around it."""
    start, end = 0, len(words)
    while start < end and (not words[start].is_word or words[start].norm in {"and", "or", "plus", "also"}):
        start += 1
    while end > start and not words[end - 1].is_word:
        end -= 1
    return words[start:end]


def _sides(words: Words, name: Collection[int]) -> Iterator[Words]:
    """What "and" joins; and what a page is asked for "with"."""
    joins = {"and", "with"} if any(word.start in name for word in words) else {"and"}
    at = [at for at, word in enumerate(words) if word.norm in joins]
    if at:
        yield from (_bare(words[start + 1 : end]) for start, end in pairwise([-1, *at, len(words)]))


@cache
def _meanings(language: str) -> tuple[tuple[str, str], ...]:
    """How the words of a language begin that mean something English."""
    read: dict[str, dict[str, list[str]]] = read_yaml(Path(__file__).with_name("clauses.yaml"))
    return tuple((start, lemmas(english)) for english, known in read.items() for start in known.get(language, ()))
