"""Lines for a window that may be too busy to read them."""

from __future__ import annotations

import os
import threading
from collections import deque

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
        self._lines: deque[str] = deque()
        self._changed = threading.Condition()
        self._is_writing = self._is_broken = False
        self.dropped = 0
        threading.Thread(target=self._pass_on, name="log pipe", daemon=True).start()

    def write(self, text: str) -> int:
        """Take it, or drop it."""
        with self._changed:
            if self._is_broken or len(self._lines) >= _WAITING:
                self.dropped += 1
            else:
                self._lines.append(text)
                self._changed.notify_all()
        return len(text)

    def drain(self, within_s: float = _DRAINED_WITHIN_S) -> bool:
        """Wait until all that was taken is out, but no longer than this. Blocking.

        True when nothing is left to wait for, also because nobody reads any more.
        """
        with self._changed:
            return self._changed.wait_for(self._is_idle, within_s)

    def _is_idle(self) -> bool:
        return self._is_broken or not (self._lines or self._is_writing)

    def _pass_on(self) -> None:
        while not self._is_broken:
            with self._changed:
                self._is_writing = False
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._lines)
                line = self._lines.popleft().encode("utf-8", "replace")
                self._is_writing = True
            try:
                while line:
                    line = line[os.write(self._descriptor, line) :]
            except OSError:
                # Nobody reads any more; the end of standard input says the rest.
                with self._changed:
                    self._is_broken = True
                    self._lines.clear()
                    self._changed.notify_all()
