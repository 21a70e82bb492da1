"""AppSpecs of apps with accounts: a forum with public and private things, and attendance with roles."""

from typing import Any


def field(name: str, type: str = "string", **rest: Any) -> dict[str, Any]:
    return {"name": name, "type": type, "label": name.replace("_", " ").capitalize(), **rest}


def entity(name: str, plural: str, *fields: dict[str, Any], **rest: Any) -> dict[str, Any]:
    labels = {"label": name.capitalize(), "label_plural": plural.capitalize()}
    return {"name": name, "plural": plural, **labels, "fields": list(fields), **rest}


FORUM: dict[str, Any] = {
    "name": "Town forum",
    "entities": [
        entity(
            "user",
            "users",
            field("username", required=True),
            field("email", "email"),
            field("password", required=True),
            field("about", "text"),
            seed=[{"username": "Mira", "email": "mira@example.org"}, {"username": "Tom", "email": "tom@example.org"}],
        ),
        entity("category", "categories", field("name", required=True, unique=True), seed=[{"name": "Gardens"}]),
        entity(
            "post",
            "posts",
            field("title", required=True),
            field("content", "text", required=True),
            field("category", "relation", target="category", required=True),
            field("author", "relation", target="user", required=True),
            seed=[{"title": "Slugs", "content": "Many.", "category": "Gardens", "author": "Mira"}],
        ),
        entity(
            "reply",
            "replies",
            field("text", "text", required=True),
            field("post", "relation", target="post", required=True),
            field("author", "relation", target="user", required=True),
        ),
        entity(
            "visit",
            "visits",
            field("begins", "date", required=True),
            field("ends", "date", required=True),
            field("guest", "relation", target="user", required=True),
        ),
        entity(
            "note",
            "notes",
            field("title", required=True),
            field("post", "relation", target="post"),
            field("tags", "relation", target="category", many=True),
            field("owner", "relation", target="user", required=True),
            field("color", unique=True),
            field("written_by"),
            seed=[{"title": "Ask Tom about slugs", "post": "Slugs", "owner": "Mira"}],
        ),
    ],
    "features": [
        {
            "name": "auth",
            "options": {"entity": "user", "name": "username", "login": "email", "secret": "password"},
        },
        *({"name": name} for name in "search filter sort pagination detail create edit delete export stats".split()),
        {"name": "detail", "entity": "note", "options": {"previous_next": True}},
        {"name": "favorites", "entity": "post"},
        {"name": "favorites", "entity": "note"},
    ],
    "rules": [
        {"kind": "owner_only", "entity": "category", "options": {"read": "all", "write": "members"}},
        {"kind": "owner_only", "entity": "post", "fields": ["author"], "options": {"read": "all"}},
        {"kind": "owner_only", "entity": "reply", "fields": ["author"], "options": {"read": "members"}},
        {"kind": "owner_only", "entity": "note", "fields": ["owner"], "options": {"read": "own"}},
        {"kind": "computed", "entity": "note", "fields": ["written_by"], "options": {"source": "created_by"}},
        {"kind": "no_overlap", "entity": "visit", "options": {"by": [], "start": "begins", "end": "ends"}},
        {"kind": "owner_only", "entity": "visit", "fields": ["guest"], "options": {"read": "own"}},
    ],
}
ATTENDANCE: dict[str, Any] = {
    "name": "考勤",
    "locale": "zh",
    "entities": [
        entity(
            "employee",
            "employees",
            field("name", required=True),
            field("login", required=True),
            field("password_hash"),
            field(
                "role",
                "choice",
                required=True,
                choices=[{"value": "staff", "label": "员工"}, {"value": "admin", "label": "管理员"}],
            ),
            field("team", required=True),
            field("department", "relation", target="department", required=True),
            seed=[
                {"name": "王芳", "login": "Wang", "role": "staff", "team": "A", "department": "生产"},
                {"name": "李娜", "login": "li", "role": "staff", "team": "B", "department": "生产"},
            ],
        ),
        entity("department", "departments", field("name", required=True), seed=[{"name": "生产"}]),
        entity(
            "attendance",
            "attendances",
            field("day", "date", required=True),
            field("clock_in", "time"),
            field("employee", "relation", target="employee", required=True),
            seed=[{"day": "2026-01-02", "clock_in": "08:30", "employee": "王芳"}],
        ),
        entity(
            "task",
            "tasks",
            field("name", required=True),
            field("assignee", "relation", target="employee"),
            seed=[{"name": "Count the boxes"}],
        ),
        entity(
            "notice",
            "notices",
            field("title", required=True),
            field("by", "relation", target="employee"),
            field("state", "choice", choices=[{"value": v, "label": v} for v in ("waiting", "shown", "kept_back")]),
        ),
    ],
    "features": [
        {
            "name": "auth",
            "options": {"entity": "employee", "name": "name", "login": "login", "secret": "password_hash"},
        },
        {"name": "roles", "options": {"field": "role", "admin": "admin"}},
        {"name": "assignment", "entity": "task", "options": {"field": "assignee"}},
        {
            "name": "approval",
            "entity": "notice",
            "options": {"field": "state", "approved": "shown", "rejected": "kept_back", "hides": True},
        },
        *({"name": name} for name in "search filter sort pagination detail create edit delete export stats".split()),
    ],
    "rules": [
        {"kind": "owner_only", "entity": "attendance", "fields": ["employee"], "options": {"read": "own"}},
        {"kind": "owner_only", "entity": "notice", "fields": ["by"], "options": {"read": "members", "write": "admin"}},
    ],
}
