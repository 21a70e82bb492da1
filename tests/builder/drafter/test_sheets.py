"""Posters, invitations, menus, certificates and decks are laid out from the facts of the prompt, or refused kindly."""

from datetime import date

import pytest

from builder.drafter import BlueprintDrafter, Draft
from builder.drafter.revise import revise
from builder.refusal import Refusal, RefusalCode
from builder.sheets import Deck, Sheet, opened_sheet
from builder.spec import AppKind, AppSpec, Starter, Theme
from builder.stack import render_stack

PARTY = "Make a poster for our summer party: 12 July, 7 pm, Riverside Park, live band, free entry, bring a blanket"
MEETING = (
    "Slides for our quarterly meeting: revenue 1.2M up 8 %; three new clients: Alba, Bosch, Cito; "
    "next: hiring two engineers, move to Lisbon"
)


def drafted(prompt: str, **more: AppKind) -> Draft:
    return BlueprintDrafter().draft(prompt, **more)  # type: ignore[arg-type]


def sheet(prompt: str) -> Sheet:
    spec = drafted(prompt).spec
    assert spec.starter
    found = opened_sheet(spec.starter.name, spec.starter.options)
    assert isinstance(found, Sheet)
    return found


def deck(prompt: str, **more: AppKind) -> Deck:
    spec = drafted(prompt, **more).spec
    assert spec.starter
    found = opened_sheet(spec.starter.name, spec.starter.options)
    assert isinstance(found, Deck)
    return found


def facts(found: Sheet) -> dict[str, list[str]]:
    by_kind: dict[str, list[str]] = {}
    for fact in found.facts:
        by_kind.setdefault(fact.kind, []).append(fact.text)
    return by_kind


@pytest.mark.parametrize(
    ("prompt", "headline", "date", "time", "place", "price"),
    [
        (PARTY, "Summer party", "12 July", "7 pm", "Riverside Park", "Free entry"),
        ("Ein Plakat für unser Sommerfest: Samstag, 12. Juli, 19 Uhr, Stadtpark, Live-Musik, Eintritt frei",
         "Sommerfest", "Samstag, 12. Juli", "19 Uhr", "Stadtpark", "Eintritt frei"),
        ("Cartel para la fiesta de verano: 12 de julio, 19:00, Parque del Río, música en vivo, entrada libre",
         "Fiesta de verano", "12 de julio", "19:00", "Parque del Río", "Entrada libre"),
        ("Une affiche pour la fête de l'été : 12 juillet, 19h30, Parc de la Rivière, concert, entrée libre",
         "Fête de l'été", "12 juillet", "19h30", "Parc de la Rivière", "Entrée libre"),
        ("Cartaz para a festa de verão: 12 de julho, 20h, Parque do Rio, banda ao vivo, entrada franca",
         "Festa de verão", "12 de julho", "20h", "Parque do Rio", "Entrada franca"),
        ("Locandina per la festa d'estate: 12 luglio, ore 21.00, Parco del Fiume, musica, ingresso libero",
         "Festa d'estate", "12 luglio", "Ore 21.00", "Parco del Fiume", "Ingresso libero"),
        ("Афиша летней вечеринки: 12 июля, 19:00, парк Горького, живая музыка, вход свободный",
         "Летняя вечеринка", "12 июля", "19:00", "Парк Горького", "Вход свободный"),
        ("为我们的夏日派对做一张海报：7月12日晚上7点，河滨公园，现场乐队，免费入场",
         "夏日派对", "7月12日", "晚上7点", "河滨公园", "免费入场"),
        ("ملصق لحفلتنا الصيفية: 12 يوليو، الساعة 7 مساءً، حديقة النهر، فرقة موسيقية، الدخول مجاني",
         "حفلتنا الصيفية", "12 يوليو", "الساعة 7 مساءً", "حديقة النهر", "الدخول مجاني"),
        ("Poster untuk pesta musim panas: 12 Juli, pukul 19.00, Taman Kota, musik langsung, masuk gratis",
         "Pesta musim panas", "12 Juli", "Pukul 19.00", "Taman Kota", "Masuk gratis"),
    ],
)  # fmt: skip
def test_a_poster_says_what_when_where_and_for_how_much(
    prompt: str, headline: str, date: str, time: str, place: str, price: str
) -> None:
    found = sheet(prompt)
    said = facts(found)
    assert (found.headline, said["date"], said["time"], said["place"], said["price"]) == (
        headline, [date], [time], [place], [price],
    )  # fmt: skip
    assert said["detail"]
    assert found.day == "12"


def test_every_part_points_at_its_words_and_what_is_not_drawn_is_told() -> None:
    draft = drafted(f"{PARTY}. With a photo of a lake. Use dark green and ivory")
    understood = dict(draft.understood)
    assert {"Headline": "summer party", "Date": "12 July", "Place": "Riverside Park"}.items() <= understood.items()
    assert understood["Details"] == "live band, bring a blanket"
    assert draft.unused == ("With a photo of a lake",)
    assert (draft.spec.theme.background, draft.spec.theme.component) == ("#006400", "#fffff0")


def test_other_sheets_have_their_own_form() -> None:
    card = sheet(
        "Invitation to our wedding: Ana and Luis, 5 September 2026, 4 pm, St. Mary's Church, RSVP to a@b.example"
    )
    assert (card.layout, facts(card)["detail"], facts(card)["contact"]) == (
        "card",
        ["Ana and Luis"],
        ["RSVP to a@b.example"],
    )
    menu = sheet("Menu for Café Luna: starters: tomato soup 5.50, bruschetta 6; mains: risotto 14, grilled fish 18")
    assert [(f.label, f.text, f.figure) for f in menu.facts][1:3] == [
        ("Starters", "Bruschetta", "6"),
        ("Mains", "Risotto", "14"),
    ]
    award = sheet("Certificate for Maria Lopez: completed the first aid course, 12 May 2026, signed by Dr. Ruiz")
    assert (award.headline, facts(award)["signature"], award.landscape) == ("Maria Lopez", ["Dr. Ruiz"], True)
    quote = sheet('Poster that says "Keep calm and carry on" in crimson')
    assert (quote.layout, quote.headline) == ("statement", "Keep calm and carry on")


def test_a_deck_has_a_slide_for_each_group_of_facts_and_notes_of_its_words() -> None:
    slides = deck(MEETING).slides
    assert [(s.layout, s.heading) for s in slides] == [
        ("title", "Quarterly meeting"), ("number", "Revenue"), ("list", "Three new clients"), ("list", "Next"),
        ("closing", "Thank you"),
    ]  # fmt: skip
    assert (slides[1].items[0].figure, slides[1].items[0].text) == ("1.2M", "up 8 %")
    assert [item.text for item in slides[2].items] == ["Alba", "Bosch", "Cito"]
    assert slides[3].notes == "next: hiring two engineers, move to Lisbon"


def test_lines_become_charts_timelines_and_notes() -> None:
    slides = deck(
        "A presentation for the board\n"
        "1. Revenue: January 41,200, February 38,900, March 47,600 euros (bar chart please)\n"
        "2. Timeline: April hire two bakers, May second oven, June open on Sundays\nNotes: thank the team\n"
        "3. What we ask for: 28,000 euros for the oven"
    ).slides
    assert [s.layout for s in slides] == ["title", "bars", "timeline", "number", "closing"]
    assert [item.value for item in slides[1].items] == [86.6, 81.7, 100]
    assert slides[1].lead == "euros"
    assert slides[2].notes.endswith("thank the team")


@pytest.mark.parametrize(
    ("prompt", "hint"),
    [
        ("Slides about the history of the bicycle, eight of them, with a timeline slide", "revenue"),
        ("Acht Folien über die Geschichte des Fahrrads, darunter eine mit Zeitstrahl; auf dreien ein Bild", "Umsatz"),
        ("Презентация о Луне", "выручка"),
        ("A poster for our summer party", "Riverside Park"),
        ("A poster about the solar system", "Riverside Park"),
        ("A presentation about dogs: breeds, training, food", "revenue"),
    ],
)
def test_what_the_prompt_does_not_hold_needs_a_model_and_says_what_to_add(prompt: str, hint: str) -> None:
    with pytest.raises(Refusal) as refused:
        drafted(prompt)
    assert refused.value.code is RefusalCode.NEEDS_MODEL
    assert hint in refused.value.message


@pytest.mark.parametrize(
    "prompt",
    ["A poster collection with title, artist, year and price", "Menu planner: monday pasta, tuesday fish", "Café menu",
     "Wedding invitations with guest, address and reply", "Presentation feedback with rating and comment",
     "A register of certificates: name, course, date", "Poster sessions at a conference: title, author, 12 July",
     "Certificate expiry tracker: name, date"],
)  # fmt: skip
def test_a_list_of_such_things_stays_an_app(prompt: str) -> None:
    assert drafted(prompt).spec.kind is AppKind.FULLSTACK


def test_the_words_of_a_prompt_stay_text_on_the_page() -> None:
    hostile = "</style><script>alert(1)</script>\"'{{ 7 * 7 }}"
    for options in (
        {"headline": hostile, "eyebrow": hostile, "day": hostile, "month": hostile, "layout": layout,
         "facts": [{"kind": k, "text": hostile, "label": hostile, "lead": hostile, "figure": hostile}
                   for k in ("date", "time", "place", "price", "contact", "programme", "item", "signature", "detail")]}
        for layout in ("date", "shout", "quiet", "notice", "statement", "card", "menu", "certificate")
    ):  # fmt: skip
        page = rendered("sheet", options)
        assert "<script>alert" not in page
        assert "49" not in page
    item = {"text": hostile, "figure": hostile, "lead": hostile}
    layouts = ("title", "list", "statement", "number", "numbers", "bars", "timeline", "closing")
    slides = [{"layout": k, "heading": hostile, "lead": hostile, "items": [item], "notes": hostile} for k in layouts]
    page = rendered("deck", {"slides": slides})
    assert "<script>alert" not in page
    assert page.count('class="notes"') == len(layouts)


def test_a_sheet_is_changed_by_a_sentence() -> None:
    spec = drafted(PARTY).spec
    for message in (
        "make the background ivory", "call it Garden party", "add free parking", "remove the live band",
        "change the time to 8 pm", "change the date to 13 July",
    ):  # fmt: skip
        spec = revise(spec, message, date(2026, 3, 1)).spec
    assert spec.starter
    found = opened_sheet(spec.starter.name, spec.starter.options)
    assert isinstance(found, Sheet)
    assert (spec.name, found.headline, found.day, spec.theme.background) == (
        "Garden party",
        "Garden party",
        "13",
        "#fffff0",
    )
    assert facts(found)["detail"] == ["Bring a blanket", "Free parking"]
    assert facts(found)["time"] == ["8 pm"]
    with pytest.raises(Refusal, match="add free parking"):
        revise(spec, "make it sing", date(2026, 3, 1))


def test_a_deck_gains_and_loses_slides_and_closes_with_what_it_says() -> None:
    spec = drafted(MEETING).spec
    spec = revise(spec, "add a slide budget: rent 40,000, travel 12,000, food 5,000", date(2026, 3, 1)).spec
    spec = revise(spec, "remove the slide next", date(2026, 3, 1)).spec
    assert spec.starter
    found = opened_sheet(spec.starter.name, spec.starter.options)
    assert isinstance(found, Deck)
    assert [s.heading for s in found.slides[1:-1]] == ["Revenue", "Three new clients", "Budget"]
    assert [item.text for item in found.slides[-1].items] == ["Revenue: 1.2M", "Three new clients", "Budget"]


def test_a_ready_page_is_shaped_further() -> None:
    spec = revise(drafted("Snake, dark green").spec, "a 30 by 30 board, faster", date(2026, 3, 1)).spec
    assert spec.starter
    assert spec.starter.options == {"size": 30, "speed": "fast"}


def test_a_spec_that_is_no_sheet_is_refused_with_the_cause() -> None:
    with pytest.raises(ValueError, match="headline of the sheet"):
        AppSpec(name="A", kind=AppKind.SLIDES, starter=Starter(name="sheet", options={}))


def rendered(name: str, options: dict[str, object]) -> str:
    spec = AppSpec(name="A", kind=AppKind.SLIDES, theme=Theme(), starter=Starter(name=name, options=options))
    return bytes(render_stack(spec)["index.html"]).decode()
