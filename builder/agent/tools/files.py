"""What tools that handle files share: a path that is one, the text of a file, the app as its policy sees it."""

import difflib

from builder.agent.policy import Policy, Present
from builder.agent.tools.base import MAX_RESULT, ToolContext, ToolError
from builder.workspace import WorkspaceError, rooted

MAX_SHOWN = MAX_RESULT - 600


def checked_path(path: str) -> str:
    try:
        return rooted(path.removeprefix("./"))
    except WorkspaceError as error:
        raise ToolError(f"{error} Write it from the app's folder on, without a leading slash.") from None


def text_of(ctx: ToolContext, path: str) -> str:
    """The text of a file that is there; ToolError names the nearest when it isn't."""
    try:
        data = ctx.files.read(path)
    except KeyError:
        near = difflib.get_close_matches(path, ctx.files.paths(), 3, 0.6)
        same_name = [each for each in ctx.files.paths() if each.rpartition("/")[2] == path.rpartition("/")[2]]
        hints = list(dict.fromkeys([*same_name[:3], *near]))
        hint = f" Perhaps {' or '.join(hints[:3])}?" if hints else " list_files shows what there is."
        raise ToolError(f"There is no file {path}.{hint}") from None
    if b"\0" in data[:8000]:
        raise ToolError(f"{path} is not text ({len(data)} bytes).")
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise ToolError(f"{path} is not text in UTF-8.") from None


def present(ctx: ToolContext) -> Present:
    applied = {*ctx.files.base(), *(ctx.served() if ctx.served else ())}
    return Present(frozenset(ctx.files.paths()), ctx.files.read, frozenset(applied))


def policy(ctx: ToolContext) -> Policy:
    return Policy.for_kind(ctx.spec.kind)
