"""Tools that change the app's files. A change that the policy or the grammar refuses leaves them as they were."""

from pydantic import BaseModel, ConfigDict, Field

from builder.agent import syntax
from builder.agent.edits import EditError, Hunk, apply_hunks, elided, line_counts, shrinks, with_line_ends_of
from builder.agent.tools.base import Arguments, Tool, ToolContext, ToolError, ToolResult, as_data
from builder.agent.tools.files import checked_path, policy, present, text_of


class WriteFile(Arguments):
    path: str
    replaces_all: bool = Field(
        default=False, description="true when the file shrinks to less than half on purpose; needs `reason`"
    )
    reason: str = Field(default="", max_length=300)
    content: str = Field(description="the whole file, nothing left out")


class HunkOf(BaseModel):
    model_config = ConfigDict(extra="forbid")

    search: str = Field(description="exact text of the file, enough of it to occur once")
    replace: str


class EditFile(Arguments):
    path: str
    hunks: list[HunkOf] = Field(min_length=1, max_length=40)


class DeleteFile(Arguments):
    path: str


class MoveFile(Arguments):
    path: str
    to: str


def write_file(arguments: WriteFile, ctx: ToolContext) -> ToolResult:
    path = checked_path(arguments.path)
    is_new = path not in ctx.files.paths()
    old = "" if is_new else text_of(ctx, path)
    new = with_line_ends_of(old, arguments.content)
    if shrinks(old, new) and not (arguments.replaces_all and arguments.reason.strip()):
        raise ToolError(
            f"{path} would shrink from {len(old.splitlines())} to {len(new.splitlines())} lines. Was something left "
            "out? Change parts with edit_file. If the rest is really to go, set replaces_all and say why in `reason`."
        )
    return _put(ctx, path, old, new, "Made" if is_new else "Wrote", is_new=is_new)


def edit_file(arguments: EditFile, ctx: ToolContext) -> ToolResult:
    path = checked_path(arguments.path)
    policy(ctx).check_change(path)
    old = text_of(ctx, path)
    try:
        new = apply_hunks(old, [Hunk(hunk.search, hunk.replace) for hunk in arguments.hunks])
    except EditError as error:
        lines = f"\n{as_data(path, error.lines)}" if error.lines else ""
        raise ToolError(f"{path} was not changed. {error}{lines}") from None
    return _put(ctx, path, old, new, "Edited")


def delete_file(arguments: DeleteFile, ctx: ToolContext) -> ToolResult:
    path = checked_path(arguments.path)
    policy(ctx).check_delete(path, present(ctx))
    try:
        gone = ctx.files.read(path).count(b"\n")
    except KeyError:
        text_of(ctx, path)
        raise
    ctx.files.write(path, None)
    ctx.touched.add(path)
    return ToolResult(
        f"Deleted {path}. Look for what still imports it.", f"Deleted {path}", path=path, removed=max(gone, 1)
    )


def move_file(arguments: MoveFile, ctx: ToolContext) -> ToolResult:
    path, to = checked_path(arguments.path), checked_path(arguments.to)
    files = present(ctx)
    if to in files.paths:
        raise ToolError(f"{to} is there already. Delete it first, or choose another name.")
    policy(ctx).check_delete(path, files)
    text = text_of(ctx, path)
    policy(ctx).check_write(to, text, files, may_lose_data=ctx.allowed_by_person)
    ctx.files.write(to, ctx.files.read(path))
    ctx.files.write(path, None)
    ctx.touched |= {path, to}
    lines = len(text.splitlines())
    said = f"Moved {path} to {to}. Adapt what imports it, and its own relative imports."
    return ToolResult(said, f"Moved {path} to {to}", path=to, added=lines, removed=lines)


def _put(ctx: ToolContext, path: str, old: str, new: str, did: str, *, is_new: bool = False) -> ToolResult:
    """Write the file if everything holds; ToolError leaves it as it was."""
    if old == new and not is_new:
        return ToolResult(
            f"Nothing changed: {path} has this very content already.", f"{path} stays the same", path=path
        )
    policy(ctx).check_write(path, new, present(ctx), may_lose_data=ctx.allowed_by_person)
    if found := elided(old, new, path):
        number, line = found
        raise ToolError(
            f"{path} was not changed. Line {number}, {line[:120]!r}, stands in place of code, which would be lost. "
            "Write everything out, or change only the lines you mean with edit_file."
        )
    _check_syntax(path, old, new)
    ctx.files.write(path, new.encode())
    ctx.touched.add(path)
    added, removed = line_counts(old, new)
    said = f"{did} {path}: {added} line{'' if added == 1 else 's'} added, {removed} removed."
    return ToolResult(said, f"{did} {path}", path=path, added=added, removed=removed)


def _check_syntax(path: str, old: str, new: str) -> None:
    """An error that the file had before may stay: it is not this edit's, and the grammar may not know the form."""
    problem = syntax.find_problem(path, new)
    if problem is None:
        return
    before = syntax.find_problem(path, old) if old else None
    if before and before.message == problem.message:
        return
    shown = as_data(path, syntax.around(new, problem.line))
    raise ToolError(
        f"{path} was not changed: with this it has a syntax error in line {problem.line}: {problem.message}.\n{shown}"
    )


TOOLS = (
    Tool(
        "write_file",
        "Make a new file, or replace one by new content. For changes in a file that exists use edit_file: it "
        "is shorter and loses nothing.",
        WriteFile,
        write_file,
    ),
    Tool(
        "edit_file",
        "Replace exact text in a file, in one or several hunks: all are done, or none. Each `search` is "
        "copied from the file with its blanks (without line numbers) and must occur once; take a line or two "
        'around it if it doesn\'t. Example: {"path": "backend/main.py", "hunks": [{"search": "VERSION = 1\\n", '
        '"replace": "VERSION = 2\\n"}]}',
        EditFile,
        edit_file,
    ),
    Tool("delete_file", "Delete a file that is not needed any more.", DeleteFile, delete_file),
    Tool("move_file", "Move or rename a file.", MoveFile, move_file),
)
