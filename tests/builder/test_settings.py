"""What may be set, and what is said when it can't be read."""

import pytest

from builder.settings import Settings, SettingsError, read_settings


def test_a_build_has_a_budget_unless_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (Settings().build_steps, Settings().build_tokens, Settings().build_minutes) == (80, 2_000_000, 60)
    monkeypatch.setenv("PROTODEX_BUILD_STEPS", "12")
    assert read_settings().build_steps == 12


@pytest.mark.parametrize("name", ["PROTODEX_BUILD_STEPS", "PROTODEX_BUILD_TOKENS", "PROTODEX_BUILD_MINUTES"])
@pytest.mark.parametrize("value", ["0", "-3", "many", "99999999999"])
def test_a_budget_that_is_none_stops_the_start(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name):
        read_settings()
