"""Colours, style and light of an app, changed by a sentence."""

from typing import Any

from builder.drafter.lexicon import lexicon
from builder.drafter.text import Prompt, Words
from builder.drafter.theme import colors_in, moods_in, names_look, role_of
from builder.spec import AppSpec

WORDS = {"background": "The background", "component": "Buttons and accents"}


class Look:
    def __init__(self, spec: AppSpec, language: str) -> None:
        self.language = language
        self.now: dict[str, Any] = spec.theme.model_dump(mode="json")

    def theme(self) -> dict[str, Any]:
        return self.now

    def change(self, prompt: Prompt) -> list[str]:
        """What was changed, in words."""
        said: list[str] = []
        for sentence in prompt.sentences:
            said += self._colors(sentence)
            said += self._moods(sentence)
        return said

    def _colors(self, sentence: Words) -> list[str]:
        said = []
        for start, end, color in colors_in(sentence):
            role = role_of(sentence, start, end, self.language)
            if role is None and names_look(sentence, start, end, self.language):
                role = "component"
            if role and self.now.get(role) != color:
                self.now[role] = color
                said.append(f"{WORDS[role]} {'is' if role == 'background' else 'are'} {sentence[start].text} now.")
        return said

    def _moods(self, sentence: Words) -> list[str]:
        """ "make it dark", "a playful style": here every word of mood is about the app."""
        known, said = lexicon(), []
        norms = [w.norm for w in sentence]
        for _, _, (kind, value) in moods_in(sentence):
            if self.now.get(kind) != value:
                self.now[kind] = value
                said.append(f"The app looks {value} now.")
        for norm in norms:
            kind = "mode" if norm in {"dark", "light"} else "style"
            look = norm if kind == "mode" else known.styles.get(norm)
            if look and self.now.get(kind) != look and not any(c for c in colors_in(sentence)):
                self.now[kind] = look
                said.append(f"The app looks {look} now.")
        return said
