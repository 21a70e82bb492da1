"""Templates with what every page needs to know: whether a model and a token are set."""

import json
from pathlib import Path
from typing import Any

from fastapi import Request, Response
from fastapi.templating import Jinja2Templates
from markupsafe import Markup

from builder.settings import Settings

HERE = Path(__file__).parent
EXAMPLES: list[dict[str, str]] = json.loads((HERE / "examples.json").read_text(encoding="utf-8"))
MAX_PROMPT = 20_000


class Shell:
    def __init__(self, settings: Settings) -> None:
        self.templates = Jinja2Templates(directory=HERE / "templates")
        self.templates.env.globals |= {
            "icon": icon,
            "has_model": settings.model_url is not None,
            "model_label": _model_label(settings),
            "needs_token": settings.token is not None,
            "max_prompt": MAX_PROMPT,
        }

    def page(self, request: Request, template: str, status: int = 200, **values: Any) -> Response:
        return self.templates.TemplateResponse(request, template, values, status_code=status)

    def fragment(self, request: Request, template: str, status: int = 200, **values: Any) -> Response:
        return self.templates.TemplateResponse(request, f"fragments/{template}", values, status_code=status)


def error_page(settings: Settings, request: Request, status: int, title: str, message: str) -> Response:
    """What a person sees instead of a page: for the exception handlers of the whole service."""
    return Shell(settings).page(request, "error.html", status=status, code=status, title=title, message=message)


def _model_label(settings: Settings) -> str:
    """What the pages call what builds: the model by its name where one was given."""
    if settings.model_url is None:
        return "Blueprint mode"
    return (settings.model_name or "Connected model").rsplit("/", 1)[-1]


def icon(name: str, classes: str = "") -> Markup:
    """A drawing from the sprite; decoration only, so hidden from screen readers."""
    return Markup('<svg class="icon {}" aria-hidden="true"><use href="/static/icons/lucide.svg#{}"/></svg>').format(
        classes, name
    )
