"""AppSpecs that tests render: an ordinary app, a small one, names that are words of SQL, and hostile words."""

from typing import Any

from builder.spec import AppSpec

LIBRARY: dict[str, Any] = {
    "name": "Town library",
    "tagline": "Every book, who wrote it and where it stands",
    "theme": {"background": "#f5f0e6", "component": "#7a1f2b", "style": "editorial"},
    "entities": [
        {
            "name": "author",
            "plural": "authors",
            "label": "Author",
            "label_plural": "Authors",
            "fields": [
                {"name": "name", "type": "string", "label": "Name", "required": True, "unique": True},
                {"name": "born", "type": "date", "label": "Born"},
                {"name": "website", "type": "url", "label": "Website"},
                {"name": "email", "type": "email", "label": "Email"},
            ],
            "seed": [
                {"name": "Ursula Vernon", "born": "1977-04-28", "website": "https://example.org/vernon"},
                {"name": "Émile Åström", "email": "emile@example.org"},
            ],
        },
        {
            "name": "genre",
            "plural": "genres",
            "label": "Genre",
            "label_plural": "Genres",
            "fields": [
                {"name": "name", "type": "string", "label": "Name", "required": True, "unique": True},
                {"name": "color", "type": "color", "label": "Colour"},
            ],
            "seed": [
                {"name": "Fantasy", "color": "#7744aa"},
                {"name": "Horror", "color": "#222222"},
                {"name": "Essay"},
            ],
        },
        {
            "name": "book",
            "plural": "books",
            "label": "Book",
            "label_plural": "Books",
            "icon": "book",
            "fields": [
                {"name": "title", "type": "string", "label": "Title", "required": True, "max": 200},
                {"name": "author", "type": "relation", "label": "Author", "target": "author", "required": True},
                {"name": "genres", "type": "relation", "label": "Genres", "target": "genre", "many": True},
                {"name": "sequel_of", "type": "relation", "label": "Sequel of", "target": "book"},
                {
                    "name": "status",
                    "type": "choice",
                    "label": "Status",
                    "required": True,
                    "choices": [
                        {"value": "available", "label": "Available", "color": "#2e7d32"},
                        {"value": "lent", "label": "Lent out", "color": "#c62828"},
                    ],
                },
                {"name": "pages", "type": "integer", "label": "Pages", "min": 1, "max": 5000},
                {"name": "weight", "type": "decimal", "label": "Weight", "unit": "kg", "min": 0},
                {"name": "price", "type": "money", "label": "Price", "unit": "€", "min": 0},
                {"name": "copies", "type": "integer", "label": "Copies", "min": 0},
                {"name": "value", "type": "computed", "label": "Value", "formula": "price * copies", "unit": "€"},
                {"name": "price_per_page", "type": "computed", "label": "Price per page", "formula": "price / pages"},
                {"name": "published", "type": "date", "label": "Published"},
                {"name": "added", "type": "datetime", "label": "Added"},
                {"name": "opens", "type": "time", "label": "Reading hour"},
                {"name": "rare", "type": "boolean", "label": "Rare"},
                {"name": "score", "type": "rating", "label": "Score"},
                {"name": "cover", "type": "image", "label": "Cover"},
                {"name": "summary", "type": "text", "label": "Summary"},
            ],
            "seed": [
                {
                    "title": "The Hollow Places",
                    "author": "Ursula Vernon",
                    "genres": ["Horror", 1],
                    "status": "available",
                    "pages": 352,
                    "weight": 0.41,
                    "price": 14.9,
                    "copies": 3,
                    "published": "2020-10-06",
                    "added": "2024-01-05T10:00:00",
                    "opens": "17:30",
                    "rare": False,
                    "score": 4,
                    "summary": "A door in a museum wall.",
                },
                {
                    "title": "Über Bäume",
                    "author": 2,
                    "genres": ["Essay"],
                    "sequel_of": 1,
                    "status": "lent",
                    "pages": 120,
                    "price": 9,
                    "copies": 1,
                    "rare": True,
                },
                {"title": "Swordheart", "author": 1, "genres": [1], "status": "available", "copies": 0, "score": 5},
            ],
        },
    ],
    "features": [
        {"name": "search"},
        {"name": "filter"},
        {
            "name": "sort",
            "entity": "book",
            "options": {"fields": ["title", "price", "value", "author"], "default": "title"},
        },
        {"name": "sort"},
        {"name": "pagination", "options": {"size": 24, "style": "load_more"}},
        {"name": "detail", "options": {"previous_next": True}},
        {"name": "create"},
        {"name": "edit"},
        {"name": "delete"},
        {"name": "validation"},
        {"name": "relations"},
        {"name": "favorites", "entity": "book"},
        {"name": "compare", "entity": "book", "options": {"max": 2}},
        {"name": "chart", "entity": "book", "options": {"scope": "list", "by": "status", "measure": "count"}},
        {"name": "stats", "entity": "book"},
        {"name": "export", "entity": "book", "options": {"formats": ["csv", "json"]}},
    ],
    "rules": [{"kind": "refuse_delete", "entity": "author"}],
    "pages": [
        {"name": "books", "label": "Books", "entity": "book", "view": "cards"},
        {"name": "authors", "label": "Authors", "entity": "author", "view": "table"},
        {"name": "genres", "label": "Genres", "entity": "genre"},
        {"name": "compare", "label": "Compare", "entity": "book", "view": "compare"},
        {"name": "favorites", "label": "Favourites", "entity": "book", "view": "favorites"},
    ],
}

TODO: dict[str, Any] = {
    "name": "Things to do",
    "theme": {"background": "#e6e6fa", "component": "#4b0082"},
    "entities": [
        {
            "name": "task",
            "plural": "tasks",
            "label": "Task",
            "label_plural": "Tasks",
            "fields": [
                {"name": "title", "type": "string", "label": "Title", "required": True},
                {"name": "description", "type": "text", "label": "Description"},
                {"name": "due", "type": "date", "label": "Due"},
                {
                    "name": "done",
                    "type": "boolean",
                    "label": "Done",
                    "choices": [{"value": "true", "label": "Done"}, {"value": "false", "label": "Open"}],
                },
            ],
            "seed": [{"title": "Water the plants", "done": False}, {"title": "Pay the rent", "done": True}],
        }
    ],
    "features": [{"name": n} for n in ("search", "filter", "create", "edit", "delete", "validation")],
}

_WORDS_OF_SQL = {
    "table": ["name", "column", "row", "order", "group", "select", "index"],
    "index": ["key", "value", "order", "list", "str", "int", "type", "date"],
    "column": ["default", "primary", "check", "float", "bool", "set", "values"],
    "list": ["limit", "offset", "object", "string", "number", "function", "constructor"],
    "order": ["desc", "asc", "where", "user", "end", "session", "items"],
}

RESERVED: dict[str, Any] = {
    "name": "Words of SQL",
    "entities": [
        {
            "name": name,
            "plural": f"{name}s",
            "label": name.title(),
            "label_plural": f"{name.title()}s",
            "fields": [{"name": f, "type": "string", "label": f.title()} for f in fields]
            + [
                {"name": "parent", "type": "relation", "label": "Parent", "target": name},
                {"name": "tables", "type": "relation", "label": "Tables", "target": "table", "many": True},
                {"name": "owner", "type": "relation", "label": "Owner", "target": "order"},
            ],
        }
        for name, fields in _WORDS_OF_SQL.items()
    ],
    "features": [{"name": n} for n in ("search", "filter", "sort", "pagination", "detail", "create", "edit", "delete")],
}

BLANK: dict[str, Any] = {"name": "Nothing yet"}

HOSTILE_WORDS = (
    '"; DROP TABLE books; --',
    "{{ 7*7 }}{% raw %}",
    "</script><script>alert(1)</script>",
    "../../../etc/passwd",
    "🎈 إدارة المكتبة ‮",
    "x" * 120,
    "quotes ' \" ` and ''' \"\"\" \\ \\n ${alert(1)}",
    "line\none\r\ntwo\u2028three */ --> ]]> #}",
)


def hostile(words: str) -> dict[str, Any]:
    """The library with every label, text and name that a person may write replaced by `words`."""

    def replaced(part: Any) -> Any:
        if isinstance(part, list):
            return [replaced(p) for p in part]
        if isinstance(part, dict):
            return {k: words if k in {"label", "label_plural", "tagline"} else replaced(v) for k, v in part.items()}
        return part

    changed: dict[str, Any] = replaced(LIBRARY) | {"name": words, "tagline": words}
    for entity in changed["entities"]:
        entity["fields"] = [f | ({"unit": words[:20]} if "unit" in f else {}) for f in entity["fields"]]
        if entity["name"] == "genre":
            entity["seed"] = [{"name": words}]
        if entity["name"] == "book":
            entity["seed"] = [{"title": words, "author": 1, "genres": [words], "status": "lent", "summary": words}]
    return changed


def spec(source: dict[str, Any]) -> AppSpec:
    return AppSpec.model_validate(source)


def _field(name: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, "label": name.replace("_", " ").capitalize(), **more}


# A shop with everything that sells, counts, prints, sends and takes files.
SHOP: dict[str, Any] = {
    "name": "Pottery",
    "tagline": "Hand-thrown tableware",
    "theme": {"style": "warm"},
    "entities": [
        {
            "name": "product",
            "plural": "products",
            "label": "Piece",
            "label_plural": "Pieces",
            "icon": "coffee",
            "fields": [
                _field("name", "string", required=True),
                _field("category", "relation", target="category", required=True),
                _field("price", "money", unit="EUR", required=True, min=0),
                _field("stock", "integer", min=0),
                _field("minimum", "integer", min=0),
                _field("photo", "image"),
                _field("care_sheet", "file"),
            ],
            "seed": [
                {"name": "Mug", "category": 1, "price": 28, "stock": 14, "minimum": 4},
                {"name": "Vase", "category": 2, "price": 118, "stock": 1, "minimum": 2},
            ],
        },
        {
            "name": "category",
            "plural": "categories",
            "label": "Category",
            "label_plural": "Categories",
            "fields": [_field("name", "string", required=True, unique=True), _field("color", "color")],
            "seed": [{"name": "Cups", "color": "#b5651d"}, {"name": "Vases", "color": "#8a4f7d"}],
        },
        {
            "name": "order",
            "plural": "orders",
            "label": "Order",
            "label_plural": "Orders",
            "fields": [
                _field("number", "string", unique=True),
                _field("customer", "string", required=True),
                _field("email", "email", required=True),
                _field("status", "choice", required=True, choices=[{"value": v, "label": v} for v in ("new", "sent")]),
                _field("total", "money", unit="EUR"),
                _field("placed", "date"),
            ],
            "seed": [
                {"number": "A-1", "customer": "Mara", "email": "m@example.org", "status": "sent", "total": 56},
                {"number": "A-2", "customer": "Liam", "email": "l@example.org", "status": "new", "total": 28},
            ],
        },
        {
            "name": "order_item",
            "plural": "order_items",
            "label": "Order item",
            "label_plural": "Order items",
            "fields": [
                _field("order", "relation", target="order", required=True),
                _field("product", "relation", target="product", required=True),
                _field("quantity", "integer", required=True, min=1),
                _field("unit_price", "money", unit="EUR", required=True),
            ],
            "seed": [{"order": 1, "product": 1, "quantity": 2, "unit_price": 28}],
        },
    ],
    "features": [
        *({"name": name} for name in ("search", "filter", "sort", "detail", "create", "edit", "delete", "dashboard")),
        {"name": "cart", "entity": "product", "options": {"price": "price", "stock": "stock"}},
        {"name": "checkout", "entity": "product", "options": {"order": "order", "item": "order_item"}},
        {"name": "low_stock_alert", "entity": "product", "options": {"quantity": "stock", "minimum": "minimum"}},
        {"name": "stats", "entity": "product", "options": {"by": "category", "measure": "sum:stock"}},
        {"name": "report", "entity": "order", "options": {"by": ["status", "month:placed"], "measure": "sum:total"}},
        {"name": "print", "entity": "order"},
        {"name": "import", "entity": "product"},
        {"name": "upload", "entity": "product"},
        {"name": "export", "entity": "order"},
        {"name": "randomize", "entity": "product"},
        {"name": "randomize", "entity": "category", "options": {"label": "Surprise me"}},
    ],
    "pages": [
        {"name": "shop", "label": "Shop", "entity": "product"},
        {"name": "orders", "label": "Orders", "entity": "order"},
    ],
}
