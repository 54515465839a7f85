"""Log lines for a window that may be too busy to read them."""

from __future__ import annotations

import os
import queue
import threading

_WAITING = 2_000
_DRAINED_WITHIN_S = 1.0


class LogPipe:
    """A stream of text whose `write` never waits: a thread of its own does. Thread-safe.

    A window that shows a dialog reads nothing meanwhile; with its pipe full, healing would stand
    still at the next log line. Lines beyond 2 000 waiting ones are dropped and counted; the log
    file has them all the same.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lines: queue.Queue[str] = queue.Queue(_WAITING)
        self._all_out = threading.Event()
        self._all_out.set()
        self.dropped = 0
        threading.Thread(target=self._pass_on, name="log pipe", daemon=True).start()

    def write(self, text: str) -> int:
        """Take it, or drop it."""
        self._all_out.clear()
        try:
            self._lines.put_nowait(text)
        except queue.Full:
            self.dropped += 1
        return len(text)

    def drain(self, within_s: float = _DRAINED_WITHIN_S) -> None:
        """Wait until all that was taken is out, but no longer than this. Blocking."""
        self._all_out.wait(within_s)

    def _pass_on(self) -> None:
        while True:
            line = self._lines.get().encode("utf-8", "replace")
            try:
                while line:
                    line = line[os.write(self._descriptor, line) :]
            except OSError:
                # Nobody reads any more; the end of standard input says the rest.
                self._all_out.set()
                return
            if self._lines.empty():
                self._all_out.set()
