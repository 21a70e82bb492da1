"""What a dashboard shows of an app: the figures, charts and rows that say most, chosen from its fields.

Options name figures; the rest is chosen by type and name. Nothing here computes: the app asks its own API.
"""

import re
from dataclasses import dataclass
from typing import Any

from builder.stack.locales import words
from builder.stack.shop import find_low_stock, find_shop
from builder.stack.views import EntityView, FieldView, SpecView, Words
from builder.stack.wording import noun

MOST_TILES, MOST_CHARTS, MOST_LISTS, MOST_SUMS, FEW = 6, 3, 2, 5, 6
DUE = re.compile(r"(^|_)(due|deadline|expires?|expiry|renewal|renews?|until|follow_up|next|target_date|return_by)(_|$)")
HAPPENED = re.compile(r"(^|_)(date|day|on|at|placed|created|added|paid|bought|sold|ordered|when|started|logged)(_|$)")
LIFE = re.compile(r"(^|_)(born|birthday|birth|founded|built|published|released)(_|$)")
STATUS = re.compile(r"(^|_)(status|stage|state|phase|priority)$")
CLOSED = re.compile(r"(^|_)(done|closed|completed?|paid|cancell?ed|resolved|won|lost|delivered|returned|archived)$")
NOT_ADDED = re.compile(r"(^|_)(year|code|zip|number|no|nr|price|rate|rank|position|age|minimum|min|max|limit)(_|$)")


@dataclass(frozen=True)
class Figures:
    """`tiles`, `charts` and `lists` as the front end takes them, entities by their plural."""

    tiles: list[dict[str, Any]]
    charts: list[dict[str, Any]]
    lists: list[dict[str, Any]]


def find_figures(app: SpecView) -> Figures:
    ranked = sorted(app.entities, key=lambda e: -_weight(e))
    asked = [t for t in app.features.options("dashboard").get("tiles", []) if isinstance(t, dict)]
    tiles = [tile for t in asked if (tile := _asked_tile(app, t))]
    if not tiles:
        tiles = [t for e in ranked for t in _leading_tiles(e)] + [_count_tile(e) for e in ranked if _is_paged(e)]
    charts = _spread([*_best_sellers(app), *(chart for e in ranked for chart in _charts(e))])
    told = sorted((e for e in ranked if _is_told(e)), key=lambda e: happened_field(e) is None)
    lists = [found for e in ranked if (found := _due_list(e))] + [_recent_list(e) for e in told]
    return Figures(tiles[:MOST_TILES], charts, lists[:MOST_LISTS])


def sum_field(entity: EntityView) -> FieldView | None:
    """The amount that adds up: money first; prices and numbers that name things don't."""
    numbers = [f for f in entity.fields if f.type in ("money", "decimal", "integer", "computed")]
    added = [f for f in numbers if not NOT_ADDED.search(f.name) and not f.choices]
    return next((f for f in added if f.type == "money"), next(iter(added), None))


def happened_field(entity: EntityView) -> FieldView | None:
    """The day on which a row came to be, so that rows can be counted by month."""
    days = [f for f in entity.fields if f.type in ("date", "datetime") and not DUE.search(f.name)]
    days = [f for f in days if not LIFE.search(f.name)]
    return next((f for f in days if HAPPENED.search(f.name)), next(iter(days), None))


def measured(app: SpecView, entity: EntityView, measure: str) -> Words:
    """A measure in words: "Total amount", "Number of orders"."""
    kind, _, name = measure.partition(":")
    label = entity.field(name).label if name else entity.label_plural
    if kind == "sum" and re.match(r"(total|sum)\b", label, re.IGNORECASE):
        own = words(app.locale)["chart_own"]
        return Words(own.format(entity=entity.label, field=noun(label, app.locale)))
    return Words(words(app.locale)[f"chart_{kind}"].format(label=noun(label, app.locale)))


def is_measure(entity: EntityView, measure: object) -> bool:
    kind, _, name = str(measure).partition(":")
    return measure == "count" or (kind in ("sum", "avg") and any(f.name == name and f.is_number for f in entity.fields))


def is_grouping(entity: EntityView, by: object) -> bool:
    kind, _, name = str(by).rpartition(":")
    found = next((f for f in entity.fields if f.name == name), None)
    return found is not None and (not kind or (kind == "month" and found.type in ("date", "datetime")))


def _weight(entity: EntityView) -> int:
    """How much there is to say about it: what happens on days and costs money comes before lists of names."""
    dated, summed = happened_field(entity) is not None, sum_field(entity) is not None
    return 4 * dated + 3 * (summed and dated) + 2 * summed + 3 * _is_paged(entity) + (_due_field(entity) is not None)


def _asked_tile(app: SpecView, told: dict[str, Any]) -> dict[str, Any] | None:
    entity = next((e for e in app.entities if e.name == told.get("entity")), None)
    measure = told.get("measure") or "count"
    if entity is None or not is_measure(entity, measure):
        return None
    tile = _tile(entity, str(measure), Words(told["label"]) if told.get("label") else None)
    return tile | ({"by": told["by"]} if is_grouping(entity, told.get("by")) else _changes(entity))


def _leading_tiles(entity: EntityView) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    summed, day, due = sum_field(entity), happened_field(entity), _due_field(entity)
    if summed and day:
        found.append(_tile(entity, f"sum:{summed.name}") | _changes(entity))
    if due:
        found.append(_tile(entity, "count") | {"due": due.name, "open": _open(entity), "label": _said(entity, "due")})
    if entity.has("low_stock_alert") and find_low_stock(entity):
        found.append(_tile(entity, "count") | {"low": True, "label": _said(entity, "low")})
    return found


def _count_tile(entity: EntityView) -> dict[str, Any]:
    return _tile(entity, "count") | _changes(entity) | {"label": entity.label_plural}


def _tile(entity: EntityView, measure: str, label: Words | None = None) -> dict[str, Any]:
    return {
        "entity": entity.plural,
        "measure": measure,
        "label": label or measured(entity.app, entity, measure),
    }


def _changes(entity: EntityView) -> dict[str, Any]:
    day = happened_field(entity)
    return {"date": day.name} if day else {}


def _charts(entity: EntityView) -> list[dict[str, Any]]:
    """As the chart above its list; then by month, by the groups that a row belongs to, by what it points at."""
    app, summed, day, asked = entity.app, sum_field(entity), happened_field(entity), _asked_chart(entity)
    adds = summed if summed and (summed.type == "money" or day) else None
    measure = asked["measure"] if asked else f"sum:{adds.name}" if adds else "count"
    found = [asked] if asked else []
    found += [_chart(app, entity, f"month:{day.name}", measure, "columns")] if day else []
    choices = sorted((f for f in entity.choice_fields if len(f.choices) > 1), key=lambda f: not STATUS.search(f.name))
    for field in choices[:1]:
        counted = "count" if STATUS.search(field.name) else measure
        found.append(_chart(app, entity, field.name, counted, _shape(field, counted)))
    ones = [f for f in entity.relations if not f.many and f.spec.target != entity.name]
    told = [f for f in ones if f.target and not happened_field(f.target)] or ones
    quantity = sum_field(entity)
    if told:
        most = asked["measure"] if asked else f"sum:{quantity.name}" if quantity else "count"
        found.append(_chart(app, entity, told[0].name, most, "bars"))
    return [chart for n, chart in enumerate(found) if chart["by"] not in {c["by"] for c in found[:n]}]


def _asked_chart(entity: EntityView) -> dict[str, Any] | None:
    """The one above its list, where the options say both what it is by and what it measures."""
    asked = entity.options("chart") if entity.has("chart") else {}
    by, measure = str(asked.get("by")), str(asked.get("measure"))
    if not (is_grouping(entity, by) and is_measure(entity, measure)):
        return None
    shape = "columns" if by.startswith("month:") else _shape(entity.field(by), measure)
    return _chart(entity.app, entity, by, measure, shape)


def _shape(field: FieldView, measure: str) -> str:
    """A ring is made of parts of a whole, which averages are not, nor what may be less than nothing."""
    added = next((f for f in field.entity.fields if measure == f"sum:{f.name}"), None)
    may_fall = added is not None and "-" in (added.spec.formula or "")
    return "ring" if 0 < len(field.choices) <= FEW and not measure.startswith("avg:") and not may_fall else "bars"


def _chart(app: SpecView, entity: EntityView, by: str, measure: str, shape: str) -> dict[str, Any]:
    said = measured(app, entity, measure)
    pattern = words(app.locale)["chart_by_month" if by.startswith("month:") else "chart_by"]
    title = pattern.format(measure=said, by=noun(entity.field(by.split(":")[-1]).label, app.locale))
    return {
        "entity": entity.plural,
        "by": by,
        "measure": measure,
        "measured": said,
        "title": Words(title),
        "shape": shape,
    }


def _best_sellers(app: SpecView) -> list[dict[str, Any]]:
    shop = find_shop(app)
    if shop is None or shop.checkout is None:
        return []
    sold = shop.checkout
    return [_chart(app, sold.item, sold.to_product.name, f"sum:{sold.quantity.name}", "bars")]


def _spread(charts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """No shape twice while there are others."""
    first = [chart for n, chart in enumerate(charts) if chart["shape"] not in {c["shape"] for c in charts[:n]}]
    chosen = (first + [chart for chart in charts if chart not in first])[:MOST_CHARTS]
    return sorted(chosen, key=lambda chart: ("columns", "ring", "bars").index(chart["shape"]))


def _due_list(entity: EntityView) -> dict[str, Any] | None:
    due = _due_field(entity)
    if due is None:
        return None
    query = {**_open(entity), "sort": due.name}
    return {"entity": entity.plural, "title": _said(entity, "due"), "date": due.name, "query": query}


def _recent_list(entity: EntityView) -> dict[str, Any]:
    day = happened_field(entity)
    name = day.name if day else None
    query = {"sort": f"-{name or 'id'}"}
    return {
        "entity": entity.plural,
        "title": _said(entity, "latest"),
        "date": name,
        "query": query,
    }


def _due_field(entity: EntityView) -> FieldView | None:
    return next((f for f in entity.fields if f.type in ("date", "datetime") and DUE.search(f.name)), None)


def _open(entity: EntityView) -> dict[str, Any]:
    """The query that leaves out what is done."""
    done = next((f for f in entity.fields if f.type == "boolean" and CLOSED.search(f.name)), None)
    if done:
        return {done.name: ["false"]}
    for field in entity.choice_fields:
        values = [c.value for c in field.choices if not CLOSED.search(c.value)]
        if STATUS.search(field.name) and 0 < len(values) < len(field.choices):
            return {field.name: values}
    return {}


def _said(entity: EntityView, key: str) -> Words:
    pattern = words(entity.app.locale)[f"dashboard_{key}"]
    label = entity.label_plural if pattern.startswith("{label}") else noun(entity.label_plural, entity.app.locale)
    return Words(pattern.format(label=label))


def _is_told(entity: EntityView) -> bool:
    """Whether its rows have names of their own: a row that only joins two others is no news."""
    return not entity.title.is_relation and _is_paged(entity)


def _is_paged(entity: EntityView) -> bool:
    return any(p.entity and p.entity.name == entity.name for p in entity.app.pages)


def list_chart(entity: EntityView) -> dict[str, Any]:
    """The chart above a list: by the first thing that makes groups, where the options don't say."""
    return _asked_figures(entity, entity.options("chart"))


def list_stats(entity: EntityView) -> dict[str, Any]:
    """The totals above a list."""
    return _asked_figures(entity, entity.options("stats"))


def _asked_figures(entity: EntityView, asked: dict[str, Any]) -> dict[str, Any]:
    groups = [f.name for f in entity.fields if f.type in ("choice", "boolean", "relation")]
    moments = [f"month:{f.name}" for f in entity.fields if f.type in ("date", "datetime")]
    by = asked.get("by") if is_grouping(entity, asked.get("by")) else next(iter(groups + moments), entity.title.name)
    measure = asked["measure"] if is_measure(entity, asked.get("measure")) else "count"
    found = _chart(entity.app, entity, str(by), str(measure), "")
    return {name: found[name] for name in ("by", "measure", "measured", "title")}


def chart_scopes(app: SpecView) -> set[str]:
    return {str(e.options("chart").get("scope", "list")) for e in app.entities if e.has("chart")}


def has_charts(app: SpecView) -> bool:
    """Whether any page draws what many rows add up to; a chart of one row's numbers is another thing."""
    return app.features.has("dashboard") or "list" in chart_scopes(app)


def report_of(entity: EntityView) -> dict[str, Any] | None:
    """What a report goes by and adds up, and the day that its period is of; the first of each is what it opens with."""
    if not entity.has("report"):
        return None
    options = entity.options("report")
    asked = options.get("by") if isinstance(options.get("by"), list) else [options.get("by")]
    wished = [str(by) for by in asked or () if is_grouping(entity, by)]
    day = next((f for f in entity.fields if f.name == options.get("date") and f.is_moment), happened_field(entity))
    groups = list(dict.fromkeys([*wished, *_groupings(entity, day)])) or [entity.title.name]
    named = any(f.name == "report" and f.entity == entity.name for f in entity.app.spec.features)
    if not (named or day or entity.name == entity.app.entities[0].name):
        return None
    app, measure = entity.app, options.get("measure")
    measures = [str(measure)] if is_measure(entity, measure) else []
    sums = [f"sum:{f.name}" for f in entity.fields if f.is_number and not f.choices and not NOT_ADDED.search(f.name)]
    measures = list(dict.fromkeys([*measures, *sums[:MOST_SUMS], "count"]))
    by = [{"by": by, "label": _grouping_label(entity, by)} for by in groups]
    return {
        "by": by,
        "date": day.name if day else None,
        "measures": [{"measure": m, "label": measured(app, entity, m)} for m in measures],
    }


def _groupings(entity: EntityView, day: FieldView | None) -> list[str]:
    """People and things it belongs to first, then months, then kinds."""
    ones = [f.name for f in entity.relations if not f.many]
    kinds = [f.name for f in entity.fields if f.type in ("choice", "boolean")]
    return [*ones, *([f"month:{day.name}"] if day and day.type != "time" else []), *kinds]


def _grouping_label(entity: EntityView, by: str) -> Words:
    kind, _, name = by.rpartition(":")
    label = entity.field(name).label
    return Words(words(entity.app.locale)["report_month"].format(field=label)) if kind else label


GLOBALS: dict[str, Any] = {"figures": find_figures} | {
    f.__name__: f for f in (has_charts, chart_scopes, list_chart, list_stats, report_of)
}
