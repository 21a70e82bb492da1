"""The proof of a colour that was asked for: it is painted where such a colour stands."""

from builder.agent.flow import FlowStep
from builder.proofs.app import App, step
from builder.spec import AppSpec
from builder.stack.looks import routes

LEAST = 10  # percent of the page, or of the control


def chosen(spec: AppSpec, part: str) -> tuple[str, ...]:
    """The colour of "theme.background" or "theme.component"; nothing of other parts."""
    kind, _, role = part.partition(".")
    found = getattr(spec.theme, role, None) if kind == "theme" else None
    return (str(found),) if found else ()


def prove(app: App, role: str) -> list[FlowStep]:
    theme = app.spec.theme
    if role == "background" and theme.background:
        return [*app.enter(), step("open", path="/"), step("expect_color", value=theme.background, percent=LEAST)]
    if role == "component" and theme.component:
        return [*app.enter(), *accent(app, theme.component)]
    return []


def accent(app: App, value: str) -> list[FlowStep]:
    """On the main action where there is one, else anywhere."""
    opens = step("open", path="/")
    first = next(iter(routes(app.view)), None)
    if first and first.page.entity and first.page.entity.has("create"):
        name = app.say("add", label=app.noun(str(first.page.entity.label)))
        return [opens, step("expect_color", role="link", name=name, value=value, percent=LEAST)]
    return [opens, step("expect_color", value=value, percent=1)]
