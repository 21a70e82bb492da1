"""Sessions by themselves: signed, bound to the token, and over one day."""

from web.api.auth import SESSION_SECONDS, Auth


def test_a_session_ends() -> None:
    auth = Auth("secret", 8000)
    value = auth.issue(now=1000)
    assert auth.reads(value, now=1000 + SESSION_SECONDS - 1)
    assert not auth.reads(value, now=1000 + SESSION_SECONDS)


def test_a_new_token_ends_every_session() -> None:
    assert not Auth("new", 8000).reads(Auth("old", 8000).issue(now=1000), now=1001)


def test_without_a_token_nothing_passes_as_one() -> None:
    assert not Auth(None, 8000).knows("None")
    assert not Auth(None, 8000).knows("")
