"""Clocks for limits that a test is not about, so that they hold on a busy machine too."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from fakes.children import until

from llama_runner_pro.core.clock import SystemClock

if TYPE_CHECKING:
    from pathlib import Path

_TIMES = 20


class SlowClock:
    """Satisfies `core.clock.Clock`; a second takes twenty."""

    def monotonic(self) -> float:
        """Seconds, each of them long."""
        return time.monotonic() / _TIMES

    def wall_ms(self) -> int:
        """Milliseconds since the Unix epoch, as they are."""
        return SystemClock().wall_ms()

    async def sleep(self, seconds: float) -> None:
        """Wait for so many of those seconds."""
        await asyncio.sleep(max(0.0, seconds) * _TIMES)


class ListeningClock(SystemClock):
    """A wait of `until_said_s` ends when these words are in the log, however long that takes."""

    def __init__(self, log_path: Path, words: str, until_said_s: float) -> None:
        self._log_path, self._words, self._until_said_s = log_path, words, until_said_s

    async def sleep(self, seconds: float) -> None:
        """Wait for the words, or else for the time."""
        if seconds == self._until_said_s:
            await until(lambda: self._words in self._log_path.read_text())
        else:
            await super().sleep(seconds)
