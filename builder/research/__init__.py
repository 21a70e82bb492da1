"""The web as the agent reaches it: searched through the operator's SearXNG, read at public addresses only."""

from builder.research.door import Door, ResearchError
from builder.research.license import may_be_used
from builder.research.web import WebResearch

__all__ = ["Door", "ResearchError", "WebResearch", "may_be_used"]
