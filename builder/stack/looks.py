"""Decide how the rows of an entity are best shown from its fields: form follows data. Knows every icon of an app.

A creature gets a drawn body, a house a facade, a person a monogram; things to look at become cards, things to
process a table, things to tick off a list.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from builder.stack.ranks import ranking
from builder.stack.views import EntityView, FieldView, PageView, SpecView

SERVER_PATHS = {"api", "health", "docs", "openapi", "assets", "static", "redoc"}
FACTS, BADGES, COLUMNS, FILTERS = 3, 2, 8, 4

# Each icon of the kit that an app may show, the drawing that suits it, and the words in an entity's name that mean it.
ICONS: dict[str, tuple[str, str]] = {
    "paw-print": ("creature", "pet animal creature monster dog cat species insect"),
    "bird": ("creature", "bird"),
    "bug": ("pattern", "bug issue ticket incident defect bug_report"),
    "fish": ("creature", "fish"),
    "house": ("house", "house home property listing villa cottage estate"),
    "building": ("house", "building apartment flat office hotel company"),
    "building-2": ("house", "organisation organization firm tenant"),
    "bed": ("house", "room bed"),
    "user": ("person", "user person author member employee guest driver teacher owner"),
    "users": ("person", "people team client customer contact student player staff"),
    "contact": ("person", "lead patient candidate applicant"),
    "leaf": ("plant", "leaf plant tree herb"),
    "sprout": ("plant", "sprout seed garden"),
    "flower": ("plant", "flower bouquet"),
    "cherry": ("fruit", "berry fruit cherry"),
    "apple": ("fruit", ""),
    "carrot": ("fruit", "vegetable ingredient grocery"),
    "chef-hat": ("dish", "recipe meal dish"),
    "utensils": ("dish", "food menu restaurant"),
    "cooking-pot": ("dish", "kitchen"),
    "coffee": ("dish", "coffee tea cafe drink"),
    "cake": ("dish", "cake dessert bakery"),
    "pizza": ("dish", "pizza snack"),
    "wine": ("bottle", "wine beer bottle"),
    "book-open": ("cover", "book story wiki article post entry note blog"),
    "book": ("cover", "library chapter dictionary"),
    "library": ("cover", ""),
    "film": ("cover", "film movie series video"),
    "clapperboard": ("cover", "show episode"),
    "music": ("cover", "song music album track artist band"),
    "gamepad-2": ("cover", "game"),
    "newspaper": ("cover", "news newspaper magazine"),
    "image": ("pattern", "image picture"),
    "palette": ("cover", "artwork painting"),
    "camera": ("pattern", "photo"),
    "square-check": ("pattern", "task todo checklist chore goal"),
    "check-square": ("pattern", ""),
    "repeat": ("pattern", "habit routine subscription"),
    "gift": ("pattern", "gift present wish"),
    "tag": ("pattern", "tag category type label genre topic kind"),
    "shapes": ("pattern", ""),
    "sparkles": ("pattern", "ability skill trait power spell feature"),
    "swords": ("pattern", "move attack battle"),
    "zap": ("pattern", "energy"),
    "backpack": ("pattern", "gear equipment"),
    "package": ("pattern", "product package stock inventory part asset"),
    "shirt": ("pattern", "clothes outfit shirt garment shoe"),
    "shopping-cart": ("pattern", "order cart purchase sale"),
    "wallet": ("pattern", "expense budget payment money account transaction"),
    "receipt": ("pattern", "invoice bill receipt"),
    "calendar": ("pattern", "event appointment booking meeting date schedule"),
    "clock": ("pattern", "time shift session attendance"),
    "map-pin": ("pattern", "place city location country trip region destination"),
    "plane": ("pattern", "flight travel"),
    "car": ("pattern", "car vehicle"),
    "bike": ("pattern", "bike bicycle"),
    "dumbbell": ("pattern", "workout exercise training gym"),
    "heart-pulse": ("pattern", "health symptom"),
    "pill": ("pattern", "medicine medication pill"),
    "moon": ("pattern", "sleep nap dream"),
    "baby": ("pattern", "baby infant newborn"),
    "milk": ("pattern", "feed feeding"),
    "droplets": ("pattern", "water nappy diaper"),
    "graduation-cap": ("pattern", "course lesson class grade school exam"),
    "briefcase": ("pattern", "job project application service"),
    "handshake": ("pattern", "deal contract opportunity"),
    "message-circle": ("pattern", "message comment reply review feedback"),
    "circle-help": ("pattern", "question quiz poll"),
    "chart-column": ("pattern", "metric stat vote score option result"),
    "folder": ("pattern", "folder collection file document"),
    "bookmark": ("pattern", "bookmark link"),
    "hammer": ("pattern", "tool repair"),
    "wrench": ("pattern", "maintenance machine"),
    "flask-conical": ("pattern", "experiment sample measurement"),
    "lightbulb": ("pattern", "idea thought insight"),
    "shield-alert": ("pattern", "risk malware alarm"),
    "ticket": ("pattern", "coupon voucher"),
    "stamp": ("pattern", "stamp coin"),
    "trophy": ("pattern", "trophy award tournament match competition"),
    "gem": ("pattern", "gem stone jewel card"),
    "table-2": ("pattern", "table"),
    "hash": ("pattern", "index"),
    "list-ordered": ("pattern", "list"),
    "box": ("pattern", ""),
}


@dataclass(frozen=True)
class Look:
    """How one entity is shown. Every name is a field's; `home` is the path of the page that lists it."""

    icon: str
    motif: str
    picture: bool
    view: str
    home: str
    title: str
    tint: str | None
    image: str | None
    number: str | None
    toggle: str | None
    teaser: str | None
    due: str | None
    badges: list[str] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    filters: list[str] = field(default_factory=list)
    plain: list[str] = field(default_factory=list)


def look(entity: EntityView) -> Look:
    icon = _icon(entity)
    fields = [f for f in entity.fields if not f.is_order]
    image = _first(f.name for f in entity.fields if f.type == "image")
    tint = _first(f.name for f in entity.relations if _has_color(f.target))
    toggle = _first(f.name for f in entity.fields if _is_ticked_off(f)) if entity.has("edit") else None
    motif = ICONS[icon][0]
    picture = bool(image or tint or motif != "pattern" or _has_color(entity))
    number = _first(f.name for f in fields if f.type == "integer" and _is_number_of_its_own(f))
    title = entity.title.name
    charted = set(entity.options("chart").get("fields", ()))
    pair = entity.title_pair
    others = [f for f in fields if f.name not in {title, image, number, toggle} and f is not pair]
    spoken = [f for f in others if not f.is_code]
    scored = entity.options("scoring").get("field")
    badges = [f.name for f in others if f.shown == "choice" or f.name == tint or _is_one_other(f)]
    badges.sort(key=lambda name: (name != tint, entity.field(name).type != "computed"))  # what the app makes of it
    badges = badges[:1] if badges and entity.field(badges[0]).many else badges[:BADGES]
    asked = set(entity.options("sort").get("fields", ()))
    facts = [f for f in others if f.shown in FACT_TYPES and f.name not in charted | {scored}]
    when = _when(entity)
    facts.sort(key=lambda f: (f.name != when, f.name not in asked, FACT_TYPES.index(f.shown)))
    columns = [*([number] if number else []), title, *(f.name for f in others if f.type not in {"text", "file"})]
    columns += [toggle] if toggle else []
    ranked = (ranking(entity) or "").removeprefix("-")
    columns.sort(key=lambda name: (name not in {number, title}, name != ranked))  # it is what people look for
    stars = [name for name, number in entity.added.items() if number.type == "stars"]
    filters = [f for f in fields if _filter_rank(f) < len(FILTER_TYPES)]
    return Look(
        icon=icon,
        motif=motif,
        picture=picture,
        view=_view(entity, picture, toggle),
        home=entity_path(entity.app, entity),
        title=title,
        tint=tint,
        image=image,
        number=number,
        toggle=toggle,
        teaser=_first(f.name for f in spoken if f.type == "text") or _first(f.name for f in spoken if _is_words(f)),
        due=_first(f.name for f in fields if toggle and f.type in ("date", "datetime") and DUE.search(f.name)),
        badges=badges,
        facts=[*stars, *(f.name for f in facts)][:FACTS],
        columns=[*columns[: max(COLUMNS + 1 - len(entity.added), 2)], *entity.added],
        plain=[f.name for f in entity.fields if f.type == "integer" and NAME_LIKE.search(f.name)],
        filters=[f.name for f in sorted(filters, key=_filter_rank)][:FILTERS],
    )


def _when(entity: EntityView) -> str | None:
    """When a row takes place, where that is what people ask first: of what stands in a calendar or is booked."""
    options = {**entity.options("booking"), **entity.options("calendar")}
    return next((str(options[name]) for name in ("date", "start") if options.get(name)), None)


@dataclass(frozen=True)
class Route:
    """One entry of the navigation with the path it has."""

    page: PageView
    path: str

    @property
    def view(self) -> str | None:
        return self.page.view


def routes(app: SpecView) -> list[Route]:
    """The first page is the home page; a list of an entity has the entity's path, every other page its own name."""
    plurals = {e.plural for e in app.entities}
    found: list[Route] = []
    for page in app.pages:
        if not found:
            path = "/"
        elif page.entity and page.view in LISTS and f"/{page.entity.plural}" not in {r.path for r in found}:
            path = f"/{page.entity.plural}"
        else:
            path = f"/{page.name}" if page.name not in plurals | SERVER_PATHS else f"/{page.name}-page"
        found.append(Route(page, path))
    return found


def views(app: SpecView) -> set[str]:
    """The ways in which the app's lists are shown."""
    favourites = {"cards" for route in routes(app) if route.view == "favorites"}
    return (
        {look(e).view for e in app.entities} | {r.view for r in routes(app) if r.view in LISTS and r.view} | favourites
    )


def has_pictures(app: SpecView) -> bool:
    """Whether any page draws rows: cards do, and pages about single rows."""
    pages = ("detail", "compare", "cart", "checkout")
    return "cards" in views(app) or any(e.has(page) for e in app.entities for page in pages)


def entity_path(app: SpecView, entity: EntityView) -> str:
    own = [r.path for r in routes(app) if r.page.entity and r.page.entity.name == entity.name and r.view in LISTS]
    return next(iter(own), f"/{entity.plural}")


LISTS = {None, "cards", "table", "list"}
FACT_TYPES = ("money", "rating", "decimal", "integer", "date", "datetime", "time", "boolean")
FILTER_TYPES = ("choice", "relation", "boolean", "money", "rating", "date", "datetime", "integer", "decimal")
NAME_LIKE = re.compile(r"(^|_)(year|code|zip|postcode|number|no|nr|sku|isbn|plate|reference)$")  # they name a thing
DUE = re.compile(  # by when something is to be done, not when it happened
    r"(^|_)(due|deadline|expires?|expiry|renewal|renews?|until|follow_up|next|target_date|return_by|by)(_|$)|^(date|day|when)$"
)
DESCRIBES = re.compile(r"(^|_)(pinned|sticky|public|private|visible|published|featured)$")
TICKED_OFF = re.compile(
    r"(^|_)(done|complete|completed|finished|bought|purchased|paid|packed|watched|read|checked|sent|watered|returned"
    r"|resolved|closed|shipped|visited|owned|taken|learned|cooked|tried|wrapped|given)$"
)


def _icon(entity: EntityView) -> str:
    if entity.icon in ICONS:
        return str(entity.icon)
    parts = entity.name.removesuffix("_item").split("_")
    for part in [entity.name, *reversed(parts)]:  # the last word of a name says what it is: a task_list is a list
        for icon, (_, meanings) in ICONS.items():
            if part in meanings.split() or part.removesuffix("s") in meanings.split():
                return icon
    return "box"


def _view(entity: EntityView, picture: bool, toggle: str | None) -> str:
    own = [p for p in entity.app.pages if p.entity and p.entity.name == entity.name]
    asked = next((p.view for p in own if p.view and p.view in LISTS), None)
    if asked:
        return asked
    if picture:
        return "cards"
    if toggle and len(entity.fields) <= 6:
        return "list"
    work = sum(f.is_number or f.is_moment for f in entity.fields)
    return "table" if work >= 2 or len(entity.fields) > 4 else "list"


def _is_number_of_its_own(field: FieldView) -> bool:
    return bool(re.search(r"(^|_)(number|no|nr|position|rank|order)$", field.name))


def _is_ticked_off(field: FieldView) -> bool:
    """Done, bought, read: a boolean that people turn while they look at the list, not one that describes the row."""
    turned = field.choices and not DESCRIBES.search(field.name)
    return field.type == "boolean" and bool(turned or TICKED_OFF.search(field.name))


def _is_words(field: FieldView) -> bool:
    """What says something of a row in a few words: the author of a book, the gift for somebody; no code of a thing."""
    return field.shown == "string" and not NAME_LIKE.search(field.name) and not field.is_secret


def _filter_rank(field: FieldView) -> int:
    kind = field.shown if field.shown in ("choice", "boolean") else field.type
    return FILTER_TYPES.index(kind) if kind in FILTER_TYPES else len(FILTER_TYPES)


def _is_one_other(field: FieldView) -> bool:
    """Whether the relation says what a row belongs to; one to its own kind is a story for the detail page."""
    return field.is_relation and not field.many and field.spec.target != field.entity.name


def _has_color(entity: EntityView | None) -> bool:
    return entity is not None and any(f.type == "color" for f in entity.fields)


def _first(names: Any) -> str | None:
    return next(iter(names), None)
