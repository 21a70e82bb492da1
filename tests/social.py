"""A street's own site: everything that people do with rows and say of them, once without accounts and once with."""

import copy
from typing import Any


def _entity(name: str, plural: str, fields: list[Any], seed: Any = ()) -> dict[str, Any]:
    lab = name.replace("_", " ").capitalize()
    return {
        "name": name,
        "plural": plural,
        "label": lab,
        "label_plural": plural.replace("_", " ").capitalize(),
        "fields": fields,
        "seed": list(seed),
    }


def _field(name: str, type: str = "string", **more: Any) -> dict[str, Any]:
    return {"name": name, "type": type, "label": name.replace("_", " ").capitalize(), **more}


NEIGHBOURS: dict[str, Any] = {
    "name": "Neighbours",
    "tagline": "What the street talks about",
    "entities": [
        _entity(
            "topic",
            "topics",
            [_field("name", required=True, unique=True, max=40), _field("color", "color")],
            [{"name": "Garden", "color": "#2e7d32"}, {"name": "Street", "color": "#1565c0"}, {"name": "Pets"}],
        ),
        _entity(
            "post",
            "posts",
            [
                _field("title", required=True, max=120),
                _field("body", "text"),
                _field("topics", "relation", target="topic", many=True),
                _field(
                    "kind",
                    "choice",
                    required=True,
                    choices=[
                        {"value": "offer", "label": "Offer", "color": "#2e7d32"},
                        {"value": "wish", "label": "Wish", "color": "#c62828"},
                    ],
                ),
                _field("until", "date"),
                _field("done", "boolean"),
            ],
            [
                {
                    "title": "Ladder to lend",
                    "body": "Three metres, aluminium. Ring at number 14.\nIt is light enough for one person.",
                    "topics": ["Garden"],
                    "kind": "offer",
                    "until": "2026-12-03",
                },
                {
                    "title": "Who feeds the cat in July?",
                    "body": "Two weeks, twice a day.",
                    "topics": ["Pets"],
                    "kind": "wish",
                    "until": "2026-11-20",
                },
                {"title": "Street party", "kind": "offer", "topics": ["Street", "Garden"]},
            ],
        ),
        _entity(
            "reply",
            "replies",
            [
                _field("post", "relation", target="post", required=True),
                _field("text", "text", required=True),
                _field("author", required=True, max=60),
                _field("written_at", "datetime"),
            ],
            [{"post": 1, "text": "Is it free on Saturday?", "author": "Mara", "written_at": "2026-11-28T18:20:00"}],
        ),
        _entity(
            "article",
            "articles",
            [
                _field("title", required=True),
                _field("content", "text"),
                _field(
                    "status",
                    "choice",
                    choices=[{"value": "draft", "label": "Draft"}, {"value": "final", "label": "Final"}],
                ),
            ],
            [{"title": "Bins", "content": "Paper goes out on Mondays.\nGlass on Fridays.", "status": "final"}],
        ),
        _entity(
            "revision",
            "revisions",
            [
                _field("article", "relation", target="article", required=True),
                _field("summary", required=True),
                _field("edited_by"),
                _field("edited_at", "datetime"),
            ],
            [
                {
                    "article": 1,
                    "summary": "Added the day for glass",
                    "edited_by": "Jonas",
                    "edited_at": "2026-11-20T09:00:00",
                }
            ],
        ),
        _entity("room", "rooms", [_field("name", required=True)], [{"name": "Whole street"}, {"name": "Number 14"}]),
        _entity(
            "message",
            "messages",
            [
                _field("room", "relation", target="room", required=True),
                _field("author", required=True),
                _field("text", "text", required=True),
                _field("sent_at", "datetime"),
            ],
            [
                {"room": 1, "author": "Mara", "text": "Morning all", "sent_at": "2026-11-29T08:00:00"},
                {"room": 1, "author": "Jonas", "text": "The bins are out already", "sent_at": "2026-11-29T08:05:00"},
            ],
        ),
        _entity(
            "poll",
            "polls",
            [_field("question", required=True), _field("closes", "date")],
            [{"question": "When do we hold the street party?"}],
        ),
        _entity(
            "option",
            "options",
            [_field("text", required=True), _field("poll", "relation", target="poll", required=True)],
            [{"text": text, "poll": 1} for text in ("In June", "In July, when the Okafors are back", "Not this year")],
        ),
        _entity(
            "vote",
            "votes",
            [_field("option", "relation", target="option", required=True)],
            [{"option": option} for option in (1, 1, 2, 1, 2, 2, 2, 3)],
        ),
        _entity(
            "player",
            "players",
            [_field("name", required=True), _field("points", "integer"), _field("joined", "date")],
            [
                {"name": n, "points": x}
                for n, x in (
                    ("Mara", 31),
                    ("Jonas", 28),
                    ("Aiko", 31),
                    ("Oluwaseun", 12),
                    ("Petra von der Mühle-Hohenstein", 28),
                    ("Lin", 3),
                    ("Tomás", 0),
                )
            ],
        ),
        _entity(
            "letter",
            "letters",
            [
                _field("name", required=True, max=80),
                _field("email", "email", required=True),
                _field("message", "text", required=True),
                _field("received_at", "datetime", required=True),
                _field("answered", "boolean"),
            ],
            [
                {
                    "name": "Ines",
                    "email": "ines@example.org",
                    "message": "When is the street party?",
                    "received_at": "2026-11-28T10:00:00",
                }
            ],
        ),
    ],
    "features": [
        {"name": n}
        for n in ("search", "sort", "pagination", "detail", "create", "edit", "delete", "validation", "relations")
    ]
    + [
        {"name": "filter", "entity": "post"},
        {"name": "export", "entity": "post"},
        {"name": "tags", "entity": "post", "options": {"field": "topics"}},
        {"name": "categories", "entity": "post", "options": {"field": "kind"}},
        {"name": "like", "entity": "post"},
        {"name": "follow", "entity": "post"},
        {"name": "ratings", "entity": "post"},
        {"name": "favorites", "entity": "post"},
        {"name": "comments", "entity": "post", "options": {"entity": "reply", "text": "text"}},
        {"name": "comments", "entity": "article"},
        {
            "name": "history",
            "entity": "article",
            "options": {
                "log": "revision",
                "entry": "article",
                "summary": "summary",
                "by": "edited_by",
                "at": "edited_at",
            },
        },
        {"name": "history", "entity": "post"},
        {"name": "chat", "entity": "room", "options": {"messages": "message", "room": "room"}},
        {"name": "poll", "entity": "poll", "options": {"options": "option", "votes": "vote"}},
        {"name": "streaming_updates"},
        {"name": "notifications", "options": {"due": [{"entity": "post", "date": "until", "before": 7}]}},
        {"name": "leaderboard", "entity": "player", "options": {"by": "points"}},
        {"name": "leaderboard", "entity": "reply", "options": {"by": "count", "of": "post"}},
        {"name": "contact_form", "options": {"entity": "letter"}},
    ],
}


def with_accounts() -> dict[str, Any]:
    """The same where people sign in: they are neighbours, who own what they write."""
    found = copy.deepcopy(NEIGHBOURS)
    fields = [
        _field("name", required=True),
        _field("email", "email", required=True, unique=True),
        _field("password", required=True),
        _field("role", "choice", required=True, choices=[{"value": v, "label": v} for v in ("admin", "neighbour")]),
    ]
    people = [{"name": "Mara", "email": "mara@example.org"}, {"name": "Jonas", "email": "jonas@example.org"}]
    found["entities"].insert(0, _entity("member", "members", fields, people))
    for entity in found["entities"]:
        for field in entity["fields"]:
            if field["name"] in ("author", "edited_by"):
                field.update(type="relation", target="member")
                field.pop("max", None)
    who = {"entity": "member", "name": "name", "login": "email", "secret": "password", "role": "role"}
    found["features"] += [
        {"name": "auth", "options": who},
        {"name": "roles", "options": {"field": "role", "admin": "admin"}},
    ]
    found["rules"] = [
        {"kind": "owner_only", "entity": "reply", "fields": ["author"], "options": {"read": "all"}},
        {"kind": "owner_only", "entity": "message", "fields": ["author"], "options": {"read": "members"}},
    ]
    return found
