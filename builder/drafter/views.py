"""Whether the rows show as cards, a table or a list, where a prompt says so."""

from builder.drafter.lexicon import lexicon
from builder.drafter.sketch import AppSketch
from builder.drafter.text import Prompt


def read_views(prompt: Prompt, sketch: AppSketch) -> None:
    """The word is about the thing that its sentence names, else about the first."""
    known = lexicon().views
    for sentence in prompt.sentences:
        norms = [word.norm for word in sentence]
        view = next(
            (
                known[" ".join(norms[at : at + length])]
                for at in range(len(norms))
                for length in (3, 2, 1)
                if " ".join(norms[at : at + length]) in known
            ),
            None,
        )
        if view and sketch.entities:
            keys = {word.lemma for word in sentence}
            entity = next((e for e in sketch.entities if e.key in keys), sketch.entities[0])
            entity.view = view
