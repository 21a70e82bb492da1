"""Tools that reach the web, where a search is connected. What they bring is data; pictures come with their licence."""

import re

from pydantic import Field

from builder.agent.tools.base import (
    MAX_RESULT,
    Arguments,
    Research,
    Tool,
    ToolContext,
    ToolError,
    ToolResult,
    as_data,
    clip,
)
from builder.research import may_be_used
from builder.spec import AppKind

CREDITS = "# Credits\n\nPictures that others made, each with its licence and where it comes from.\n\n"
_ENDINGS = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpg", b"GIF8": "gif", b"RIFF": "webp"}


class WebSearch(Arguments):
    images: bool = Field(default=False, description="pictures, with the licence of each")
    query: str = Field(min_length=2, max_length=300)


class ReadPage(Arguments):
    url: str = Field(min_length=8, max_length=2000)


class PickImage(Arguments):
    image: str = Field(min_length=8, max_length=2000, description="the `image` address of a result of web_search")
    name: str = Field(
        pattern=r"^[a-z0-9][a-z0-9-]{0,59}$", description="name of the file, without ending: harbour-at-night"
    )


def web_search(arguments: WebSearch, ctx: ToolContext) -> ToolResult:
    results = _web(ctx).search(arguments.query, images=arguments.images)
    if not results:
        return ToolResult("Nothing was found. Use other words.", f"Searched “{arguments.query[:60]}”: nothing")
    if arguments.images:
        ctx.found.update({result["image"]: result for result in results if result.get("image")})
    shown = ["\n".join(f"{key}: {value[:400]}" for key, value in result.items() if value) for result in results[:12]]
    text = as_data("web search", clip("\n\n".join(shown), MAX_RESULT - 400))
    return ToolResult(text, f"Searched “{arguments.query[:60]}”: {len(results)} results")


def read_page(arguments: ReadPage, ctx: ToolContext) -> ToolResult:
    text = _web(ctx).read_page(arguments.url)
    return ToolResult(as_data(arguments.url[:300], clip(text, MAX_RESULT - 700)), f"Read {arguments.url[:120]}")


def pick_image(arguments: PickImage, ctx: ToolContext) -> ToolResult:
    about = ctx.found.get(arguments.image)
    if about is None:
        raise ToolError(
            "Pick an `image` address from a result of web_search with images true; search again if need be."
        )
    if not may_be_used(about.get("license", "")):
        raise ToolError(f"Its licence ({about.get('license') or 'unknown'}) does not let an app show it. Pick another.")
    data = _web(ctx).fetch_image(arguments.image)
    ending = next((kind for start, kind in _ENDINGS.items() if data.startswith(start)), None)
    if ending is None:
        raise ToolError("This is no PNG, JPEG, GIF or WebP. Pick another.")
    folder = "frontend/public/assets" if ctx.spec.kind is AppKind.FULLSTACK else "assets"
    path, credits = f"{folder}/{arguments.name}.{ending}", f"{folder}/CREDITS.md"
    if path in ctx.files.paths() and ctx.files.read(path) != data:
        raise ToolError(f"{path} is there already. Give this one another name.")
    ctx.files.write(path, data)
    ctx.files.write(credits, _credited(_text(ctx, credits), path.rpartition("/")[2], about).encode())
    ctx.touched |= {path, credits}
    shown = (
        path.removeprefix("frontend/public/")
        if ctx.spec.kind is not AppKind.FULLSTACK
        else f"/assets/{arguments.name}.{ending}"
    )
    said = f'Saved {path} ({len(data) // 1000} KB). Show it with src="{shown}" and credit it: {about["license"]}.'
    return ToolResult(said, f"Picked {path}", path=path, added=1)


def _credited(text: str, name: str, about: dict[str, str]) -> str:
    """CREDITS.md with a line for this picture, in place of an earlier one of the same name."""
    kept = [line for line in (text or CREDITS).splitlines() if not line.startswith(f"- `{name}`")]
    author = f" by {_plain(about['author'])}" if about.get("author") else ""
    line = (
        f"- `{name}`: “{_plain(about.get('title', ''))}”{author}, {_plain(about['license'])}, <{about.get('url', '')}>"
    )
    return "\n".join([*kept, line]) + "\n"


def _plain(text: str) -> str:
    """Text of the web as one line of Markdown that can't be more than text."""
    return re.sub(r"[<>`\[\]*_\\]", "", " ".join(text.split()))[:160]


def _text(ctx: ToolContext, path: str) -> str:
    try:
        return ctx.files.read(path).decode(errors="replace")
    except KeyError:
        return ""


def _web(ctx: ToolContext) -> Research:
    if ctx.research is None:
        raise ToolError("No search is connected. Go on with what you know, and say that it was not looked up.")
    return ctx.research


TOOLS = (
    Tool(
        "web_search",
        "Search the web: titles, addresses and a line of each. With images true: pictures and their licences."
        " Look facts up before you state them.",
        WebSearch,
        web_search,
        reads=True,
    ),
    Tool(
        "read_page",
        "The main text of a web page, such as one that web_search found.",
        ReadPage,
        read_page,
        reads=True,
    ),
    Tool(
        "pick_image",
        "Download a picture that web_search (images true) found into the app, and credit it. Only one whose "
        "licence allows that.",
        PickImage,
        pick_image,
    ),
)
