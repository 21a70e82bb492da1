"""A throw-away database for the tests: every test starts with the rows of a new installation."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

FOLDER = tempfile.TemporaryDirectory(prefix="app-tests-")
PATH = Path(FOLDER.name) / "test.sqlite"
os.environ["DATABASE_URL"] = f"sqlite:///{PATH}"  # before the back end is imported


@pytest.fixture(scope="session")
def new_database() -> bytes:
    from backend import migrate

    migrate.main()
    return PATH.read_bytes()


@pytest.fixture(scope="session")
def served() -> Iterator[TestClient]:
    from backend import main

    with TestClient(main.app, base_url="http://localhost") as client:
        yield client


@pytest.fixture
def client(new_database: bytes, served: TestClient) -> Iterator[TestClient]:
    from backend import database

    PATH.write_bytes(new_database)
    yield served
    served.cookies.clear()
    database.engine.dispose()


def pytest_unconfigure() -> None:
    FOLDER.cleanup()
