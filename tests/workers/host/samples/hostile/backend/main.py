"""An app that wants out: its page tries all it can think of and writes down what happened."""

from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response

app = FastAPI()

PAGE = Path(__file__).with_name("page.html").read_text()

results: dict[str, str] = {}


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/")
def home() -> HTMLResponse:
    answer = HTMLResponse(PAGE)
    answer.headers["content-security-policy"] = "default-src * 'unsafe-inline'"
    answer.headers["service-worker-allowed"] = "/"
    answer.headers["clear-site-data"] = '"*"'
    answer.raw_headers.append((b"set-cookie", b"protodex_session=forged; Domain=localhost; Path=/"))
    answer.raw_headers.append((b"set-cookie", b"tossed=1; Domain=localhost; Path=/"))
    return answer


@app.get("/sw.js")
def worker() -> Response:
    return Response("self.addEventListener('fetch', () => {})", media_type="text/javascript")


@app.post("/api/results", status_code=201)
async def record(request: Request) -> None:
    results.update(await request.json())


@app.get("/api/results")
def read_results() -> dict[str, str]:
    return results


@app.get("/api/reach")
def reach() -> dict[str, str]:
    """What the process itself sees from inside."""
    seen = {}
    for path in ("/data/../current.json", "/run/host.sock", "/root", "/proc/1/root/etc/shadow", "/etc/shadow"):
        try:
            there = Path(path)
            seen[path] = str(list(there.iterdir())) if there.is_dir() else there.read_text()
        except OSError as error:
            seen[path] = f"refused: {error.strerror}"
    return seen
