"""A served app as its user and its API caller meet it. Everything is found by role and label, nothing by class name."""

from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlsplit

import httpx
from playwright.sync_api import Page


@dataclass
class App:
    page: Page
    address: str
    problems: list[str] = field(default_factory=list)
    wanted: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        parts = urlsplit(self.address)
        # Python does not resolve *.localhost, a browser does.
        self.api = httpx.Client(base_url=f"http://127.0.0.1:{parts.port}", headers={"Host": parts.netloc}, timeout=20)
        self.page.on("console", lambda m: self.problems.append(m.text) if m.type == "error" else None)
        self.page.on("pageerror", lambda e: self.problems.append(str(e)))
        self.document: dict[str, Any] = self.api.get("/openapi.json").json()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.api.close()

    def open(self, path: str = "/") -> None:
        self.page.goto(self.address.rstrip("/") + path)
        self.page.get_by_role("heading", level=1).first.wait_for()
        self.page.wait_for_load_state("networkidle")

    @property
    def collections(self) -> dict[str, dict[str, Any]]:
        """Plural → properties of a row."""
        found = {}
        for path, operations in self.document["paths"].items():
            parts = path.strip("/").split("/")
            if len(parts) == 2 and parts[0] == "api" and {"get", "post"} <= set(operations):
                answer = operations["post"]["responses"]["201"]["content"]["application/json"]["schema"]
                found[parts[1]] = self.resolve(answer).get("properties", {})
        return found

    def resolve(self, schema: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in schema:
            target: Any = self.document
            for part in schema["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            schema = target
        return schema

    def rows(self, plural: str, **query: Any) -> dict[str, Any]:
        answer = self.api.get(f"/api/{plural}", params=query)
        assert answer.status_code == 200, answer.text
        result: dict[str, Any] = answer.json()
        return result

    def total(self, plural: str, **query: Any) -> int:
        return int(self.rows(plural, **query)["total"])

    def shown(self) -> str:
        """The text of the page's main part."""
        return self.page.get_by_role("main").inner_text()

    def count(self) -> str:
        return self.page.get_by_role("status").filter(has_text="result").inner_text()
