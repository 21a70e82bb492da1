from typing import Annotated, Literal

from fastapi import FastAPI
from pydantic import BaseModel, Field

from builder.checks.inside.contract import collections


class Note(BaseModel):
    title: Annotated[str, Field(min_length=3, max_length=200)]
    stars: Annotated[int, Field(ge=1, le=5)]
    kind: Literal["plain", "rich"]
    site: str | None = None


def openapi() -> dict:
    app = FastAPI()

    @app.get("/api/notes")
    def listed() -> list[Note]: ...

    @app.post("/api/notes")
    def create(note: Note) -> Note: ...

    @app.get("/api/notes/{note_id}")
    def read(note_id: int) -> Note: ...

    return app.openapi()


def test_a_body_fits_its_schema():
    [collection] = collections(openapi())
    for attempt in range(6):
        Note.model_validate(collection.samples.body(attempt))


def test_only_texts_without_a_form_take_any_text():
    [collection] = collections(openapi())
    assert collection.samples.free_texts == ["title", "site"]


def test_another_attempt_gets_past_numbers_that_seed_rows_count_up():
    class Counted(BaseModel):
        number: Annotated[int, Field(ge=1)]

    app = FastAPI()

    @app.get("/api/things")
    def listed() -> list[Counted]: ...

    @app.post("/api/things")
    def create(thing: Counted) -> Counted: ...

    @app.get("/api/things/{thing_id}")
    def read(thing_id: int) -> Counted: ...

    [collection] = collections(app.openapi())
    assert not {collection.samples.body(attempt)["number"] for attempt in (2, 3)} & set(range(1, 2000))
