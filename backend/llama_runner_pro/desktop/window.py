"""What the desktop window tells us: first who it is, later that we are to end, at last nothing."""

from __future__ import annotations

import logging
import math
import os
import queue
import threading
import time
from typing import TYPE_CHECKING, Annotated

import msgspec

from llama_runner_pro.desktop.handshake import (
    LINE_LIMIT_BYTES,
    Handshake,
    HandshakeFailed,
    understood,
)
from llama_runner_pro.desktop.lines import follow

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from llama_runner_pro.core.leaving import Leaving

FIRST_LINE_WITHIN_S = 10.0
END_WITHIN_S = 10.0
_MARGIN_S = 2.0
"""What an ordered end may take beyond its deadline before it is cut short."""
TEMPORARY = 75

_log = logging.getLogger(__name__)


class _Order(msgspec.Struct, frozen=True, kw_only=True):
    command: str
    keep_models: bool | None = None
    deadline_ms: Annotated[int, msgspec.Meta(ge=0, le=60_000)] = 8000


def cut_short() -> None:
    """End this process at once, whatever it waits for; the guard ends what it leaves behind."""
    os._exit(TEMPORARY)


class Window:
    """The other end of our standard input. Thread-safe."""

    def __init__(
        self,
        descriptor: int,
        *,
        end_within_s: float = END_WITHIN_S,
        cut: Callable[[], None] = cut_short,
    ) -> None:
        """Begins to read. `cut` is called when an end takes longer than `end_within_s`."""
        self._end_within_s, self._cut = end_within_s, cut
        self._first: queue.SimpleQueue[bytes | EndOfInput | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._shaken = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._leaving: Leaving | None = None
        self._wish: _Order | None = None
        self._timer: threading.Timer | None = None
        self._cut_at_s = math.inf
        follow(descriptor, LINE_LIMIT_BYTES, heard=self._heard, ended=self._ended)

    def handshake(self, within_s: float = FIRST_LINE_WITHIN_S) -> Handshake:
        """The first line. Blocking; raises `HandshakeFailed`."""
        try:
            line = self._first.get(timeout=within_s)
        except queue.Empty as error:
            raise HandshakeFailed(f"none came within {within_s:g} s") from error
        if isinstance(line, EndOfInput):
            raise HandshakeFailed("standard input ended before it")
        if line is None:
            raise HandshakeFailed(f"it is longer than {LINE_LIMIT_BYTES} bytes")
        return understood(line)

    def attach(self, loop: asyncio.AbstractEventLoop, leaving: Leaving) -> None:
        """From now on, wishes for an end reach `leaving`; one that came before does at once."""
        with self._lock:
            self._loop, self._leaving = loop, leaving
            wish = self._wish
        if wish is not None:
            self._pass_on(wish)

    def _heard(self, line: bytes | None) -> None:
        if not self._shaken:
            self._shaken = True
            self._first.put(line)
            return
        try:
            order = msgspec.json.decode(line or b"", type=_Order)
        except (msgspec.DecodeError, UnicodeDecodeError):
            _log.warning("a line from the window makes no sense and is passed over")
            return
        if order.command != "shutdown":
            _log.warning("the window sent a command that this version does not know")
            return
        _log.info("the window asks for the end")
        self._wants(order, order.deadline_ms / 1000 + _MARGIN_S)

    def gone(self) -> None:
        """End as if the pipe had ended: the window's process is no more."""
        self._wants(_Order(command="shutdown"), self._end_within_s)

    def _ended(self) -> None:
        self._first.put(EndOfInput())
        _log.info("nobody can write to standard input any more: the window is gone")
        self.gone()

    def _wants(self, wish: _Order, cut_after_s: float) -> None:
        self._cut_within(cut_after_s)
        with self._lock:
            self._wish = self._wish or wish
            attached = self._leaving is not None
        if attached:
            self._pass_on(wish)

    def _cut_within(self, seconds: float) -> None:
        """One timer, whoever asks how often; asking again can only make it shorter."""
        with self._lock:
            cut_at_s = time.monotonic() + seconds
            if cut_at_s >= self._cut_at_s:
                return
            if self._timer is not None:
                self._timer.cancel()
            self._cut_at_s, self._timer = cut_at_s, threading.Timer(seconds, self._cut)
            self._timer.daemon = True
            self._timer.start()

    def _pass_on(self, wish: _Order) -> None:
        loop, leaving = self._loop, self._leaving
        if loop is None or leaving is None:
            return
        within_s = wish.deadline_ms / 1000
        try:
            loop.call_soon_threadsafe(
                lambda: leaving.ask(keep_models=wish.keep_models, within_s=within_s)
            )
        except RuntimeError:
            # The loop is closed: we have ended already.
            return


class EndOfInput:
    """Nobody can write to us any more."""
