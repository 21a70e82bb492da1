import pytest

from builder.research.address import is_public, resolve


@pytest.mark.parametrize(
    "address",
    "0.0.0.0 10.1.2.3 100.64.0.1 127.0.0.1 127.9.9.9 169.254.169.254 172.16.0.1 172.31.255.255 192.168.1.1 192.0.0.8 "
    "192.0.2.1 192.88.99.1 198.18.0.1 198.51.100.7 203.0.113.9 224.0.0.1 239.1.1.1 240.0.0.1 255.255.255.255 "
    ":: ::1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::127.0.0.1 64:ff9b::7f00:1 64:ff9b::808:808 64:ff9b:1::1 100::1 "
    "2001::1 2001:db8::1 2002:7f00:1:: 3fff::1 5f00::1 fc00::1 fd12:3456::1 fe80::1 fe80::1%eth0 fec0::1 ff02::1 "
    "localhost example.org 1.2.3 2130706433".split(),
)
def test_what_is_not_the_public_web_is_refused(address):
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "93.184.216.34", "100.63.255.255", "2606:4700::6810:84e5", "2a00:1450::1"]
)
def test_public_addresses_pass(address):
    assert is_public(address)


@pytest.mark.parametrize("spelling", ["2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1", "localhost"])
def test_a_spelling_of_this_machine_is_refused_as_what_it_resolves_to(spelling):
    addresses = resolve(spelling, 80, 5)
    assert addresses
    assert not any(map(is_public, addresses))


def test_a_name_that_is_none_has_no_addresses():
    assert resolve("a" * 70 + ".invalid", 80, 5) == ()
