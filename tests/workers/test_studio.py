"""Where the studio is, as its own door and the previews' frame rule know it: the same names in both."""

from urllib.parse import urlsplit

import pytest

from builder.settings import Settings
from workers.studio import is_address, studio_names, studio_origins


def test_on_this_machine() -> None:
    settings = Settings(port=8000)
    assert studio_origins(settings) == ("http://localhost:8000", "http://127.0.0.1:8000")


def test_on_a_domain_of_ones_own() -> None:
    settings = Settings(preview_domain="apps.example.org")
    assert {"apps.example.org", "studio.apps.example.org"} <= set(studio_names(settings))
    assert {"https://apps.example.org", "https://studio.apps.example.org"} <= set(studio_origins(settings))
    assert "https://example.org" not in studio_origins(settings)  # whoever is there is somebody else


def test_an_address_of_version_6_is_written_with_brackets() -> None:
    assert "http://[fd00::1]:8000" in studio_origins(Settings(bind="fd00::1"))


@pytest.mark.parametrize("domain", ["localhost", "apps.example.org"])
@pytest.mark.parametrize("bind", ["127.0.0.1", "::1", "192.0.2.7"])
def test_who_may_frame_a_preview_is_somewhere_the_studio_answers(domain: str, bind: str) -> None:
    settings = Settings(preview_domain=domain, bind=bind)
    for origin in studio_origins(settings):
        name = urlsplit(origin).hostname or ""
        assert name in studio_names(settings) or is_address(name)
