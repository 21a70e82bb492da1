"""Features, asked for by the same words as in a first prompt."""

from dataclasses import replace

from builder.drafter.features import Mention, find_mentions
from builder.drafter.fields import read_field
from builder.drafter.lexicon import grammar, lexicon
from builder.drafter.phrases import bracket_list
from builder.drafter.revise.draft import Draft
from builder.drafter.revise.names import STOPS, listed
from builder.drafter.revise.references import App
from builder.drafter.revise.sketched import add_features
from builder.drafter.text import Prompt, Word
from builder.spec import FeatureName

# Words beside a feature that say nothing of their own: "a comment section", "let people vote".
AROUND = (
    frozenset(
        "page tab view section button feature option function support people user users visitor able way us me we "
        "let allow can to on for in of by with as each every file files it them one should possibility".split()
    )
    | STOPS
    | grammar("prepositions")
    | grammar("nobody")
)
# What people do, and the feature that lets them.
ACTS = {"vote": "like", "votes": "like", "upvote": "like", "like": "like", "comment": "comments", "rate": "ratings",
        "follow": "follow", "print": "print", "export": "export", "import": "import", "search": "search",
        "filter": "filter", "bookmark": "favorites", "favourite": "favorites", "favorite": "favorites"}  # fmt: skip


def add_feature(draft: Draft, words: list[Word], entity: App | None, *, whole: bool) -> bool:
    """A feature by the same words as in a first prompt. `whole`: only where they say nothing else."""
    part = draft.part([*words, *_named(draft, entity)])
    found = [m for m in find_mentions(part) if not (m.is_action and not whole)] or _deeds(part)
    if not found or bracket_list(words):
        return False
    rest = _rest(words, found, draft)
    if whole and rest:
        return False
    if not whole and (
        any((f := read_field(one, draft.prompt)) and (f.choices or f.key in lexicon().fields) for one in listed(rest))
    ):
        return False
    return wish(draft, found, part, entity)


def _deeds(part: Prompt) -> list[Mention]:
    """ "let people vote": what they do, said by its verb."""
    return [
        Mention(FeatureName(ACTS[word.norm]), number, at, at + 1, (word,))
        for number, sentence in enumerate(part.sentences)
        for at, word in enumerate(sentence)
        if word.norm in ACTS
    ][:1]


def wish(draft: Draft, mentions: list[Mention], part: Prompt, entity: App | None) -> bool:
    mentions = [_meant(m, draft, entity) for m in mentions]
    before = {(f["name"], f["entity"]) for f in draft.app["features"]}
    options = [dict(f["options"]) for f in draft.app["features"]]
    for mention in mentions:
        feature = draft.say(f"feature.{mention.name}")
        draft.once(("feature", str(mention.name)), "there", "add_feature", feature=feature)
    first = (entity or draft.main())["name"]
    add_features(draft.app, mentions, part, first, draft.today)
    draft.changed()
    new = [f for f in draft.app["features"] if (f["name"], f["entity"]) not in before]
    for name in dict.fromkeys(str(m.name) for m in mentions):
        if name == "sort" and _sorted(draft, mentions, entity):
            continue
        if any(f["name"] == name for f in new):
            draft.tell("feature_added", feature=draft.say(f"feature.{name}"))
        elif any(f["name"] == name for f in draft.app["features"]):
            if [f["options"] for f in draft.app["features"]][: len(options)] != options:
                draft.tell("feature_changed", feature=draft.say(f"feature.{name}"))
            else:
                draft.complain("feature_there", feature=draft.say(f"feature.{name}"))
    return bool(new) or bool(draft.said) or bool(draft.problems)


def _meant(mention: Mention, draft: Draft, entity: App | None) -> Mention:
    """Votes on what is no poll are likes."""
    subject = entity or draft.main()
    if mention.name == FeatureName.POLL and not {"poll", "question", "survey"} & set(subject["name"].split("_")):
        return replace(mention, name=FeatureName.LIKE)
    return mention


def _sorted(draft: Draft, mentions: list[Mention], entity: App | None) -> bool:
    """ "sort deals by value": the order in which a list opens."""
    by = next((m.by[0] for m in mentions if m.name == FeatureName.SORT and m.by), None)
    found = draft.one_field(by, entity) if by else None
    own = found and next((f for f in draft.app["features"] if f["name"] == "sort"
                          and f["entity"] == found.entity["name"]), None)  # fmt: skip
    if not found or not own:
        return False
    said = {w.norm for w in draft.prompt.words}
    down = bool(said & {"descending", "highest", "newest", "latest", "largest", "most"})
    name = found.field["name"]
    own["options"]["fields"] = list(dict.fromkeys([*own["options"].get("fields", []), name]))
    own["options"]["default"] = f"-{name}" if down else name
    draft.tell("sorted_by", things=found.entity["label_plural"], field=found.field["label"])
    return True


def _named(draft: Draft, entity: App | None) -> list[Word]:
    """The words of the thing, so that a feature is about it."""
    return next((words for words, thing in reversed(draft.named) if thing is entity), []) if entity else []


def _rest(words: list[Word], mentions: list[Mention], draft: Draft) -> list[Word]:
    """What the features, the things of the app and small words leave over."""
    taken = {id(w) for m in mentions for w in (*m.words, *(b for by in m.by for b in by))}
    taken |= {id(w) for start, end, _ in draft.names.entities_in(words) for w in words[start:end]}
    taken |= {id(w) for w in words if len(words) > 1 and draft.names.fields([w])}
    return [w for w in words if id(w) not in taken and w.is_word and w.norm not in AROUND and w.lemma not in AROUND]
