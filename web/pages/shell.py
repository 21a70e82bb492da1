"""Templates with what every page needs to know: whether a model and a token are set."""

from pathlib import Path
from typing import Any

from fastapi import Request, Response
from fastapi.templating import Jinja2Templates
from markupsafe import Markup

from builder.settings import Settings
from web.words import Words, words_for

HERE = Path(__file__).parent
# Each with its drawing; what they ask for is in the words of each language.
EXAMPLES = (
    ("pokedex", "zap"),
    ("recipes", "chef-hat"),
    ("estate", "house"),
    ("expenses", "chart-column"),
    ("stock", "boxes"),
)
MAX_PROMPT = 20_000


class Shell:
    def __init__(self, settings: Settings) -> None:
        self.templates = Jinja2Templates(directory=HERE / "templates")
        self.templates.env.globals |= {
            "icon": icon,
            "has_model": settings.model_url is not None,
            "strong": Markup("<strong>{}</strong>").format,
            "code": Markup("<code>{}</code>").format,
            "model_label": lambda say: _model_label(settings, say),
            "needs_token": settings.token is not None,
            "max_prompt": MAX_PROMPT,
        }

    def page(self, request: Request, template: str, status: int = 200, **values: Any) -> Response:
        return self._rendered(request, template, status, values)

    def fragment(self, request: Request, template: str, status: int = 200, **values: Any) -> Response:
        return self._rendered(request, f"fragments/{template}", status, values)

    def _rendered(self, request: Request, template: str, status: int, values: dict[str, Any]) -> Response:
        """In the language of who asks."""
        said = {"say": words_for(request), **values}
        return self.templates.TemplateResponse(request, template, said, status_code=status)


def error_page(settings: Settings, request: Request, status: int, title: str, message: str) -> Response:
    """What a person sees instead of a page: for the exception handlers of the whole service."""
    return Shell(settings).page(request, "error.html", status=status, code=status, title=title, message=message)


def _model_label(settings: Settings, say: Words) -> str:
    """What the pages call what builds: the model by its name where one was given."""
    if settings.model_url is None:
        return say("page.blueprints")
    return settings.model_name.rsplit("/", 1)[-1] if settings.model_name else say("page.model")


def icon(name: str, classes: str = "") -> Markup:
    """A drawing from the sprite; decoration only, so hidden from screen readers."""
    return Markup('<svg class="icon {}" aria-hidden="true"><use href="/static/icons/lucide.svg#{}"/></svg>').format(
        classes, name
    )
