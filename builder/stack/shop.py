"""What a shop sells and what becomes of a cart: which fields are the price, the stock, the order and its items.

Options name them; what they leave open is found by type and name. An app has one cart, for one kind of thing.
"""

import re
from dataclasses import dataclass, field
from functools import cached_property

from builder.spec import RuleKind
from builder.stack.templates import as_python
from builder.stack.views import EntityView, FieldView, SpecView

STOCK = re.compile(r"(^|_)(stock|inventory|on_hand|quantity|copies|available)(_|$)")
PRICE = re.compile(r"(^|_)(price|cost|amount|fee|rate)(_|$)")
TOTAL = re.compile(r"(^|_)(total|sum|amount|value)(_|$)")
PLACED = re.compile(r"(^|_)(placed|ordered|created|order_date|date|at|on|when)(_|$)")
STATE = re.compile(r"(^|_)(status|state|stage)(_|$)")
NUMBER = re.compile(r"(^|_)(number|no|nr|reference|code|ref)(_|$)")
DONE = re.compile(r"(^|_)(paid|shipped|sent|delivered|done|completed|fulfilled|confirmed|packed|ready|cancelled)(_|$)")
LEAST = re.compile(r"(^|_)(min|minimum|threshold|reorder|safety|low)(_|$)")
COUNTED = {"integer", "decimal"}
BY_RULE = "by a rule"
NOW = "dt.datetime.now(dt.UTC).replace(tzinfo=None, microsecond=0)"
NUMBERS = {"money", "decimal", "integer", "computed"}


@dataclass(frozen=True)
class Checkout:
    """`asked` are the order's fields that the buyer fills in; `filled` and `item_filled` those that the server does."""

    order: EntityView
    item: EntityView
    to_order: FieldView
    to_product: FieldView
    quantity: FieldView
    price: FieldView | None
    line_total: FieldView | None
    total: FieldView | None
    asked: list[FieldView] = field(default_factory=list)
    filled: list[tuple[FieldView, str]] = field(default_factory=list)
    item_filled: list[tuple[FieldView, str]] = field(default_factory=list)

    @property
    def lines(self) -> str:
        """What the request calls the cart, beside the fields that are asked."""
        return "lines" if "lines" not in {f.name for f in self.asked} else "cart_lines"


@dataclass(frozen=True)
class Shop:
    product: EntityView
    price: FieldView
    stock: FieldView | None
    checkout: Checkout | None


def find_shop(app: SpecView) -> Shop | None:
    """None where nothing in the app has a price: then there is nothing to sell."""
    if not (app.features.has("cart") or app.features.has("checkout")):
        return None
    for product in _products(app):
        price = _named(product, _option(app, product, "price"), NUMBERS) or _likeliest(product, NUMBERS, PRICE)
        if price is not None:
            stock = _named(product, _option(app, product, "stock"), {"integer"}) or _first(product, {"integer"}, STOCK)
            return Shop(product, price, stock, _Till(app, product).checkout)
    return None


def _products(app: SpecView) -> list[EntityView]:
    """What the cart names, else what order items point at, else whatever has a price."""
    named = [f.entity for name in ("cart", "checkout") for f in app.spec.features if f.name == name and f.entity]
    told = [name for name in named if name not in _order_names(app)]
    items = [e for e in app.entities if e.name in _order_names(app)]
    targets = [f.spec.target for e in items for f in e.relations if f.spec.target not in _order_names(app)]
    priced = [e.name for e in app.entities if e.name not in _order_names(app)]
    return [app.entity(str(name)) for name in dict.fromkeys([*told, *targets, *priced])]


def _order_names(app: SpecView) -> set[str]:
    found = {str(app.features.options("checkout", e.name).get(k)) for e in app.entities for k in ("order", "item")}
    return found & {e.name for e in app.entities}


def _option(app: SpecView, product: EntityView, name: str) -> object:
    options = [app.features.options(feature, product.name) for feature in ("cart", "checkout")]
    options += [dict(f.options) for f in app.spec.features if f.name in ("cart", "checkout")]
    return next((o[name] for o in options if o.get(name)), None)


@dataclass(frozen=True)
class _Till:
    """Finds the order and its items, and what in them the server writes itself."""

    app: SpecView
    product: EntityView

    @property
    def checkout(self) -> Checkout | None:
        if not self.app.features.has("checkout"):
            return None
        return next((found for item in self._items if (found := self._with(item)) is not None), None)

    @cached_property
    def _items(self) -> list[EntityView]:
        named = _option(self.app, self.product, "item")
        others = [e for e in self.app.entities if e.name != self.product.name]
        return [e for e in others if e.name == named] or others

    def _with(self, item: EntityView) -> Checkout | None:
        wanted = _option(self.app, self.product, "order")
        single = [f for f in item.relations if not f.many]
        to_product = next((f for f in single if f.spec.target == self.product.name), None)
        others = [f for f in single if f.spec.target not in (self.product.name, item.name)]
        to_order = next((f for f in others if f.spec.target == wanted), None if wanted else next(iter(others), None))
        quantity = _first(item, {"integer"}, re.compile("quantity|count|amount|number|pieces")) or _likeliest(
            item, {"integer"}
        )
        if to_product is None or to_order is None or quantity is None or to_order.target is None:
            return None
        return self._filled(to_order.target, item, to_order, to_product, quantity)

    def _filled(
        self, order: EntityView, item: EntityView, to_order: FieldView, to_product: FieldView, quantity: FieldView
    ) -> Checkout:
        amounts = [f for f in item.stored_fields if f.type in ("money", "decimal") and f.name != quantity.name]
        line_total = next((f for f in amounts if TOTAL.search(f.name) and not PRICE.fullmatch(f.name)), None)
        price = next((f for f in amounts if f is not line_total), None)
        sums = [f for f in order.stored_fields if f.type in ("money", "decimal")]
        total = next((f for f in sums if TOTAL.search(f.name)), next(iter(sums), None))
        known = [(f, value) for f in order.stored_fields if f is not total and (value := self._by_server(f))]
        theirs = {f.name for f, _ in known} | ({total.name} if total else set())
        ours = {f.name for f in (to_order, to_product, quantity, price, line_total) if f}
        rest = [f for f in item.stored_fields if f.name not in ours and f.required]
        return Checkout(
            order=order,
            item=item,
            to_order=to_order,
            to_product=to_product,
            quantity=quantity,
            price=price,
            line_total=line_total,
            total=total,
            asked=[f for f in order.stored_fields if f.name not in theirs and not f.many],
            filled=[(f, value) for f, value in known if value != BY_RULE],
            item_filled=[(f, value) for f in rest if (value := _default(f))],
        )

    def _by_server(self, field: FieldView) -> str | None:
        """An expression for a field of the order that no buyer should fill in."""
        if field.is_filled:
            return BY_RULE
        people = self.app.people
        if field.is_relation and not field.many and people and field.spec.target == people.entity:
            return "person.id if (person := visitor.account()) else None"
        rules = [r for r in self.app.spec.rules if r.entity == field.entity.name and field.name in r.fields]
        if any(r.kind in (RuleKind.COMPUTED, RuleKind.OWNER_ONLY) for r in rules):
            return BY_RULE
        if field.type == "choice" and STATE.search(field.name):
            return as_python(self._first_state(field))
        if field.type in ("date", "datetime") and PLACED.search(field.name) and not _is_wished(field):
            return "dt.date.today()" if field.type == "date" else NOW
        if field.type == "string" and NUMBER.search(field.name) and not field.choices:
            return "secrets.token_hex(4).upper()"
        if field.type == "integer" and NUMBER.search(field.name):
            return f"next_number(session, entities.{field.entity.name}.{field.entity.class_name}.{field.name})"
        return "False" if field.type == "boolean" and DONE.search(field.name) else None

    def _first_state(self, field: FieldView) -> str:
        """The one that a rule lets new rows have, else the first."""
        return field.steps.starts[0] if field.steps else field.choices[0].value


def _is_wished(field: FieldView) -> bool:
    """A day in the future that the buyer chooses: when to deliver, collect or start."""
    return bool(re.search(r"deliver|ship|pick|collect|due|start|needed|wish|event", field.name))


def _default(field: FieldView) -> str | None:
    """What a required field of an item holds that a cart knows nothing of."""
    if field.type in ("string", "text"):
        return "database.label(product)"
    if field.type == "choice":
        return as_python(field.choices[0].value)
    if field.is_number:
        return as_python(field.min or 0)
    return {"date": "dt.date.today()", "datetime": NOW, "boolean": "False"}.get(field.type)


def _named(entity: EntityView, name: object, types: set[str]) -> FieldView | None:
    return next((f for f in entity.fields if f.name == name and f.type in types), None)


def _first(entity: EntityView, types: set[str], pattern: re.Pattern[str]) -> FieldView | None:
    return next((f for f in entity.fields if f.type in types and pattern.search(f.name)), None)


def _likeliest(entity: EntityView, types: set[str], pattern: re.Pattern[str] | None = None) -> FieldView | None:
    """Money above other numbers, for a price; the only number, for a quantity."""
    money = [f for f in entity.fields if f.type == "money" and f.type in types]
    named = [f for f in entity.fields if f.type in types and pattern and pattern.search(f.name)]
    plain = [f for f in entity.fields if f.type in types] if pattern is None else []
    return next(iter([*money, *named, *plain]), None)


@dataclass(frozen=True)
class LowStock:
    """What is counted, and the field or number that it should stay above."""

    quantity: FieldView
    minimum: FieldView | float


def find_low_stock(entity: EntityView) -> LowStock | None:
    """None where nothing is counted."""
    options = entity.options("low_stock_alert")
    quantity = _named(entity, options.get("quantity"), COUNTED) or _first(entity, COUNTED, STOCK)
    if quantity is None:
        return None
    told = options.get("minimum")
    if isinstance(told, int | float) and not isinstance(told, bool):
        return LowStock(quantity, told)
    others = [f for f in entity.fields if f.type in COUNTED and f.name != quantity.name]
    named = next((f for f in others if f.name == told), None) or next((f for f in others if LEAST.search(f.name)), None)
    return LowStock(quantity, named or 5)
