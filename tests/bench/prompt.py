"""How long from a prompt to a preview that answers: `python tests/bench/prompt.py ADDRESS [--times N]`.

ADDRESS is a studio that runs and is idle. Each build is a new project, deleted afterwards; between two of them there is
a pause, in which checks are started that stand by for the next one. Prints medians.
"""

import argparse
import statistics
import time
from urllib.parse import urlsplit

import httpx

PROMPT = (
    "Build a Pokédex: cards with number, name and type badges; search by name, filter by type, sort by number; "
    "load more pages of 24; a page for each with its six base stats as bars; favourites and comparing two side by side."
)
PATIENCE = 120


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("address")
    arguments.add_argument("--times", type=int, default=5)
    arguments.add_argument("--prompt", default=PROMPT)
    arguments.add_argument("--pause", type=float, default=5, help="seconds after each build; 0: nothing stands by")
    chosen = arguments.parse_args()
    with httpx.Client(base_url=chosen.address, timeout=30) as api:
        build(api, chosen.prompt, chosen.pause)  # warms what is read from disk
        runs = [build(api, chosen.prompt, chosen.pause) for _ in range(chosen.times)]
    for name in runs[0]:
        times = [run[name] for run in runs]
        print(f"{name:<28}{statistics.median(times):6.2f} s (best {min(times):.2f}, worst {max(times):.2f})")


def build(api: httpx.Client, prompt: str, pause: float) -> dict[str, float]:
    began = time.monotonic()
    project = api.post("/api/projects", json={"prompt": prompt}).raise_for_status().json()
    path = f"/api/projects/{project['id']}"
    while (project := api.get(path).json())["status"] in {"queued", "building"}:
        assert time.monotonic() - began < PATIENCE, "the build does not end"
        time.sleep(0.02)
    assert project["status"] == "ready", project["error"]
    preview = urlsplit(project["preview_url"])
    answer = httpx.get(f"http://127.0.0.1:{preview.port}/", headers={"Host": preview.netloc}, timeout=30)
    assert answer.status_code == 200
    found = {"prompt to preview": time.monotonic() - began}
    api.post(f"/api/builds/{project['build']['id']}/cancel")  # what comes after, the scoring, is not measured here
    while api.get(path).json()["build"]["status"] == "running":
        time.sleep(0.05)
    api.delete(path).raise_for_status()
    time.sleep(pause)
    return found


if __name__ == "__main__":
    main()
