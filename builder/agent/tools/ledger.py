"""The tool that keeps the ledger: a requirement's text, the browser steps that prove it, or why it can't be met."""

from pydantic import Field

from builder.agent.flow import MAX_FLOW_STEPS, FlowStep, check_flow
from builder.agent.ledger import Requirement, RequirementStatus
from builder.agent.tools.base import Arguments, Tool, ToolContext, ToolError, ToolResult, as_data, clip

MAX_REQUIREMENTS = 40


class UpdateRequirement(Arguments):
    id: str | None = Field(default=None, description="such as r2; left out for a new one")
    text: str | None = Field(default=None, min_length=1, max_length=300, description="one testable sentence")
    cannot: str | None = Field(
        default=None, min_length=10, max_length=400, description="why it can't be met here; the person reads it"
    )
    flow: list[FlowStep] | None = Field(default=None, max_length=MAX_FLOW_STEPS)


def update_requirement(arguments: UpdateRequirement, ctx: ToolContext) -> ToolResult:
    item = _found(arguments, ctx)
    if arguments.text is None and arguments.flow is None and arguments.cannot is None:
        raise ToolError("Say what changes: `text`, `flow` or `cannot`.")
    if arguments.flow is not None and arguments.cannot is not None:
        raise ToolError("Either it has steps that prove it (`flow`), or it can't be met (`cannot`): not both.")
    if arguments.cannot is not None and item.status is RequirementStatus.PROVEN:
        raise ToolError(f"{item.id} is proven, so it can be met. If it broke, mend it.")
    if arguments.text is not None and arguments.text != item.text and item.source is not None:
        raise ToolError(
            f"{item.id} is drawn from the person's own words, so it keeps them. Add a requirement of your own, or give "
            "this one up with `cannot`."
        )
    if arguments.flow is not None and (why := check_flow(arguments.flow)):
        raise ToolError(f"These steps prove nothing: {why}.")
    item = _changed(item, arguments)
    ctx.ledger.put(item)
    if arguments.cannot is not None:
        return ToolResult(f"{item.id} is given up; the person will read: {item.reason}", f"Gave up {item.id}")
    if arguments.flow is None:
        return ToolResult(f"{item.id} reads now: {item.text}", f"Reworded {item.id}")
    return _tried(item, ctx)


def _found(arguments: UpdateRequirement, ctx: ToolContext) -> Requirement:
    if arguments.id is not None:
        item = ctx.ledger.items.get(arguments.id)
        if item is None:
            raise ToolError(
                f"There is no {arguments.id[:20]!r}. There are: {', '.join(ctx.ledger.items) or 'none yet'}."
            )
        return item
    if arguments.text is None:
        raise ToolError("A new requirement needs `text`; for one that is there give its `id`.")
    same = next((i for i in ctx.ledger.items.values() if i.text.casefold() == arguments.text.casefold()), None)
    if same:
        return same
    if len(ctx.ledger.items) >= MAX_REQUIREMENTS:
        raise ToolError(f"There are {MAX_REQUIREMENTS} requirements, and that is the most. Change one that is there.")
    return Requirement(id=ctx.ledger.next_id(), text=arguments.text)


def _changed(item: Requirement, arguments: UpdateRequirement) -> Requirement:
    """Other words or steps need a new proof."""
    changes: dict[str, object] = {}
    if arguments.text is not None and arguments.text != item.text:
        changes |= {"text": arguments.text}
    if arguments.flow is not None and tuple(arguments.flow) != item.flow:
        changes |= {"flow": tuple(arguments.flow), "about": ()}
    if changes:
        changes |= {"status": RequirementStatus.OPEN, "proof": None}
    if arguments.flow is not None:
        changes |= {"reason": None}
    if arguments.cannot is not None:
        changes |= {"reason": arguments.cannot, "status": RequirementStatus.OPEN, "proof": None}
    return item.model_copy(update=changes)


def _tried(item: Requirement, ctx: ToolContext) -> ToolResult:
    result = ctx.lab().run_flow(item.flow)
    if result.ok:
        said = f"{item.id}: all {len(item.flow)} steps hold. The next checkpoint proves it on a release."
        return ToolResult(said, f"Steps of {item.id} hold")
    at = result.failed_at
    step = f"Step {at + 1} ({item.flow[at].told()})" if at is not None and at < len(item.flow) else "A step"
    page = f"{result.finding or 'it did not hold'}\n\nThe page then:\n{clip(result.snapshot, 6_000)}"
    said = f"{item.id} does not hold. {step} failed:\n{as_data('the app', page)}"
    return ToolResult(said, f"Steps of {item.id} fail", ok=False)


TOOLS = (
    Tool(
        "update_requirement",
        "Give a requirement the browser steps that prove it; they run at once, on a fresh copy of the data. "
        "Or add one (no id), reword it, or give it up with `cannot`. The last step must expect what the "
        'feature brings about. Example: {"id": "r1", "flow": [{"do": "open", "path": "/recipes"}, {"do": '
        '"click", "role": "button", "name": "Add recipe"}, {"do": "fill", "name": "Title", "value": "Soup"}, '
        '{"do": "click", "role": "button", "name": "Save"}, {"do": "reload"}, {"do": "expect_text", "text": '
        '"Soup"}]}',
        UpdateRequirement,
        update_requirement,
    ),
)
