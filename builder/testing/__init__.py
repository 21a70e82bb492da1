"""Stand-ins that really run, for tests: a scripted build, a scripted or replayed model, an endpoint with faults."""

from builder.testing.build import FILES, SPEC, Request, ScriptedBuild, commit_files, publish_files
from builder.testing.endpoint import Fault, FaultyEndpoint
from builder.testing.models import ReplayModel, Scripted, ScriptedModel, ScriptEndedError, calls, says
from builder.testing.transcripts import read_transcript, reply_from, write_transcript

__all__ = [
    "FILES",
    "SPEC",
    "Fault",
    "FaultyEndpoint",
    "ReplayModel",
    "Request",
    "ScriptEndedError",
    "Scripted",
    "ScriptedBuild",
    "ScriptedModel",
    "calls",
    "commit_files",
    "publish_files",
    "read_transcript",
    "reply_from",
    "says",
    "write_transcript",
]
