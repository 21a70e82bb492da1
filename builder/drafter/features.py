"""Find what a person asks the app to do: the phrases of the lexicon, and what they say "by" and "per"."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from builder.drafter.lexicon import grammar, lexicon
from builder.drafter.text import Prompt, Word, Words
from builder.spec import FeatureName, FieldType, RuleKind

ACTIONS = frozenset({FeatureName.CREATE, FeatureName.EDIT, FeatureName.DELETE})
WITH_FIELDS = frozenset(
    {FeatureName.SEARCH, FeatureName.FILTER, FeatureName.SORT, FeatureName.CHART, FeatureName.STATS}
)
VERBS = grammar("verbs")
NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "ten": 10, "twenty": 20}
LONGEST_ARGUMENT, MOST_ARGUMENTS, LONGEST_CHOICES = 5, 8, 24


@dataclass(frozen=True)
class Mention:
    """A feature and the words that ask for it; `by` are the things it goes by, each as the person's words."""

    name: FeatureName | RuleKind
    sentence: int
    start: int
    end: int
    words: tuple[Word, ...]
    by: tuple[tuple[Word, ...], ...] = field(default=())
    rest: tuple[Word, ...] = field(default=())

    @property
    def is_action(self) -> bool:
        return self.name in ACTIONS


def find_mentions(prompt: Prompt) -> list[Mention]:
    return [mention for at, sentence in enumerate(prompt.sentences) for mention in _in_sentence(at, sentence)]


def _in_sentence(number: int, sentence: Words) -> Iterator[Mention]:
    end, by = 0, ()  # type: tuple[int, tuple[tuple[Word, ...], ...]]
    for at in lexicon().wishes.places(sentence):
        length, name = _phrase(sentence, at)
        if name is None and _rates(sentence, at):
            length, name = 1, FeatureName.RATINGS
        if name is None or at < end or _is_choice(sentence, at, length):
            continue
        end, by = at + length, ()
        if name in WITH_FIELDS:
            end, by = _arguments(sentence, end)
        yield Mention(name, number, at, end, tuple(sentence[at:end]), by, tuple(sentence[end : end + 10]))


def _rates(sentence: Words, at: int) -> bool:
    """ "let me rate recipes", "members can rate a book"."""
    if sentence[at].norm != "rate" or not at or at + 1 >= len(sentence):
        return False
    before, after = sentence[at - 1], sentence[at + 1]
    return before.norm in {"can", "to", "me", "and", "users", "members"} and (
        after.is_plural or after.norm in {"a", "the", "each", "every"}
    )


def _is_choice(sentence: Words, at: int, length: int) -> bool:
    """ "type (homework, quiz, project)": what a field may be, and no wish."""
    edges = {"(", ")", ",", "/", "|"}
    alone = (
        at and sentence[at - 1].text in edges and at + length < len(sentence) and sentence[at + length].text in edges
    )
    if not alone:
        return False
    start = next((n for n in range(at - 1, max(at - LONGEST_CHOICES, 0), -1) if sentence[n].text in "()"), 0)
    named = sentence[max(0, start - 3) : start] if start and sentence[start].text == "(" else ()
    kinds = [lexicon().kind(word.lemma) for word in named]
    return any(kind and kind.type in {FieldType.STRING, FieldType.CHOICE} for kind in kinds)


def _phrase(sentence: Words, at: int) -> tuple[int, FeatureName | RuleKind | None]:
    return next(lexicon().wishes.at(sentence, at), (0, None))


def _arguments(sentence: Words, end: int) -> tuple[int, tuple[tuple[Word, ...], ...]]:
    """What follows "by" or "per" soon after the phrase, up to the next request."""
    if not sentence[end - 1].norm.endswith("by"):
        for at in range(end, min(end + 8, len(sentence))):
            if sentence[at].norm in {"by", "per"}:
                end = at + 1
                break
            if (
                sentence[at].text == ","
                or (sentence[at].text == ":" and at > end)
                or sentence[at].norm in {"with", "and"}
            ):
                return end, ()
        else:
            return end, ()
    found: list[tuple[Word, ...]] = []
    part: list[Word] = []
    at = last = end
    while at < len(sentence) and len(found) < MOST_ARGUMENTS:
        word = sentence[at]
        if word.text in {",", "/", "&"} or word.norm in {"and", "or"}:
            if part:
                found.append(tuple(part))
                last = at
            part = []
        elif not word.is_word or word.norm in {"with", "has", "have", "so", "that", "which"}:
            break
        elif not part and (word.norm in VERBS or _phrase(sentence, at)[1] or _opens_clause(sentence, at)):
            return last, tuple(found)
        else:
            part.append(word)
            if len(part) > LONGEST_ARGUMENT:
                return last, tuple(found)
        at += 1
    if part:
        found.append(tuple(part))
        last = at
    return last, tuple(found)


def _opens_clause(sentence: Words, at: int) -> bool:
    """Whether "a chart …" or "I can …" starts here: a new thought after the list."""
    following = sentence[at + 1] if at + 1 < len(sentence) else None
    if sentence[at].norm in {"i", "we", "you", "users", "it", "then", "there", "each", "every"}:
        return True
    return bool(following) and sentence[at].norm in {"a", "an", "the"} and _phrase(sentence, at + 1)[1] is not None


def size_near(mention: Mention) -> int | None:
    """The number in "pages of 24" or "24 per page"."""
    for word in (*mention.words, *mention.rest[:4]):
        if word.norm.isdecimal() and 1 <= int(word.norm[:6]) <= 200:
            return int(word.norm)
    return None


def count_near(mention: Mention) -> int | None:
    for word in mention.rest[:3]:
        if word.norm in NUMBERS:
            return NUMBERS[word.norm]
        if word.norm.isdecimal() and 2 <= int(word.norm[:3]) <= 6:
            return int(word.norm)
    return None
