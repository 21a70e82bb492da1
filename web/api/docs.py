"""The API's reference at /docs: one page made from the OpenAPI description, without a script and without a CDN."""

from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response
from jinja2 import FileSystemLoader

from builder.settings import Settings
from web.pages.shell import Shell

HERE = Path(__file__).parent


def docs_router(settings: Settings) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    shell = Shell(settings)
    shell.templates.env.loader = FileSystemLoader([HERE / "templates", HERE.parent / "pages" / "templates"])

    @router.get("/docs")
    def reference(request: Request) -> Response:
        schema = request.app.openapi()
        values = {"info": schema["info"], "groups": _groups(schema), "types": _types(schema)}
        return shell.page(request, "reference.html", **values)

    return router


def _groups(schema: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            groups.setdefault(operation["tags"][0], []).append(_operation(method, path, operation))
    return groups


def _operation(method: str, path: str, operation: dict[str, Any]) -> dict[str, Any]:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    answers = {status: a for status, a in operation["responses"].items() if status != "422"}
    return {
        "method": method.upper(),
        "path": path,
        "text": operation.get("description") or operation["summary"],
        "parameters": [(p["name"], p["in"], _name(p["schema"])) for p in operation.get("parameters", ())],
        "body": _name(body) if body else None,
        "answers": [(status, _answer(answer)) for status, answer in answers.items()],
    }


def _types(schema: dict[str, Any]) -> dict[str, list[tuple[str, str, bool]]]:
    found = {}
    for name, described in sorted(schema["components"]["schemas"].items()):
        required = set(described.get("required", ()))
        rows = [(key, _name(value), key in required) for key, value in described.get("properties", {}).items()]
        if rows and "ValidationError" not in name:
            found[name] = rows
    return found


def _answer(answer: dict[str, Any]) -> str:
    kinds = [f"{kind}: {_name(content.get('schema', {}))}" for kind, content in answer.get("content", {}).items()]
    return ", ".join(kinds).replace("application/json: ", "")


def _name(schema: dict[str, Any]) -> str:
    """A schema as short words: `list of FileOut`, `string or null`, `one of light dark`."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if "anyOf" in schema:
        return " or ".join(_name(option) for option in schema["anyOf"])
    if "enum" in schema:
        return "one of " + " ".join(str(value) for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_name(schema.get('items', {}))}"
    return str(schema.get("format") or schema.get("type") or "any")
