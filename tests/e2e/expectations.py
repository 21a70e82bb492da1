"""Hold a served app against the `expect` of a prompt. Each kind of expectation has a probe that really uses the app."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from playwright.sync_api import Locator, expect

from tests.e2e.app import App

Expect = dict[str, Any]


def unmet(app: App, wanted: Expect) -> list[str]:
    """What does not hold, as sentences. A key that no probe knows does not hold."""
    failures = []
    app.wanted = wanted
    for key, value in wanted.items():
        probe = PROBES.get(key)
        try:
            failures += [f"{key}: no probe"] if probe is None else list(probe(app, value) or ())
        except AssertionError as error:
            failures.append(f"{key}: {str(error).splitlines()[0] if str(error) else 'does not hold'}")
    return failures + [f"console: {problem}" for problem in app.problems]


def entities(app: App, wanted: list[Expect]) -> Iterator[str]:
    for entity in wanted:
        found = collection_named(app, entity["names"])
        if found is None:
            yield f"entity {entity['names'][0]} is missing among {sorted(app.collections)}"
            continue
        have = {_plain(name) for name in app.collections[found]}
        for names in entity["fields"]:
            if not {_plain(name) for name in names} & have:
                yield f"field {names[0]} of {found} is missing among {sorted(have)}"


def collection_named(app: App, names: list[str]) -> str | None:
    wanted = {_plain(name) for name in names}
    singular = {plural: {_plain(plural), _plain(re.sub(r"s$", "", plural)), _plain(re.sub(r"ies$", "y", plural)),
                         _plain(re.sub(r"es$", "", plural)), _plain(re.sub(r"ices$", "ex", plural))}
                for plural in app.collections}  # fmt: skip
    return next((plural for plural, forms in singular.items() if forms & wanted), None)


def _plain(name: str) -> str:
    return re.sub(r"(_field|_item|_)$", "", name.lower().replace(" ", "_"))


def min_seed_rows(app: App, wanted: int) -> Iterator[str]:
    most = max(app.total(plural) for plural in app.collections)
    if most < wanted:
        yield f"at most {most} rows are there, not {wanted}"


def min_pages(app: App, wanted: int) -> Iterator[str]:
    """A page is an address with a heading of its own: from the navigation, or one click into a list."""
    app.open()
    links = app.page.locator("a[href]").evaluate_all("links => links.map(link => new URL(link.href).pathname)")
    kinds = {re.sub(r"\d+", "#", link) for link in links if not link.startswith("/api/")} | {"/"}
    if len(kinds) < wanted:
        yield f"only the pages {sorted(kinds)} are linked"


def text_all(app: App, wanted: list[str]) -> None:
    for text in wanted:
        app.open()
        app.page.get_by_role("searchbox").fill(text)
        expect(app.page.get_by_role("main")).to_contain_text(text)


def colors(app: App, wanted: dict[str, Expect]) -> Iterator[str]:
    app.open()
    used = app.page.evaluate(
        """() => {
          const paint = getComputedStyle(document.body).backgroundColor;
          const all = [...document.querySelectorAll("body *")].flatMap(e => {
            const style = getComputedStyle(e);
            return [style.backgroundColor, style.color, style.borderTopColor];
          });
          return {background: [paint], component: all};
        }"""
    )
    for role, color in wanted.items():
        rgb = "rgb({}, {}, {})".format(*(int(color["hex"][i : i + 2], 16) for i in (1, 3, 5)))
        if rgb not in used[role]:
            yield f"{color['name']} {rgb} is not the {role}"


def features(app: App, wanted: list[str]) -> Iterator[str]:
    for name in wanted:
        probe = FEATURES.get(name)
        if probe is None:
            yield f"feature {name}: no probe"
            continue
        try:
            app.open()
            probe(app)
        except AssertionError as error:
            yield f"feature {name}: {' '.join(str(error).split())[:300] or 'does not hold'}"


def main_list(app: App) -> str:
    """The collection that the first page shows."""
    path = app.page.url.removeprefix(app.address.rstrip("/")).strip("/").split("?")[0]
    plurals = list(app.collections)
    links = app.page.get_by_role("main").locator("a[href]").evaluate_all("links => links.map(l => l.pathname)")
    linked = [part for link in links for part in link.strip("/").split("/")[:1] if part in plurals]
    return path if path in plurals else (linked or plurals)[0]


def searches(app: App) -> None:
    plural = main_list(app)
    last = app.rows(plural, size=1, page=app.total(plural))["items"][0]
    title = title_of(last)
    app.page.get_by_role("searchbox").fill(title)
    expect(app.page.get_by_role("status").filter(has_text="result")).to_contain_text(
        re.compile(rf"\b{app.total(plural, q=title)}\b")
    )
    expect(app.page.get_by_role("main")).to_contain_text(title)
    app.page.get_by_role("searchbox").fill("no such words anywhere")
    expect(app.page.get_by_role("main")).to_contain_text("Nothing matches")


def title_of(row: Expect) -> str:
    named = [value for key, value in row.items() if re.search(r"name|title|address", key) and isinstance(value, str)]
    return (named or [value for value in row.values() if isinstance(value, str)])[0]


def filters(app: App) -> None:
    """A control among the filters narrows the list."""
    everything = app.count()
    region = app.page.get_by_role("region", name="Filters")
    options = region.locator("button[aria-pressed], label:has(input[type=radio])")
    menus = region.get_by_role("combobox").and_(region.locator(":not([name=sort])"))
    numbers = region.get_by_role("spinbutton")
    if options.count():
        options.nth(min(1, options.count() - 1)).click()
    elif numbers.count():
        numbers.first.fill(
            str(int(float(numbers.first.get_attribute("max") or numbers.first.get_attribute("placeholder"))))
        )
    else:
        menus.last.select_option(index=1)
    expect(app.page.get_by_role("status").filter(has_text="result")).not_to_have_text(everything)


def sorts(app: App) -> None:
    plural = main_list(app)
    menu = app.page.get_by_role("combobox", name="Sort by")
    if menu.count():
        before = app.shown()
        values = menu.locator("option").evaluate_all("options => options.map(option => option.value)")
        current = menu.input_value()
        menu.select_option(next(value for value in reversed(values) if value != current))
        expect(app.page.get_by_role("main")).not_to_have_text(before)
    else:
        app.page.get_by_role("columnheader").get_by_role("button").first.click()
        expect(app.page).to_have_url(re.compile("sort="))
    assert app.rows(plural, sort="-id")["items"][0]["id"] >= app.rows(plural, sort="id")["items"][0]["id"]


def pages(app: App) -> None:
    plural = main_list(app)
    more = app.page.get_by_role("button", name="Load more")
    if more.count():
        before = app.page.get_by_role("main").locator(f"a[href^='/{plural}/']").count()
        more.click()
        expect(app.page.get_by_role("main").locator(f"a[href^='/{plural}/']")).not_to_have_count(before)
    elif app.total(plural) > len(app.rows(plural)["items"]):
        app.page.get_by_role("button", name="Next").or_(app.page.get_by_role("link", name="Next")).click()
        expect(app.page).to_have_url(re.compile("page=2"))


def first_row(app: App) -> Locator:
    return app.page.get_by_role("main").locator(f"a[href^='/{main_list(app)}/']:not([href$='/new'])").first


def detail(app: App) -> None:
    link = first_row(app)
    name = link.inner_text().strip().splitlines()[0]
    link.click()
    expect(app.page).to_have_url(re.compile(r"/\d+"))
    expect(app.page.get_by_role("heading", level=1)).to_contain_text(name[:30])


def relations(app: App) -> None:
    """A detail page links to a row of another kind, which opens."""
    here = main_list(app)
    first_row(app).click()
    expect(app.page).to_have_url(re.compile(r"/\d+"))
    kinds = [plural for plural in app.collections if plural != here]
    others = ", ".join(f"a[href^='/{plural}/']:not([href$='/new'])" for plural in kinds)
    link = app.page.get_by_role("main").locator(others).first
    expect(link).to_be_visible()
    target = link.get_attribute("href") or ""
    link.click()
    expect(app.page).to_have_url(re.compile(re.escape(target) + "$"))
    expect(app.page.get_by_role("heading", level=1)).to_be_visible()


def chart(app: App) -> None:
    first_row(app).click()
    expect(app.page.get_by_role("figure").first).to_be_visible()


def favorites(app: App) -> None:
    heart = app.page.get_by_role("button", name=re.compile("^Add .* to favourites$")).first
    name = re.sub(r"^Add (.*) to favourites$", r"\1", heart.get_attribute("aria-label") or heart.inner_text())
    heart.click()
    kept = app.page.get_by_role("button", name=f"Remove {name} from favourites", exact=True)
    expect(kept).to_be_visible()
    app.page.reload()
    expect(kept).to_be_visible()
    kept.click()
    expect(app.page.get_by_role("button", name=f"Add {name} to favourites", exact=True)).to_be_visible()


def compare(app: App) -> None:
    for number in range(2):
        app.page.get_by_role("button", name=re.compile("^Add .* to the comparison$")).nth(number and 0).click()
    app.page.get_by_role("main").or_(app.page.get_by_role("region")).get_by_role(
        "link", name=re.compile("^Compare")
    ).last.click()
    expect(app.page).to_have_url(re.compile(r"ids=\d+(,|%2C)\d+"))
    assert app.page.get_by_role("table").first.get_by_role("columnheader").count() >= 3


def create(app: App) -> None:
    plural = main_list(app)
    before = app.total(plural)
    _fill_new(app, "Probe row")
    expect(app.page.get_by_role("main")).to_contain_text("Probe row")
    assert app.total(plural) == before + 1
    app.page.reload()
    expect(app.page.get_by_role("main")).to_contain_text("Probe row")


def _fill_new(app: App, text: str) -> None:
    """Fill what the form requires, and its first text, then save."""
    app.page.get_by_role("link", name=re.compile("^Add ")).first.click()
    form = app.page.locator("form:not([role=search])").last
    form.get_by_role("textbox").first.fill(text)
    for control in form.locator("input[required], select[required], textarea[required]").all():
        _fill(control)
    form.get_by_role("button", name=re.compile("^(Save|Add)")).click()
    expect(app.page).not_to_have_url(re.compile("/new$"))


def _fill(control: Locator) -> None:
    if control.input_value():
        return
    if control.evaluate("e => e.tagName") == "SELECT":
        control.select_option(index=1)
        return
    values = {"number": "1", "date": "2024-05-17", "datetime-local": "2024-05-17T10:30", "time": "10:30",
              "email": "ada@example.org", "url": "https://example.org/", "tel": "+44 20 7946 0000"}  # fmt: skip
    control.fill(values.get(control.get_attribute("type") or "text", "Probe row"))


def edit(app: App) -> None:
    _open_form(app)
    box = app.page.locator("form:not([role=search])").last.get_by_role("textbox").first
    box.fill("Changed by the probe")
    app.page.get_by_role("button", name="Save").click()
    expect(app.page.get_by_role("main")).to_contain_text("Changed by the probe")
    app.page.reload()
    expect(app.page.get_by_role("main")).to_contain_text("Changed by the probe")


def _open_form(app: App) -> None:
    opener = app.page.get_by_role("link", name=re.compile("^Edit")).first
    if not opener.count():
        first_row(app).click()
    opener.click()


def delete(app: App) -> None:
    plural = main_list(app)
    before = app.total(plural)
    opener = app.page.get_by_role("button", name=re.compile("^Delete")).first
    if not opener.count():
        first_row(app).click()
    opener.click()
    app.page.get_by_role("dialog").or_(app.page.get_by_role("alertdialog")).get_by_role(
        "button", name=re.compile("^Delete")
    ).click()
    expect(app.page.get_by_role("dialog")).to_have_count(0)
    app.page.wait_for_load_state("networkidle")
    assert app.total(plural) == before - 1


def label_is_the_word(app: App, _: str) -> Iterator[str]:
    """The words a person gave are what the page shows, whatever the names in the code had to become."""
    for entity in app.wanted["entities"]:
        app.open(f"/{collection_named(app, entity['names'])}")
        words = {entity["names"][0], *(names[0] for names in entity["fields"])}
        if missing := [word for word in words if not re.search(rf"\b{word}", app.shown(), re.IGNORECASE)]:
            yield f"the words {missing} are not to be seen"


def nothing(_: App, __: Any) -> Iterator[str]:
    yield from ()


FEATURES: dict[str, Callable[[App], None]] = {
    "search": searches,
    "filter": filters,
    "sort": sorts,
    "pagination": pages,
    "detail": detail,
    "relations": relations,
    "chart": chart,
    "favorites": favorites,
    "compare": compare,
    "create": create,
    "edit": edit,
    "delete": delete,
}
PROBES: dict[str, Callable[[App, Any], Iterator[str] | None]] = {
    "entities": entities,
    "features": features,
    "optional_features": nothing,  # they cost nothing when missing
    "min_pages": min_pages,
    "min_seed_rows": min_seed_rows,
    "text_all": text_all,
    "colors": colors,
    "must_reject": nothing,  # the app was built, so it was not rejected; refusals are tested where they happen
    "name_match": label_is_the_word,
}
