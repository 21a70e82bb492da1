"""Files that don't parse are seen with their line; what they define and import is read without running them."""

import pytest

from builder.agent.syntax import find_problem, imported, outline
from builder.stack import FULLSTACK

BROKEN = [
    ("a.py", "x = 1\ndef (:\n", 2),
    ("a.py", "return 1\n", 1),
    ("a.py", "x = '\0'\n", 1),
    ("a.py", "(" * 5000, 1),
    ("a.ts", "const a: number = {;\n", 1),
    ("a.tsx", "const a = 1;\nexport function A() {\n  return <div><p>x</div>;\n}\n", 3),
    ("a.tsx", "export function A() {\n  return <div>\n", 1),
    ("a.js", "let a = ;\n", 1),
    ("a.css", "a {\n  color: red;\n\nb { color: blue; }\n", 1),
    ("a.css", "a { color: red; }}\n", 1),
    ("a.css", "a { /* color: red; }\n", 1),
    ("a.css", 'a { content: "x; }\n', 1),
    ("a.html", "<p>\n<script>\nlet a = ;\n</script>", 3),
    ("a.html", "<p>\n<style>\na { b: c;\n</style>", 3),
    ("a.html", "<script>\nlet a = 1;\n", 1),
    ("a.html", "<html>\n<body>\n<p>cut", 3),
    ("a.html", "<p><!-- never closed", 1),
    ("a.json", '{"a": 1,}', 1),
]
SOUND = [
    ("a.py", "x = '\\d'\n"),
    ("a.py", "match x:\n    case [1, *rest]:\n        print(f'{rest!r:>10}')\n"),
    ("a.ts", "export const a = <const T,>(x: T) => x satisfies unknown as T;\ntype B = typeof import('./b');\n"),
    ("a.tsx", "export const A = ({ a, ...r }: P) => (<><B {...r} key={a} />{a > 1 && <i>&amp; it’s</i>}</>);\n"),
    ("a.css", '@import "tailwindcss" source("./");\n@theme inline { --a: var(--b); }\n.a { &:hover { color: red } }\n'),
    ("a.css", "@container (width > 40rem) { a::before { content: '\\'{'; background: url(data:a;base64,a/b=) } }"),
    ("a.html", 'a < b<script type="x-shader">if (a < b) {</script><script>let a = "<!--"</script>'),
    ("a.html", '<script type="module">const a = await import("./a.js");</script>'),
    ("a.svg", "<svg>"),
    ("a.txt", "{"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "text", "line"), BROKEN)
def test_a_broken_file_is_seen_with_its_line(path: str, text: str, line: int) -> None:
    problem = find_problem(path, text)
    assert problem is not None
    assert problem.line == line
    assert problem.message


@pytest.mark.parametrize(("path", "text"), SOUND)
def test_a_sound_file_has_no_problem(path: str, text: str) -> None:
    assert find_problem(path, text) is None


def test_what_the_stack_itself_holds_is_sound() -> None:
    files = [path for path in (FULLSTACK / "base").rglob("*") if path.suffix in {".py", ".ts", ".tsx", ".css", ".json"}]
    assert len(files) > 20
    assert [(path.name, found) for path in files if (found := find_problem(path.name, path.read_text()))] == []


def test_deep_nesting_ends_with_an_answer() -> None:
    assert find_problem("a.ts", "[" * 20_000) is not None
    assert find_problem("a.json", "[" * 100_000) is not None
    assert imported("a.ts", "[" * 20_000) == []


def test_an_outline_tells_what_is_defined_where() -> None:
    text = "ROUTER = make()\n\n\nclass Recipe(Base):\n    @property\n    def title(self): ...\n\n\ndef top(): ...\n"
    told = [(symbol.line, symbol.depth, symbol.text) for symbol in outline("a.py", text)]
    assert told == [
        (1, 0, "ROUTER = …"), (4, 0, "class Recipe(Base):"), (5, 1, "@property"), (6, 1, "def title(self): ..."),
        (9, 0, "def top(): ..."),
    ]  # fmt: skip
    assert [s.text for s in outline("a.tsx", "export function App() {}\ninterface P {}\nconst a = 1;\n")] == [
        "export function App() {}", "interface P {}", "const a = 1;",
    ]  # fmt: skip
    html = '<main id="app">\n<h1>Snake</h1>\n</main>\n<script>\nfunction step() {}\n</script>\n'
    assert [(s.line, s.text) for s in outline("a.html", html)] == [
        (1, '<main id="app">'), (2, "<h1>Snake"), (4, "<script>"), (5, "function step() {}"),
    ]  # fmt: skip


def test_imports_are_read_by_the_grammar() -> None:
    assert imported("a.py", "import os.path\ntext = 'import x'\nfrom ..b import c\n") == [(1, "os.path"), (3, "..b")]
    text = 'import a from "a";\nexport * from "./b";\nconst c = import("c/d");\n// import e from "e"\nimport "f.css";\n'
    assert imported("a.ts", text) == [(1, "a"), (2, "./b"), (3, "c/d"), (5, "f.css")]
    assert imported("a.css", '@import "x";\n@import url(https://y/z);\n') == [(1, "x"), (2, "https://y/z")]
