"""A session in an app with accounts: a demo account's while there is one, else that of somebody who signs up.

An app without accounts has no way in, and needs none.
"""

import re
from typing import Any

import httpx

from . import api
from .samples import Samples

Json = dict[str, Any]
Cookies = dict[str, str]
_SIGN_UP, _SIGN_IN = re.compile(r"register|sign[-_]?up"), re.compile(r"log[-_]?in|sign[-_]?in")
_DEMO = re.compile(r"/demo$")


def cookies_of_app() -> Cookies:
    """The cookies of somebody who is signed in to the app that runs; none where nobody can be."""
    with api.client() as client:
        return enter(client, client.get("/openapi.json").json())


def enter(client: httpx.Client, document: Json) -> Cookies:
    """Sign in, and let the client send the cookie: it came as one for https, which a client keeps to itself here."""
    cookies = _as_demo(client, document) or _as_newcomer(client, document)
    if cookies:
        client.headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return cookies


def _as_demo(client: httpx.Client, document: Json) -> Cookies:
    """The first demo account: where there are admins, it is one."""
    demo, sign_in = _path(document, "get", _DEMO), _path(document, "post", _SIGN_IN)
    if not (demo and sign_in):
        return {}
    told = client.get(demo).json()
    if not (told.get("logins") and told.get("password")):
        return {}
    return _cookies(client.post(sign_in, json={"login": told["logins"][0], "password": told["password"]}))


def _as_newcomer(client: httpx.Client, document: Json) -> Cookies:
    sign_up = _path(document, "post", _SIGN_UP)
    if not sign_up:
        return {}
    samples = Samples(document, document["paths"][sign_up]["post"])
    for attempt in range(4):  # the first name may be taken
        cookies = _cookies(client.post(sign_up, json=samples.body(attempt)))
        if cookies:
            return cookies
    return {}


def _path(document: Json, method: str, wanted: re.Pattern[str]) -> str | None:
    """The first such path; one that is posted to takes a password."""
    found = ((str(path), m[method]) for path, m in document["paths"].items() if method in m and wanted.search(path))
    fit = (path for path, about in found if method == "get" or "password" in Samples(document, about).names)
    return next(fit, None)


def _cookies(answer: httpx.Response) -> Cookies:
    found: Cookies = {}
    if answer.status_code < 400:
        for line in answer.headers.get_list("set-cookie"):
            name, _, value = line.partition(";")[0].partition("=")
            found |= {name.strip(): value.strip()} if value.strip() else {}
    return found
