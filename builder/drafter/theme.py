"""Colours, mood, mode and the name of an app, from the words that say them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import pairwise

from coloraide import Color
from coloraide.css.color_names import name2val_map

from builder.drafter.fields import DETERMINERS
from builder.drafter.language import HEAD_FIRST
from builder.drafter.lexicon import grammar, lexicon
from builder.drafter.text import Prompt, Word, Words
from builder.spec import Theme

BACKGROUND, COMPONENT, LOOKS = grammar("background"), grammar("component"), grammar("looks")
TITLE_OPENERS, TITLE_TAIL = grammar("title_openers"), grammar("title_tail")
TITLE_LINKS, TITLE_STOPS = grammar("title_links"), grammar("title_stops")
NO_TITLES = frozenset("table database list grid card page".split())
# What people call colours that CSS has no name for.
ALSO = {
    "mint": "#98ff98", "burgundy": "#800020", "bordeaux": "#800020", "cream": "#fffdd0", "mustard": "#e1ad01",
    "lilac": "#c8a2c8", "emerald": "#50c878", "terracotta": "#e2725b", "charcoal": "#36454f", "peach": "#ffe5b4",
    "ochre": "#cc7722", "sand": "#c2b280", "dustyrose": "#c9a9a6", "sage": "#9caf88", "sagegreen": "#9caf88",
    "olivegreen": "#808000", "mintgreen": "#98ff98", "babyblue": "#89cff0", "babypink": "#f4c2c2", "mauve": "#e0b0ff",
    "rust": "#b7410e", "amber": "#ffbf00", "emeraldgreen": "#50c878", "jade": "#00a86b", "petrol": "#005f6a",
    "anthracite": "#293133", "apricot": "#fbceb1", "copper": "#b87333", "bronze": "#cd7f32", "rosegold": "#b76e79",
    "offwhite": "#faf9f6", "blush": "#f9dcdc", "taupe": "#8b7e74", "periwinkle": "#ccccff", "cobalt": "#0047ab",
}  # fmt: skip
NAMES_TOO = frozenset("site website system platform".split())  # "Fundraising site"
GROUND = 0.93  # OKLCH lightness
PALE = 0.8  # OKLCH lightness of what is a light colour by itself: "pastel pink" is pink
SHOWING = frozenset("show shown mark marked highlight highlighted displayed turn turns appear appears is are".split())
TINTS: dict[str, str | tuple[str, float]] = {
    "pastel": ("white", 0.55),
    "light": ("white", 0.5),
    "pale": ("white", 0.6),
    "soft": ("white", 0.4),
    "dark": ("black", 0.35),
    "deep": ("black", 0.3),
    "neon": "strong",
    "bright": "strong",
    "vivid": "strong",
    "electric": "strong",
}
NEAR = 4  # words between a colour and what it colours
FAR = 7  # the same where a colour is told twice: "красный тёмный (dark red)"


@dataclass
class ThemeSketch:
    background: str | None = None
    component: str | None = None
    style: str | None = None
    mode: str | None = None
    words: list[tuple[str, tuple[Word, ...]]] = field(default_factory=list)

    @property
    def places(self) -> frozenset[int]:
        return frozenset(word.start for _, words in self.words for word in words)

    def theme(self, style: str | None = None) -> Theme:
        return Theme.model_validate(
            {
                "background": self.background,
                "component": self.component,
                "mode": self.mode or "system",
                "style": self.style or style or "clean",
            }
        )


def read_theme(prompt: Prompt) -> ThemeSketch:
    sketch = ThemeSketch()
    for number, sentence in enumerate(prompt.sentences):
        colors = list(colors_in(sentence))
        edges = {at for start, end, _ in colors for at in (start, end)}
        for start, end, color in colors:
            role = role_of(sentence, start, end, prompt.language) or _on_another(sentence, start, end, edges)
            if role is None and (
                names_look(sentence, start, end, prompt.language) or (number == 0 and _ends_title(sentence, start, end))
            ):
                role, color = "component", _take_mode(sketch, sentence[start:end]) or color
            exact = _made_exact(sketch, sentence, start)
            if exact:
                setattr(sketch, exact, color)
            elif role and getattr(sketch, role) is None:
                setattr(sketch, role, color)
                sketch.words.append((f"theme.{role}", _with_role(sentence, start, end)))
        _take_ground(sketch, sentence, colors)
        for start, end, (kind, value) in moods_in(sentence):
            if getattr(sketch, kind) is None:
                setattr(sketch, kind, value)
                sketch.words.append((f"theme.{kind}", tuple(sentence[start:end])))
    return sketch


def _take_ground(sketch: ThemeSketch, sentence: Words, colors: list[tuple[int, int, str]]) -> None:
    """ "colours red and white": of two that are named together the one that is nearly white lies under the other."""
    for (_, end, color), (start, last, other) in pairwise(colors):
        together = start == end + 1 and sentence[end].norm in {"and", "/"} and sketch.background is None
        if together and color == sketch.component and Color(other).convert("oklch")["lightness"] > GROUND:
            sketch.background = other
            sketch.words.append(("theme.background", tuple(sentence[start:last])))


def _on_another(sentence: Words, start: int, end: int, edges: set[int]) -> str | None:
    """ "navy on white": the one is of what stands on the other. `edges` are where colours start and end."""
    if end + 1 < len(sentence) and sentence[end].norm == "on" and end + 1 in edges:
        return "component"
    if start > 1 and sentence[start - 1].norm == "on" and start - 1 in edges:
        return "background"
    return None


def _made_exact(sketch: ThemeSketch, sentence: Words, start: int) -> str | None:
    """ "merah tua (dark red)": what stands in brackets behind a colour says the same one more exactly."""
    if start < 2 or sentence[start - 1].text not in "([" or not sketch.words:
        return None
    part, words = sketch.words[-1]
    clause = sentence[max(0, start - NEAR) : start - 1]
    last = max((at for at, word in enumerate(clause) if word.text == ","), default=-1)
    near = {word.start for word in clause[last + 1 :]}
    return part.partition(".")[2] if part.startswith("theme.") and near & {w.start for w in words} else None


def _with_role(sentence: Words, start: int, end: int) -> tuple[Word, ...]:
    """The colour and what is called by it: "dark green theme"."""
    while start and sentence[start].norm != sentence[start].text.lower() and _is_of(sentence[start - 1]):
        start -= 1  # "fondo lavanda": named first in other languages
    last = min(end + 1, len(sentence))
    while last < len(sentence) and last < end + 3 and _is_of(sentence[last]):
        last += 1
    return tuple(sentence[start:last])


def _is_of(word: Word) -> bool:
    return word.lemma in LOOKS | COMPONENT | BACKGROUND


def names_look(sentence: Words, start: int, end: int, language: str) -> bool:
    """ "a purple theme"; where the thing is named first, "thème violet"."""
    behind, before = sentence[end : end + 1], sentence[start - 1 : start] if language != "en" else ()
    return any(w.lemma in LOOKS or (language != "en" and w.lemma == "topic") for w in (*behind, *before))


def _ends_title(sentence: Words, start: int, end: int) -> bool:
    """ "An expense tracker in pastel pink"."""
    ends = end == len(sentence) or not sentence[end].is_word
    if not ends or not start or sentence[start - 1].norm != "in":
        return False
    return all(w.is_word and w.norm not in SHOWING for w in sentence[:start])


def _take_mode(sketch: ThemeSketch, words: Words) -> str | None:
    """ "a dark purple theme" is dark, and what is purple stands out on it."""
    if words[0].norm not in {"dark", "light"} or len(words) < 2:
        return None
    sketch.mode = sketch.mode or words[0].norm
    return _color("".join(word.norm.replace("-", "") for word in words[1:]))


def read_page_theme(prompt: Prompt) -> ThemeSketch:
    """As `read_theme`; on a single page a colour that is said of nothing is the page's: "snake, dark green"."""
    sketch = read_theme(prompt)
    if sketch.component is None and sketch.background is None:
        found = next(((s, c) for s in prompt.sentences for c in colors_in(s)), None)
        if found:
            sentence, (start, end, sketch.component) = found
            sketch.words.append(("theme.component", tuple(sentence[start:end])))
    return sketch


def colors_in(sentence: Words) -> Iterator[tuple[int, int, str]]:
    end = 0
    for at in [at for at, word in enumerate(sentence) if _opens_color(word.norm, word.lemma)]:
        if at < end:
            continue
        for length in range(min(4, len(sentence) - at), 0, -1):
            color = _color("".join(_joined(w.norm) for w in sentence[at : at + length]))
            color = color or (_one_word(sentence[at].lemma) if length == 1 else None)
            if color:
                end = at + length
                yield _tinted(sentence, at, end, color)
                break


@lru_cache(maxsize=20_000)
def _opens_color(norm: str, lemma: str) -> bool:
    start = _joined(norm)
    return start[:1] == "#" or start in _starts() or _one_word(lemma) is not None


def _joined(name: str) -> str:
    return name.replace("-", "").replace(" ", "")


def _one_word(lemma: str) -> str | None:
    """The colour that one word of another language means, several things of it or with its tint: "verdes"."""
    how, _, color = lemma.partition(" ")
    named = _color(_joined(lemma))
    return named or (tint(plain, how) if how in TINTS and (plain := _color(_joined(color))) else None)


def _tinted(sentence: Words, start: int, end: int, color: str) -> tuple[int, int, str]:
    """With the word beside it that says how: "pastel pink", "rosa pastel"."""
    how = sentence[end].norm if end < len(sentence) else ""
    named = _color(_joined(how + sentence[start].norm)) if how in TINTS and end == start + 1 else None
    if named and how != sentence[end].text.lower():
        return start, end + 1, named
    if start and sentence[start - 1].norm in TINTS:
        return start - 1, end, tint(color, sentence[start - 1].norm)
    if end < len(sentence) and sentence[end].norm in TINTS and sentence[end].norm != sentence[end].text.lower():
        return start, end + 1, tint(color, sentence[end].norm)
    return start, end, color


@lru_cache(maxsize=2_000)
def tint(color: str, how: str) -> str:
    """A CSS colour changed as people say it; "neon" and "vivid" are as strong as a screen can show the hue."""
    given = Color(color)
    match TINTS[how]:
        case toward, _ if toward == "white" and given.convert("oklch")["lightness"] > PALE:
            return color
        case "strong":
            hue = given.convert("hsl")
            changed = Color("hsl", [hue["hue"], 1, 0.55]) if hue["saturation"] else given
        case toward, share:
            changed = given.mix(toward, share, space="oklab")
    return changed.convert("srgb").fit().to_string(hex=True)


@cache
def _names() -> dict[str, str]:
    css = {name: f"#{int(r):02x}{int(g):02x}{int(b):02x}" for name, (r, g, b, *_) in name2val_map.items()}
    return ALSO | css


@cache
def _starts() -> frozenset[str]:
    return frozenset(name[:length] for name in _names() for length in range(1, len(name) + 1))


def _color(text: str) -> str | None:
    if text[:1] == "#" and len(text) in (4, 7):
        return "#" + ("".join(c * 2 for c in text[1:]) if len(text) == 4 else text[1:])
    return _names().get(text) if text != "transparent" else None


def role_of(sentence: Words, start: int, end: int, language: str = "en") -> str | None:
    """What the colour is of: the nearest word behind it ("indigo buttons"), else before it ("buttons in indigo").

    Other languages name the thing first: "fondo lavanda", "фон лавандовый".
    """
    if language == "en":
        return _behind(sentence[end : end + NEAR - 1]) or _before(sentence[max(0, start - NEAR) : start])
    before = _before(sentence[max(0, start - FAR) : start])
    right_behind = _behind(sentence[end : end + 1]) if language not in HEAD_FIRST else None  # "dunkelblaue Knöpfe"
    return right_behind or before or _behind(sentence[end : end + NEAR - 1])


def _behind(words: Words) -> str | None:
    for at, word in enumerate(words):
        if word.lemma in BACKGROUND or (at == 0 and word.norm == "behind"):
            return "background"
        if word.lemma in COMPONENT:
            return "component"
        if word.text in ",:" or word.norm in {"and", "with"}:
            break
    return None


def _before(words: Words) -> str | None:
    """ "a red colour" says nothing of where, unless nothing else does."""
    told = None
    for word in reversed(words):
        if word.lemma in BACKGROUND:
            return "background"
        if word.lemma in COMPONENT:
            return "component"
        if word.lemma in {"color", "colour"}:
            told = "component"
        if word.text == ",":
            break
    return told


def moods_in(sentence: Words) -> Iterator[tuple[int, int, tuple[str, str]]]:
    known = lexicon().moods
    for at in known.places(sentence):
        for length, moods in known.at(sentence, at):
            for mood in moods:
                if mood[0] == "mode" or _is_of_app(sentence, at, at + length):
                    yield at, at + length, mood


def _is_of_app(sentence: Words, start: int, end: int) -> bool:
    """ "a playful look" speaks of the app, "funny moods" of the matter."""
    around = (*sentence[max(0, start - 3) : start], *sentence[end : end + 3])
    return any(word.lemma in LOOKS for word in around)


def read_name(prompt: Prompt, looks: frozenset[int] = frozenset()) -> tuple[str | None, Words]:
    """The name that the prompt gives the app, and those of its first words that make a title.

    `looks` are the places of the words that are about its looks.
    """
    sentence = list(prompt.sentences[0]) if prompt.sentences else []
    while sentence and (sentence[0].start in looks or _opens_title(sentence) or not sentence[0].is_word):
        sentence.pop(0)
    end = next((at for at, word in enumerate(sentence) if word.start in looks), len(sentence))
    return _given_name(prompt), _title(sentence[:end])


def _given_name(prompt: Prompt) -> str | None:
    apps = lexicon().app_words - {"table", "list", "page", "form", "thing", "something"}
    for sentence in prompt.sentences:
        for at, word in enumerate(sentence[:-1]):
            if word.norm in {"called", "named"} and (not at or sentence[at - 1].lemma in apps):
                name = _proper(prompt, sentence[at + 1 :])
                if name:
                    return name
    return None


def _proper(prompt: Prompt, words: Words) -> str | None:
    """Quoted words, or the capitalised ones, or a single word."""
    if words[0].text in "\"'“«‘":
        inside = []
        for word in words[1:]:
            if word.text in "\"'”»’":
                break
            inside.append(word)
        return prompt.quote(inside)[:60] or None
    name: list[Word] = []
    for word in words[:5]:
        if not word.is_word or (name and not word.text[0].isupper()):
            break
        name.append(word)
    following = words[len(name)].text if len(name) < len(words) else ""
    return prompt.quote(name)[:60] if name and following != "(" else None


def _opens_title(words: Words) -> bool:
    """ "a tool to track …" opens with the tool; "a tool library" is about tools."""
    names = words[0].norm == "tool" and len(words) > 1 and words[1].norm not in TITLE_OPENERS | TITLE_STOPS
    names = names or (words[0].norm == "help" and len(words) > 1 and words[1].norm in {"desk", "center", "centre"})
    return (words[0].norm in TITLE_OPENERS and not names) or words[0].text == "TABLE"


def title_text(prompt: Prompt, head: Words) -> str | None:
    """The title as it stands, each word in its own form where the prompt bends it."""
    text = (prompt.quote(head) if prompt.language == "en" else prompt.phrase(head))[:60]
    return text[:1].upper() + text[1:] if text else None


def _is_sentence(head: Words) -> bool:
    """ "Killing my", "Down what": the start of a sentence, and no name."""
    small = (
        grammar("nobody") | grammar("adverbs") | grammar("pronouns") | grammar("auxiliaries") | grammar("conjunctions")
    )
    verb = len(head) == 1 and head[0].norm.endswith("ing") and head[0].lemma not in lexicon().icons
    return verb or any(word.norm in small for word in head)


def _title(sentence: Words) -> Words:
    words = list(sentence)
    while words and (_opens_title(words) or not words[0].is_word):
        words.pop(0)
    if len(words) > 2 and words[0].lemma in lexicon().app_words and words[1].norm == "of":
        words = words[2:]
        while words and words[0].norm in TITLE_OPENERS:
            words.pop(0)
    head: list[Word] = []
    anew = False
    for word in words:
        stops = not word.is_word or word.norm in TITLE_STOPS
        if word.norm in DETERMINERS and head and all(w.lemma in lexicon().app_words | TITLE_LINKS for w in head):
            head = []  # "an app to catalogue my records" is about the records
            continue
        if word.text in "'’" and head:  # "the kids' chores"
            continue
        if word.norm in {"i", "we"} and head and head[-1].norm == "and":
            head, anew = [], True  # "my wife and I run a small guest house"
            continue
        if anew and not head and word.norm in TITLE_OPENERS | DETERMINERS:
            continue
        if stops or word.norm in DETERMINERS or (head and word.norm in {"i", "we", "my", "our"}):
            break
        head.append(word)
    dropped: list[Word] = []
    while head and head[-1].norm.split(" ")[0] in TITLE_TAIL | TITLE_LINKS:
        dropped.append(head.pop())
    if len(head) == 1 and head[0].norm.endswith("ing") and dropped and dropped[-1].norm in TITLE_TAIL:
        return [*head, *([dropped[-1]] if dropped[-1].norm in NAMES_TOO else [])]  # "a beekeeping app"
    if not 1 <= len(head) <= 5 or all(word.lemma in NO_TITLES for word in head) or _is_sentence(head):
        return ()
    return head
