"""The ways of looking at an entity's rows that have a page of their own, and how one gets from one to another."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from builder.stack.contact import contact_fields
from builder.stack.efforts import quiz
from builder.stack.figures import report_of
from builder.stack.looks import LISTS, entity_path
from builder.stack.ranks import leaderboard
from builder.stack.schedule import calendar
from builder.stack.stages import board
from builder.stack.views import EntityView

VIEWS: dict[str, tuple[str, Callable[[EntityView], Any]]] = {  # the component of the page, and who has one
    "board": ("BoardPage", board),
    "calendar": ("CalendarPage", calendar),
    "quiz": ("QuizPage", quiz),
    "leaderboard": ("LeaderboardPage", leaderboard),
    "report": ("ReportPage", report_of),
    "contact": ("ContactPage", contact_fields),
}
SWITCHED = ("board", "calendar")  # those that show rows, as the list does


@dataclass(frozen=True)
class ViewPage:
    """A way of looking at an entity's rows that has a page of its own."""

    view: str
    component: str
    path: str
    in_navigation: bool


def view_pages(entity: EntityView, routes: list[Any]) -> list[ViewPage]:
    """The pages that features bring beside the list; one that no entry of the navigation leads to has the list's path
    with its own name behind it.
    """
    pages = []
    for view, (component, wanted) in VIEWS.items():
        if wanted(entity):
            own = [r.path for r in routes if r.view == view and r.page.entity and r.page.entity.name == entity.name]
            path = own[0] if own else f"/{entity.plural}/{view}"
            pages.append(ViewPage(view, component, path, bool(own)))
    return pages


def view_switch(entity: EntityView, routes: list[Any]) -> list[tuple[str, str]]:
    """The views of the entity's rows and their paths, where the navigation alone doesn't lead to all of them."""
    pages = [page for page in view_pages(entity, routes) if page.view in SWITCHED]
    lists = [r for r in routes if r.view in LISTS and r.page.entity and r.page.entity.name == entity.name]
    if not pages or (lists and all(page.in_navigation for page in pages)):
        return []
    return [("list", entity_path(entity.app, entity)), *((page.view, page.path) for page in pages)]


def switched_views(entities: list[EntityView], routes: list[Any]) -> list[str]:
    return list(dict.fromkeys(view for e in entities for view, _ in view_switch(e, routes)))


def with_pages(entities: list[EntityView]) -> bool:
    """Whether any entity shows its rows on a page beside its list."""
    return any(with_views(entities, view) for view in SWITCHED)


def with_views(entities: list[EntityView], view: str) -> list[EntityView]:
    """The entities that have such a page."""
    return [e for e in entities if VIEWS[view][1](e)]


def with_code(entities: list[EntityView]) -> bool:
    return any(f.is_code for e in entities if e.has("detail") for f in e.fields)


def own_path(name: str, entities: list[EntityView]) -> str:
    """Where the app itself takes and tells something, such as files: rows of the same name have the usual path."""
    return f"/api/app-{name}" if name in {e.plural for e in entities} else f"/api/{name}"


def header_rem(name: str, routes: list[Any], style: str, *, accounts: bool) -> int:
    """About how wide a header is that has everything in one row, in rem: rather more than less."""
    large = style == "editorial"
    brand = min(24.0, _rem(name) * (2 if large else 1.25) + 3)
    link = 1.25 if large else 3.4  # beside the text: edges, and an icon
    return round(brand + sum(_rem(route.page.label) + link for route in routes) + (22 if accounts else 11))


def _rem(text: str) -> float:
    """Latin letters are about half as wide as they are high, Cyrillic ones wider, Chinese ones as wide."""
    return sum(1 if unicodedata.east_asian_width(c) in "WF" else 0.52 if c < "\u0370" else 0.57 for c in text)


GLOBALS: dict[str, Any] = {
    f.__name__: f
    for f in (with_code, own_path, view_pages, view_switch, switched_views, with_pages, with_views, header_rem)
}
