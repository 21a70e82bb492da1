"""The web as the agent reaches it: searched through the operator's SearXNG, read at public addresses only."""

# First, since the agent's tools take this name while the rest is still being imported.
from builder.research.license import may_be_used

# isort: split
from builder.research.door import Door, ResearchError
from builder.research.web import WebResearch

__all__ = ["Door", "ResearchError", "WebResearch", "may_be_used"]
