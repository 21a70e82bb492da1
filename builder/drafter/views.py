"""Whether the rows show as cards, a table or a list, where a prompt says so."""

from builder.drafter.lexicon import lexicon
from builder.drafter.sketch import AppSketch
from builder.drafter.text import Prompt


def read_views(prompt: Prompt, sketch: AppSketch) -> None:
    """The word is about the thing that its sentence names, else about the first."""
    known = lexicon().appearances
    for sentence in prompt.sentences:
        view = next((view for at in known.places(sentence) for _, view in known.at(sentence, at)), None)
        if view and sketch.entities:
            keys = {word.lemma for word in sentence}
            entity = next((e for e in sketch.entities if e.key in keys), sketch.entities[0])
            entity.view = view
