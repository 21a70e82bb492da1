"""Ready pages: games, calculators, drawings, shaped by options; a folder each, with its texts in every language.

`starters/NAME/` holds `starter.yaml` (what it is called, its options, its texts), `main.html` (what stands in `<main>`;
`{key}` is a text, `{name}` the page's name), `style.css` and `script.js`, which finds the constants `OPTIONS`, `TEXTS`,
`LOCALE` and `NAME`. What several of them need stands in `starters/shared/`: `page` goes into each, others by name.
`probes.yaml` says what can be asked of the page, and how a browser proves it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from builder.spec import AppKind, AppSpec, FeatureName, Starter
from builder.yaml_files import read_yaml

FOLDER = Path(__file__).parents[2] / "templates" / "artifact" / "starters"
Scalar = bool | int | float | str


class Option(BaseModel):
    """`choices` name what words choose a value; a number lies between `min` and `max` and is said with one of `words`
    ("8 by 8", "25 minutes"); a list of `words` without choices and limits is switched on by them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    default: Scalar | list[str]
    words: tuple[str, ...] = ()
    choices: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    min: float | None = None
    max: float | None = None


class Probe(BaseModel):
    """`steps` are those of `builder.agent.flow`, once the page is open; several keys of one are pressed one by one.
    There are none where something can be asked for and not be proven. `words` ask for it, as do those of its `options`;
    `beside` may stand with them: "equal tiles merge". It can't be proven where one of the options `unless` was chosen.
    `builder.proofs.pages` fills in texts and options.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    words: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    steps: tuple[dict[str, Any], ...] = ()


class StarterFile(BaseModel):
    """`starter.yaml`. `texts` are by language, each with the keys of `en`; another language lacks none of them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    tagline: str
    group: Literal["game", "calculator", "time", "scene", "drawing", "text", "color", "chance", "music"]
    words: tuple[str, ...]
    shared: tuple[str, ...] = ()
    features: tuple[FeatureName, ...] = ()
    style: str = "clean"
    options: dict[str, Option] = Field(default_factory=dict)
    texts: dict[str, dict[str, str]]


@dataclass(frozen=True)
class OpenedStarter:
    """What the page's template sees. `data` is a script of constants, safe inside an HTML script."""

    main: str
    style: str
    script: str
    data: str


def names() -> tuple[str, ...]:
    return tuple(sorted(path.parent.name for path in FOLDER.glob("*/starter.yaml")))


@cache
def about(name: str) -> StarterFile:
    return StarterFile.model_validate(read_yaml(FOLDER / name / "starter.yaml"))


def texts(name: str, locale: str) -> Mapping[str, str]:
    """In the language of the app, English where it has none yet."""
    known = about(name).texts
    return known["en"] | known.get(locale.split("-")[0], {})


def options(starter: Starter) -> dict[str, Any]:
    """What was asked for, and the usual for the rest."""
    usual = {key: option.default for key, option in about(starter.name).options.items()}
    return usual | {key: value for key, value in starter.options.items() if key in usual}


@cache
def probes(name: str) -> Mapping[str, Probe]:
    """Its own, and those of what it shares with others. `main` proves the page as a whole: its first control works."""
    paths = [FOLDER / "shared" / f"{part}.yaml" for part in about(name).shared] + [FOLDER / name / "probes.yaml"]
    read = [read_yaml(path) for path in paths if path.is_file()]
    return {key: Probe.model_validate(one) for part in read for key, one in part.items()}


def opened(spec: AppSpec) -> OpenedStarter | None:
    if spec.kind is not AppKind.ARTIFACT or spec.starter is None or spec.starter.name not in names():
        return None
    folder, name = FOLDER / spec.starter.name, spec.starter.name
    values, words = options(spec.starter), texts(name, spec.locale)
    constants = {"OPTIONS": values, "TEXTS": words, "LOCALE": spec.locale, "NAME": name}
    lines = [f"const {key} = {_json(value)};" for key, value in constants.items()]
    main = (folder / "main.html").read_text(encoding="utf-8")
    for key, text in words.items():
        main = main.replace("{" + key + "}", _html(text))
    style, script = _read(name, "style.css", "css"), _read(name, "script.js", "js")
    return OpenedStarter(main.replace("{name}", _html(spec.name)), style, script, "\n".join(lines))


def _read(name: str, file: str, ending: str) -> str:
    """What the starter shares with others, then its own, which may say otherwise."""
    shared = [FOLDER / "shared" / f"{part}.{ending}" for part in ("page", *about(name).shared)]
    paths = [path for path in (*shared, FOLDER / name / file) if path.is_file()]
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


def _json(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _html(text: str) -> str:
    for mark, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        text = text.replace(mark, entity)
    return text
