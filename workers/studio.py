"""Under which names the studio answers. Only for these does it answer at all, and only these may frame a preview."""

import ipaddress
import socket

from builder.settings import Settings


def studio_names(settings: Settings) -> tuple[str, ...]:
    """This machine's names; with a domain of one's own, that domain and `studio.` under it as well."""
    names = ["localhost", settings.bind.strip("[]").lower()]
    if not _is_loopback(settings.bind):
        names.append(socket.gethostname().lower())
    return tuple(dict.fromkeys([*names, *_domain_names(settings)]))


def studio_origins(settings: Settings) -> tuple[str, ...]:
    """The same as browsers write them: plain on the studio's port, and https where a proxy in front speaks it."""
    plain = ["localhost", "127.0.0.1", *studio_names(settings)]
    origins = [f"http://{f'[{name}]' if ':' in name else name}:{settings.port}" for name in plain]
    return tuple(dict.fromkeys([*origins, *(f"https://{name}" for name in _domain_names(settings))]))


def is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True


def _domain_names(settings: Settings) -> list[str]:
    domain = settings.preview_domain
    return [] if domain == "localhost" else [domain, f"studio.{domain}"]


def _is_loopback(bind: str) -> bool:
    return is_address(bind) and ipaddress.ip_address(bind.strip("[]")).is_loopback
