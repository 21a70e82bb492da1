"""What needs no migration is told by files alone, and only where it is certain."""

import shutil

import pytest

from workers.host.schema import KNOWN, same_schema
from workers.host.served import Release


@pytest.fixture
def releases(tmp_path):
    for n in (1, 2):
        for path, data in {"migrate.py": KNOWN, "migrations/versions/0001.py": b"first", "main.py": b"%d" % n}.items():
            file = tmp_path / str(n) / "app" / "backend" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
    return [Release("shop", n, tmp_path / str(n)) for n in (1, 2)]


def test_the_same_migrations_need_no_run(releases):
    compiled = releases[1].code / "backend" / "migrations" / "__pycache__"
    compiled.mkdir()
    (compiled / "env.pyc").write_bytes(b"x")
    assert same_schema(*releases)


@pytest.mark.parametrize("path", ["migrations/versions/0002.py", "migrations/versions/0001.py", "migrate.py"])
def test_other_migrations_need_one(releases, path):
    (releases[1].code / "backend" / path).write_bytes(b"other")
    assert not same_schema(*releases)


def test_what_is_unknown_or_gone_needs_one(releases):
    for release in releases:
        (release.code / "backend" / "migrate.py").write_bytes(KNOWN + b"more")
    assert not same_schema(*releases)
    shutil.rmtree(releases[0].path)
    assert not same_schema(*releases)
