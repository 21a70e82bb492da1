"""Selling: a cart, an order made of it, stock that falls and is warned of."""

from builder.drafter.lexicon import PALETTE
from builder.drafter.sketch import AppSketch, EntitySketch
from builder.drafter.wishes import wish as w
from builder.drafter.wishes.wish import Wish, at, ensure, field, pointer, put, text, thing
from builder.spec import FeatureName, FieldType

STOCK = frozenset("stock quantity inventory in on hand amount".split()) - {"in", "on", "hand"}
LEAST = frozenset("minimum min reorder threshold".split())


def _product(app: AppSketch) -> EntitySketch:
    priced = [
        e for e in app.entities if any(True for _ in w.of_type(e, {FieldType.MONEY})) and w.last(e.key) != "order"
    ]
    return next((e for e in priced if w.last(e.key) in {"product", "item", "dish", "book", "article"}), None) or next(
        iter(priced), w.main(app)
    )


def cart(wish: Wish) -> bool:
    product = _product(wish.app)
    price = next(w.of_type(product, {FieldType.MONEY}), None) or ensure(product, field("Price", FieldType.MONEY, min=0))
    stock = w.called(product, STOCK, {FieldType.INTEGER})
    return put(
        wish.app, FeatureName.CART, product, price=at(product, price), stock=at(product, stock) if stock else None
    )


def checkout(wish: Wish) -> bool:
    """The cart becomes an order, with a line for each product."""
    app = wish.app
    if _is_lent(wish):
        return False
    cart(wish)
    product = _product(app)
    order = w.entity(app, {"order", "purchase"}) or w.made(app, "Order", [], icon="receipt")
    ensure(order, text("Customer", required=True), 0)
    if not any(True for _ in w.of_type(order, {FieldType.EMAIL})):
        ensure(order, field("Email", FieldType.EMAIL))
    states = {"New": "blue", "Paid": "green", "Shipped": "teal", "Cancelled": "red"}
    ensure(
        order, field("Status", FieldType.CHOICE, choices=[(label, PALETTE[color]) for label, color in states.items()])
    )
    ensure(order, field("Ordered at", FieldType.DATETIME, key="created at", name="ordered_at"))
    line = next((e for e in app.entities if e is not order and w.relation(e, order) and w.relation(e, product)), None)
    if line is None:
        line = w.made(app, "Order item", [pointer(order, required=True), pointer(product, required=True)], aside=True)
    ensure(line, field("Quantity", FieldType.INTEGER, min=1, required=True))
    ensure(line, field("Price", FieldType.MONEY, min=0))
    stock = w.called(product, STOCK, {FieldType.INTEGER})
    return put(app, FeatureName.CHECKOUT, product, order=thing(order), item=thing(line),
               stock=at(product, stock) if stock else None)  # fmt: skip


def _is_lent(wish: Wish) -> bool:
    """ "equipment checkout": what has no price and no cart is handed out, and not sold."""
    said, around = (
        {word.norm for word in wish.mention.words},
        {"cart", "basket", "pay", "payment", "shop", "buy", "sell"},
    )
    priced = any(True for e in wish.app.entities for _ in w.of_type(e, {FieldType.MONEY}))
    return bool(said & {"checkout", "check"}) and not priced and not around & wish.prompt.lemmas


def low_stock_alert(wish: Wish) -> bool:
    app = wish.app
    entity = next((e for e in app.entities if w.called(e, STOCK, {FieldType.INTEGER})), w.main(app))
    stock = w.called(entity, STOCK, {FieldType.INTEGER}) or ensure(entity, field("Quantity", FieldType.INTEGER, min=0))
    least = next((f for f in entity.fields if set(f.key.split()) & LEAST and f.type.is_number and f is not stock), None)
    below = next((int(x.norm) for x in wish.mention.rest if x.norm.isdecimal() and len(x.norm) < 6), None)
    if least is None and below is None:
        least = ensure(entity, field("Minimum stock", FieldType.INTEGER, min=0))
    minimum = below if least is None else at(entity, least)
    return put(app, FeatureName.LOW_STOCK_ALERT, entity, quantity=at(entity, stock), minimum=minimum)
