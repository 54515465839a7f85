"""Exit codes of the embedded engine, after sysexits.h where it has a word for the case.

The supervisor reads them to tell "try again" from "a human must act first". Every code but `OK`
comes with exactly one line on stderr that starts with `PREFIX` and can be shown to the user as it
is, except for flags that argparse does not know.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

PREFIX: Final = "llama-runner-pro engine: "


class EngineExit(IntEnum):
    """Why the engine left. Death by a signal (a negative return code) is not in this list.

    SIGTERM or SIGINT while the model is still loading ends the process by that very signal: the
    library gives no other way to interrupt a load, and there is nothing to finish.
    """

    OK = 0
    """Stopped because it was asked to."""
    BAD_ARGUMENTS = 64
    """The command line is wrong; all problems were listed. Retrying cannot help."""
    NOT_A_GGUF = 65
    """The model file is not GGUF, or is damaged or cut off. Retrying cannot help."""
    MODEL_MISSING = 66
    """There is no readable model file at the path. Retrying cannot help."""
    PORT_TAKEN = 69
    """The port cannot be listened on. May pass by itself."""
    LOAD_FAILED = 70
    """llama.cpp refused to start or to load; its own log says why. May pass by itself."""
    TOO_LITTLE_MEMORY = 71
    """Model and context do not fit into the memory that is free now. May pass by itself."""
    NOT_INSTALLED = 78
    """The xllamacpp package is missing or cannot be loaded. Retrying cannot help."""
