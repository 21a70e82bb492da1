"""Run as a program of its own: HTML comes in, what a person would read of it goes out as JSON.

A page is hostile until read, and its parser is written in C: here it has bounded memory and time, no environment and
nothing else to lose. Knows nothing of the web.
"""

import json
import resource
import sys

MEMORY = 1_500_000_000
CPU_SECONDS = 15
MAX_TEXT = 40_000


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    url = sys.argv[1]
    html = sys.stdin.buffer.read().decode(errors="replace")
    sys.stdout.write(json.dumps(read(html, url)))


def read(html: str, url: str) -> dict[str, str]:
    """The title, the date and the main text; empty where the page has none."""
    from trafilatura import bare_extraction  # takes a second, and only this program needs it

    found = bare_extraction(html, url=url, include_comments=False, include_tables=True, with_metadata=True)
    limits = {"title": 300, "date": 40, "text": MAX_TEXT}
    return {key: str(getattr(found, key, None) or "")[:limit] for key, limit in limits.items()}


if __name__ == "__main__":
    main()
