"""Which addresses of a network a page may lie at: public ones, and nothing of this machine or its neighbours."""

import ipaddress
import socket
import threading
from collections.abc import Sequence

_NEVER = [
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
        # IPv6 is global in 2000::/3 alone; in there are tunnels and translations, which lead to any IPv4 address.
        "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
    )
]  # fmt: skip
_GLOBAL_V6 = ipaddress.ip_network("2000::/3")


def is_public(address: str) -> bool:
    """Deny by default: what can't be read, and what is mapped, translated or tunnelled, is not public."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    if parsed.version == 6 and parsed not in _GLOBAL_V6:
        return False
    return parsed.is_global and not any(parsed in network for network in _NEVER if network.version == parsed.version)


def resolve(host: str, port: int, seconds: float) -> Sequence[str]:
    """The addresses of a name; none when there is no such name or the resolver takes too long.

    The system's resolver has no time-out of its own, so it gets a thread that may outlive the question.
    """
    found: list[str] = []

    def ask() -> None:
        try:
            answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return
        found.extend(dict.fromkeys(str(answer[4][0]) for answer in answers))

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(seconds)
    return tuple(found)
