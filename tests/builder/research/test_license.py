import pytest

from builder.research.license import UNKNOWN, license_of_page, may_be_used, read_license


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("https://creativecommons.org/licenses/by-sa/4.0/", "CC BY-SA 4.0"),
        ("http://creativecommons.org/licenses/by/2.0/deed.de", "CC BY 2.0"),
        ("https://creativecommons.org/licenses/by-nc-nd/3.0/", "CC BY-NC-ND 3.0"),
        ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0 1.0"),
        ("https://creativecommons.org/publicdomain/mark/1.0/", "Public domain"),
        ("CC BY-SA 3.0", "CC BY-SA 3.0"),
        ("cc-by-4.0", "CC BY 4.0"),
        ("by-nc", "CC BY-NC"),
        ("CC0", "CC0"),
        ("Public domain", "Public domain"),
        ("https://creativecommons.org/licenses/zero/1.0/", UNKNOWN),
        ("by a friend", UNKNOWN),
        ("All rights reserved", UNKNOWN),
        ("Free for personal use", UNKNOWN),
        ("", UNKNOWN),
    ],
)
def test_a_licence_has_one_name(told, name):
    assert read_license(told) == name


@pytest.mark.parametrize("name", ["CC0", "CC0 1.0", "CC BY 4.0", "CC BY-SA 2.0", "Public domain"])
def test_open_licences_may_be_used(name):
    assert may_be_used(name)


@pytest.mark.parametrize("name", [UNKNOWN, "CC BY-NC 4.0", "CC BY-ND 4.0", "CC BY-NC-SA 3.0", "", "CC BY 4.0 or not"])
def test_others_may_not(name):
    assert not may_be_used(name)


def test_a_page_tells_by_a_link_or_by_linked_data():
    link = '<a href="https://creativecommons.org/licenses/by/2.0/" rel="license cc:license">Some rights</a>'
    data = '<script>{"license":"https:\\/\\/creativecommons.org\\/licenses\\/by\\/2.0\\/"}</script>'
    assert license_of_page(link) == license_of_page(data) == license_of_page(link + data) == "CC BY 2.0"


def test_a_page_that_only_speaks_of_licences_tells_none():
    assert license_of_page('<a href="https://creativecommons.org/licenses/by/2.0/">About CC BY</a>') == UNKNOWN
    two = '<link rel="license" href="https://creativecommons.org/licenses/{}/4.0/">'
    assert license_of_page(two.format("by") + two.format("by-nc")) == UNKNOWN
