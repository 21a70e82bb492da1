"""Every blueprint is called by its own words, drafts to an app that holds together, and is like no other."""

from collections import Counter
from datetime import date
from functools import cache

import pytest

from builder import blueprints
from builder.drafter import BlueprintDrafter
from builder.drafter.language import CODES
from builder.drafter.shelf import nearest, read_blueprint, shelf
from builder.drafter.text import Prompt
from builder.sound import check_sound
from builder.spec import AppSpec, FieldType
from builder.stack.looks import ICONS
from tests.builder.drafter.similarity import pairs
from tests.builder.drafter.untranslated import missing, sayable, texts_of

TODAY = date(2026, 3, 14)
MOST_ALIKE = 0.6
STYLES = {None, "clean", "editorial", "playful", "bold-dark", "warm", "technical"}
each = pytest.mark.parametrize("name", blueprints.names())


@cache
def drafted(phrase: str) -> AppSpec:
    return BlueprintDrafter(today=lambda: TODAY).draft(f"{phrase} app").spec


def first(name: str) -> AppSpec:
    return drafted(blueprints.read(name)["words"][0])


@each
def test_its_name_and_its_words_get_the_blueprint(name):
    raw = blueprints.read(name)
    for phrase in (raw["name"], *raw["words"]):
        match = nearest(Prompt.read(f"{phrase} app"))
        assert match, phrase
        assert match.blueprint.name == name, phrase
    for phrase in (raw["name"], *raw["words"][:2]):
        assert [e.icon for e in drafted(phrase).entities] == [e["icon"] for e in raw["entities"].values()], phrase


@each
def test_rows_hold_together(name):
    spec = first(name)
    assert 8 <= len(spec.entities[0].seed) <= 24
    for entity in spec.entities:
        assert 3 <= len(entity.seed) <= 24, entity.name
        assert len({str(row) for row in entity.seed}) == len(entity.seed)
        for row in entity.seed:
            assert row, entity.name
            _check_row(spec, entity, row)


def _check_row(spec, entity, row):
    for field in entity.fields:
        value = row.get(field.name)
        assert value is not None or not field.required, (entity.name, field.name, row)
        if value is None:
            continue
        if field.type in {FieldType.STRING, FieldType.TEXT}:  # 10 without quotes would be lost in translation
            assert isinstance(value, str), (entity.name, field.name, row)
        if field.type is FieldType.CHOICE:
            assert value in {c.value for c in field.choices}
        if field.type is FieldType.RELATION:
            for one in value if field.many else [value]:
                assert 1 <= one <= len(spec.entity(field.target).seed)
        if field.type is FieldType.DATE:
            date.fromisoformat(value)
        if field.type in {FieldType.INTEGER, FieldType.DECIMAL, FieldType.MONEY, FieldType.RATING}:
            assert field.min is None or value >= field.min, (entity.name, field.name, row)
            assert field.max is None or value <= field.max, (entity.name, field.name, row)


@each
def test_rows_name_rows_that_are_there(name):
    entities = blueprints.read(name)["entities"]
    for entity in entities.values():
        stored = [f for f in entity["fields"].items() if not (isinstance(f[1], dict) and "computed" in f[1])]
        for row in entity["rows"]:
            for (_, field), value in zip(stored, row, strict=True):
                if isinstance(field, dict) and "relation" in field and value is not None:
                    titles = [str(cell) for other in entities[field["relation"]]["rows"] for cell in other]
                    assert all(str(one) in titles for one in (value if isinstance(value, list) else [value]))


@each
def test_it_is_ready_to_look_at(name):
    raw, spec = blueprints.read(name), first(name)
    check_sound(spec)
    assert len(spec.tagline.split()) >= 4
    assert raw.get("style") in STYLES
    for entity in spec.entities:
        assert all(choice.color for f in entity.fields if f.type is FieldType.CHOICE for choice in f.choices)
        sort = spec.feature("sort", entity.name)
        assert sort is None or sort.options.get("default") or spec.feature("leaderboard", entity.name)
    assert {e["icon"] for e in raw["entities"].values()} <= set(ICONS)


@each
def test_it_knows_something_of_its_subject(name):
    """A rule or a computed field; and every feature and rule of the file is in the app."""
    sketch, spec = read_blueprint(name, blueprints.read(name)).sketch, first(name)
    assert sketch.rules or any(f.type is FieldType.COMPUTED for e in sketch.entities for f in e.fields)
    assert not Counter(r.kind for r in sketch.rules) - Counter(r.kind for r in spec.rules)
    assert {f.name for f in sketch.features} <= {f.name for f in spec.features}


@pytest.mark.parametrize("name", ["attendance", "forum"])
def test_passwords_are_neither_searched_nor_sorted(name):
    listed = [f.options["fields"] for f in first(name).features if f.name in {"search", "sort"}]
    assert listed
    assert not any("password" in field for fields in listed for field in fields)


def test_no_two_differ_by_their_nouns_alone():
    score, one, other = pairs()[0]
    assert score < MOST_ALIKE, f"{one} and {other} are alike to {score:.0%}; python -m tests.builder.drafter.similarity"


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("Мне нужно приложение для спортзала", "gym"),
        ("我想要一个打卡应用", "attendance"),
        ("أريد تطبيق مخبز", "bakery"),
        ("saya mau aplikasi lowongan kerja", "job_board"),
        ("Ich möchte eine App für eine Tierarztpraxis", "veterinary"),
        ("Je voudrais une application pour une salle de sport", "gym"),
        ("Quiero una aplicación para una peluquería", "hairdresser"),
        ("Quero um aplicativo para uma pousada", "hotel"),
        ("Vorrei un'app per le fatture", "invoices"),
        ("Мне нужна сервисная книжка", "car_service"),
        ("我想要一个婚礼应用", "wedding"),
        ("أريد تطبيق التبرعات", "donations"),
        ("saya mau aplikasi rencana makan", "meal_planner"),
        ("Ich brauche eine App für Fahrgemeinschaften", "carpool"),
        ("Je voudrais une application pour mes contrats", "contracts"),
        ("Quiero una aplicación para dividir gastos", "shared_expenses"),
        ("Quero um aplicativo de achados e perdidos", "lost_found"),
        ("Vorrei un'app per la mia cantina", "wine_cellar"),
    ],
)
def test_its_names_abroad_call_it(prompt, name):
    spec = BlueprintDrafter(today=lambda: TODAY).draft(prompt).spec
    assert spec.entities[0].icon == next(iter(blueprints.read(name)["entities"].values()))["icon"]
    assert len(spec.entities) >= 3


@pytest.mark.parametrize("code", CODES)
def test_translations_are_of_what_blueprints_say(code):
    known = {b.name: (set(sayable(b)), set(texts_of(b, short=True))) for b in shelf()}
    for name, given in blueprints.translations(code).items():
        labels, texts = known[name]
        assert set(given.get("labels", {})) <= labels, name
        assert set(given.get("texts", {})) <= texts, name
        assert all((given.get("labels", {}) | given.get("texts", {})).values()), name


def test_rows_keep_their_figures_in_another_language():
    drafter = BlueprintDrafter(today=lambda: TODAY)
    specs = [drafter.draft(text).spec for text in ("A budget planner", "Ein Haushaltsbuch für die Familie")]
    here, there = (next(e for e in spec.entities if e.name == "transaction") for spec in specs)
    figures = [[row.get(name) for name in ("amount", "account", "category")] for row in here.seed]
    assert [[row.get(name) for name in ("amount", "account", "category")] for row in there.seed] == figures


@pytest.mark.parametrize("code", CODES)
def test_every_label_is_shown_in_every_language(code):
    assert {b.name: found for b in shelf() if (found := list(missing(code, b)["labels"]))} == {}
