"""Passwords: kept as argon2id hashes, compared in the same time whoever asks, and not often in vain."""

import collections
import threading
import time

import argon2

from backend import errors, words

DEMO = "welcome-to-the-demo"  # opens accounts that have no password of their own, while nobody has signed up
MOST_FAILURES = 5
SECONDS = 15 * 60
MOST_REMEMBERED = 10_000

_hasher = argon2.PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_at_once = threading.BoundedSemaphore(4)  # each takes 19 MiB
_nobody = _hasher.hash("the password of nobody")


def hashed(password: str) -> str:
    with _at_once:
        return _hasher.hash(password)


def fits(password: str, secret: str | None) -> bool:
    """As slow without a secret as with one, so that nobody learns who has an account."""
    try:
        with _at_once:
            return _hasher.verify(secret or _nobody, password) and secret is not None
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False


class Attempts:
    """Failures by login and address, in memory: after a few of them one has to wait."""

    def __init__(self) -> None:
        self._failures: collections.OrderedDict[tuple[str, str], list[float]] = collections.OrderedDict()
        self._lock = threading.Lock()

    def check(self, login: str, address: str) -> None:
        with self._lock:
            recent = self._recent(login, address)
        if len(recent) >= MOST_FAILURES:
            raise errors.Problem(429, "too_many", words.ERROR_TRIES)

    def failed(self, login: str, address: str) -> None:
        with self._lock:
            self._failures[login, address] = [*self._recent(login, address), time.monotonic()]
            self._failures.move_to_end((login, address))
            while len(self._failures) > MOST_REMEMBERED:
                self._failures.popitem(last=False)

    def succeeded(self, login: str, address: str) -> None:
        with self._lock:
            self._failures.pop((login, address), None)

    def clear(self) -> None:
        with self._lock:
            self._failures.clear()

    def _recent(self, login: str, address: str) -> list[float]:
        return [at for at in self._failures.get((login, address), ()) if at > time.monotonic() - SECONDS]


attempts = Attempts()
