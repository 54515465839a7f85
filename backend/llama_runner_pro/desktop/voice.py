"""What we tell the desktop window: one prefixed JSON object a line, on a pipe of its own."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import msgspec

from llama_runner_pro.desktop.handshake import PROTOCOL
from llama_runner_pro.desktop.log_pipe import LogPipe

if TYPE_CHECKING:
    from collections.abc import Sequence

PREFIX = b"@llama-runner-pro "


class Voice:
    """Writes events to a descriptor. Thread-safe; a window that is gone is no error.

    Nobody waits for a window that does not read, but for the last words: those get a second.
    """

    def __init__(self, descriptor: int) -> None:
        self._pipe = LogPipe(descriptor)
        self._degraded: tuple[str, ...] = ()

    def listening(
        self, *, port: int, started_ms: int, version: str, instance: str, proof: str
    ) -> None:
        """We answer at this port of 127.0.0.1; the proof says that it is us."""
        self._say(
            "listening",
            protocol=PROTOCOL,
            port=port,
            pid=os.getpid(),
            started_ms=started_ms,
            version=version,
            instance=instance,
            proof=proof,
        )

    def ready(self) -> None:
        """The page can be loaded."""
        self._say("ready")

    def degraded(self, reasons: Sequence[str]) -> None:
        """What does not work, in words; none: all of it works again. Said when it changes."""
        if tuple(reasons) != self._degraded:
            self._degraded = tuple(reasons)
            self._say("degraded", reasons=list(reasons))

    def fatal(self, code: int, text: str) -> None:
        """We end with this exit code because of that."""
        self._say("fatal", code=code, text=text)
        self._pipe.drain()

    def stopped(self) -> None:
        """The last word before exit code 0."""
        self._say("stopped")
        self._pipe.drain()

    def _say(self, event: str, **more: Any) -> None:
        line = PREFIX + msgspec.json.encode({"event": event, **more}) + b"\n"
        self._pipe.write(line.decode())


def own_pipes() -> tuple[int, int]:
    """Keep standard input and output to ourselves: returns them as two private descriptors.

    What anybody else prints goes to standard error, and no child can eat what the window says.
    Raises `OSError` when we were started without them.
    """
    sys.stdout.flush()
    source, sink = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return source, sink
