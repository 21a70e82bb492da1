"""Say an app's labels in another language. Names, values, rows and what no table has a word for stay as they are."""

from collections.abc import Callable

from builder.drafter.assemble import VIEWS
from builder.drafter.language import CODES, Language
from builder.drafter.revise.references import App

Say = Callable[[str], tuple[str, str] | None]
VIEW_LABELS = {view: label for _, view, label in VIEWS} | {"dashboard": "Dashboard", "report": "Report"}


def translate(app: App, code: str) -> None:
    say = _speaker(app["locale"].split("-")[0], code)
    for entity in app["entities"]:
        own = say(entity["label"]) or say(entity["name"].replace("_", " "))
        old = entity["label_plural"]
        if own:
            entity["label"], entity["label_plural"] = own
        for page in (p for p in app["pages"] if p["label"] == old):
            page["label"] = entity["label_plural"]
        for field in entity["fields"]:
            words = say(field["label"])
            if words:
                field["label"] = words[1] if field["many"] else words[0]
            for choice in field["choices"]:
                choice["label"] = (say(choice["label"]) or (choice["label"],))[0]
    for page in app["pages"]:
        if page["view"] in VIEW_LABELS:
            page["label"] = (_speaker("en", code)(VIEW_LABELS[page["view"]]) or (page["label"],))[0]
    app["locale"] = code


def _speaker(old: str, new: str) -> Say:
    """One and many of a label in the new language, by way of English."""

    def say(label: str) -> tuple[str, str] | None:
        english = Language.load(old).meaning(label) if old in CODES else label
        if english is None:
            return None
        if new not in CODES:
            from builder.drafter.text import plural

            return _titled(english), _titled(plural(english))
        shown = Language.load(new).shown(english)
        return (_titled(shown.single), _titled(shown.many)) if shown else None

    return say


def _titled(text: str) -> str:
    return text[:1].upper() + text[1:]
