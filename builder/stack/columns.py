"""How a field is kept and called: the type of its column, its type in Python, and that of what comes in for it."""

from builder.stack.views import FieldView

# field type: column type, Python type, type of what comes in
KINDS = {
    "string": ("sa.String", "str", "schema.Line"),
    "text": ("sa.Text", "str", "schema.Text"),
    "integer": ("sa.BigInteger", "int", "schema.Integer"),
    "decimal": ("sa.Float", "float", "schema.Number"),
    "money": ("arithmetic.Money", "decimal.Decimal", "schema.Money"),
    "boolean": ("sa.Boolean", "bool", "schema.Flag"),
    "date": ("sa.Date", "dt.date", "schema.Date"),
    "datetime": ("sa.DateTime", "dt.datetime", "schema.DateTime"),
    "time": ("sa.Time", "dt.time", "schema.Time"),
    "choice": ("sa.String", "str", ""),
    "email": ("sa.String", "str", "schema.Email"),
    "url": ("sa.String", "str", "schema.Url"),
    "phone": ("sa.String", "str", "schema.Phone"),
    "color": ("sa.String", "str", "schema.Color"),
    "image": ("sa.Text", "str", "schema.File"),
    "file": ("sa.Text", "str", "schema.File"),
    "rating": ("sa.BigInteger", "int", "schema.Rating"),
}
LENGTHS = {"string": 500, "text": 20_000}


def column_type(field: FieldView) -> str:
    return "sa.Integer" if field.is_relation else KINDS[field.type][0]
