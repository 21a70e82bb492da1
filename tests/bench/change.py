"""How long from a changed AppSpec to a preview that shows it: `python tests/bench/change.py ADDRESS [--times N]`.

ADDRESS is a studio that runs and is idle. One app is made, changed over and over, and deleted afterwards; each change
adds a field, so that the database migrates as well. Between two there is a pause, in which checks are started that
stand by for the next one. Prints medians, also of what the studio foresees of a change.
"""

import argparse
import statistics
import time
from typing import Any
from urllib.parse import urlsplit

import httpx

PROMPT = "A recipe box: recipes with title, prep time in minutes, servings and difficulty (easy, medium, hard)"
PATIENCE = 120


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("address")
    arguments.add_argument("--times", type=int, default=5)
    arguments.add_argument("--pause", type=float, default=5, help="seconds after each build; 0: nothing stands by")
    chosen = arguments.parse_args()
    with httpx.Client(base_url=chosen.address, timeout=30) as api:
        project = api.post("/api/projects", json={"prompt": PROMPT}).raise_for_status().json()
        path = f"/api/projects/{project['id']}"
        until_served(api, path, 1)
        quiet(api, path)
        runs = [change(api, path, number, chosen.pause) for number in range(2, 3 + chosen.times)][
            1:
        ]  # the first one warms
        api.delete(path).raise_for_status()
    for name in runs[0]:
        times = [run[name] for run in runs]
        print(f"{name:<28}{statistics.median(times):6.2f} s (best {min(times):.2f}, worst {max(times):.2f})")


def change(api: httpx.Client, path: str, number: int, pause: float) -> dict[str, float]:
    spec = api.get(f"{path}/spec").json()
    name = f"extra_{number}"
    spec["entities"][0]["fields"].append({"name": name, "type": "string", "label": f"Extra {number}"})
    began = time.monotonic()
    api.post(f"{path}/spec/effects", json=spec).raise_for_status()
    foreseen = time.monotonic() - began
    began = time.monotonic()
    api.put(f"{path}/spec", json=spec).raise_for_status()
    project = until_served(api, path, number)
    preview = urlsplit(project["preview_url"])
    address = f"http://127.0.0.1:{preview.port}/api/{spec['entities'][0]['plural']}"
    rows = httpx.get(address, headers={"Host": preview.netloc}, timeout=30).raise_for_status().json()["items"]
    assert name in rows[0], "the preview shows another release"
    found = {"effects of a change": foreseen, "spec edit to preview": time.monotonic() - began}
    quiet(api, path)
    time.sleep(pause)
    return found


def until_served(api: httpx.Client, path: str, release: int) -> Any:
    began = time.monotonic()
    while (project := api.get(path).json())["served_release"] != release:
        assert time.monotonic() - began < PATIENCE, "the build does not end"
        assert project["build"]["status"] != "failed", project["build"]["error"]
        time.sleep(0.02)
    return project


def quiet(api: httpx.Client, path: str) -> None:
    """End what comes after, the scoring, which is not measured here."""
    api.post(f"/api/builds/{api.get(path).json()['build']['id']}/cancel")
    while api.get(path).json()["build"]["status"] == "running":
        time.sleep(0.05)


if __name__ == "__main__":
    main()
