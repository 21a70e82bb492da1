"""Where generated code runs: inside, a command sees its mounts and nothing else of the machine.

Open one with `open_sandbox`; what it can do is the interface, how it is done is nobody's business outside this folder.
"""

from builder.sandbox.detect import Detection, detect, open_sandbox
from builder.sandbox.interface import (
    APP,
    BROWSER_LIMITS,
    DATA,
    NODE_LIMITS,
    NODE_MODULES,
    PREVIEW_LIMITS,
    Command,
    Ending,
    Finished,
    Level,
    Limits,
    Mount,
    Process,
    Sandbox,
    SandboxUnavailableError,
)
from builder.sandbox.plumbing import SandboxStartError
from builder.sandbox.removal import remove_tree

__all__ = [
    "APP",
    "BROWSER_LIMITS",
    "DATA",
    "NODE_LIMITS",
    "NODE_MODULES",
    "PREVIEW_LIMITS",
    "Command",
    "Detection",
    "Ending",
    "Finished",
    "Level",
    "Limits",
    "Mount",
    "Process",
    "Sandbox",
    "SandboxStartError",
    "SandboxUnavailableError",
    "detect",
    "open_sandbox",
    "remove_tree",
]
