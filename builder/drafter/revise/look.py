"""What a sentence says of an app's colours, style and light."""

from collections.abc import Iterator
from typing import Any

from builder.answers import Say
from builder.drafter.lexicon import lexicon
from builder.drafter.text import Prompt, Words
from builder.drafter.theme import colors_in, moods_in, names_look, role_of

MODES = {"dark", "light"}
ABOUT = frozenset("it app look theme style design site page everything colour color".split())


class Look:
    def __init__(self, now: dict[str, Any], language: str) -> None:
        self.now, self.language = now, language

    def changes(self, prompt: Prompt) -> Iterator[tuple[str, Any, str]]:
        """Part of the theme, its value, and the words for a colour."""
        told = set()
        for sentence in prompt.sentences:
            for part, value, words in (*self._colors(sentence), *self._moods(sentence)):
                if (part, value) not in told:
                    told.add((part, value))
                    yield part, value, words

    def _colors(self, sentence: Words) -> Iterator[tuple[str, Any, str]]:
        found = list(colors_in(sentence))
        for start, end, color in found:
            role = role_of(sentence, start, end, self.language)
            looks = names_look(sentence, start, end, self.language) or (
                len(found) == 1 and _is_bare(sentence, start, end)
            )
            if role is None and looks:
                role = "component"  # "use green", "make it teal"
            if role:
                name = " ".join(w.text for w in sentence[start:end])
                yield role, color, name

    def _moods(self, sentence: Words) -> Iterator[tuple[str, Any, str]]:
        """ "make it dark", "a playful style": here every word of mood is about the app."""
        seen = set()
        for _, _, (kind, value) in moods_in(sentence):
            seen.add((kind, value))
            yield kind, value, ""
        if any(True for _ in colors_in(sentence)):
            return
        for word in sentence:
            kind = "mode" if word.norm in MODES else "style"
            look = word.norm if kind == "mode" else lexicon().styles.get(word.norm)
            if look and (kind, look) not in seen:
                yield kind, look, ""


def told(say: Say, subject: str, part: str, value: Any, words: str, *, again: bool = False) -> str:
    """A change in a sentence; `subject` is "app" or "paper"."""
    key = {"background": "background", "component": "accents"}.get(part, "look")
    names = {"look": say(f"look.{value}")} if key == "look" else {"color": words}
    return say(f"{subject}_{key}{'_already' if again else ''}", **names)


def _is_bare(sentence: Words, start: int, end: int) -> bool:
    others = [w for w in (*sentence[:start], *sentence[end:]) if w.is_word]
    small = {"make", "use", "turn", "change", "switch", "set", "to", "into", "a", "the", "more", "please", "be"}
    return all(w.norm in small or w.lemma in ABOUT for w in others)
