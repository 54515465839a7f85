"""The guard: a small process that ends the models when sidecar and window are both gone.

It holds the read end of a pipe of the sidecar's. The system closes that pipe however the sidecar
ends, also by SIGKILL. Then there are three cases. The sidecar had said farewell: nothing is left
to do. The window is gone as well: the models end now. The window lives: it starts the next
sidecar, which finds the models again; only when none comes in time do they end.
"""

from __future__ import annotations

import asyncio
import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from llama_runner_pro.desktop.guard_words import (
    LINE_LIMIT_BYTES,
    Begin,
    Dropped,
    Farewell,
    Guarded,
    decoded,
)
from llama_runner_pro.desktop.lines import read_lines
from llama_runner_pro.supervision.process.identity import same_life
from llama_runner_pro.supervision.process.tree import stop_tree

if TYPE_CHECKING:
    from collections.abc import Iterable

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.supervision.process.state_file import ProcessRecord

GRACE_S = 5.0
_LOOK_EVERY_S = 0.25

_log = logging.getLogger(__name__)


class Watchlist:
    """What the sidecar has told so far."""

    def __init__(self) -> None:
        self.begin: Begin | None = None
        self.records: dict[str, ProcessRecord] = {}
        self.farewell: Farewell | None = None

    def listen(self, lines: Iterable[bytes | None]) -> None:
        """Take in all that comes; returns when the sidecar has said farewell, or is gone.

        A line that cannot be understood is passed over: what was understood counts all the same.
        """
        for line in lines:
            try:
                word = decoded(line or b"")
            except (msgspec.DecodeError, UnicodeDecodeError):
                _log.warning("a line from the sidecar makes no sense and is passed over")
                continue
            if isinstance(word, Begin):
                self.begin = word
            elif isinstance(word, Guarded):
                self.records[word.name] = word.record
            elif isinstance(word, Dropped):
                self.records.pop(word.name, None)
            else:
                self.farewell = word
                return


def watch_over(descriptor: int, clock: Clock) -> list[str]:
    """Blocks until the sidecar is gone, ends what must not go on, and returns whom, by name."""
    watchlist = Watchlist()
    watchlist.listen(read_lines(descriptor, LINE_LIMIT_BYTES))
    return asyncio.run(_settle(watchlist, clock))


async def _settle(watchlist: Watchlist, clock: Clock) -> list[str]:
    if await must_end(watchlist, clock):
        return await end_models(watchlist.records, clock)
    return []


async def must_end(watchlist: Watchlist, clock: Clock) -> bool:
    """Wait until it is clear whether the models end or go on."""
    begin, farewell = watchlist.begin, watchlist.farewell
    if begin is None or not watchlist.records:
        return False
    if farewell is not None:
        return not farewell.leave
    _log.warning("the sidecar is gone without a farewell")
    if begin.keep_models:
        return False
    until_s = clock.monotonic() + begin.successor_within_s
    while clock.monotonic() < until_s:
        if _taken_over(begin):
            _log.info("the next sidecar has come; the models are its business")
            return False
        if not same_life(begin.window):
            _log.warning("the window is gone, too")
            return True
        await clock.sleep(_LOOK_EVERY_S)
    _log.warning("no other sidecar came within %g s", begin.successor_within_s)
    return True


async def end_models(records: dict[str, ProcessRecord], clock: Clock) -> list[str]:
    """End the processes of all, at the same time. Only what is proven to be the recorded one."""
    async with asyncio.TaskGroup() as tasks:
        for name, record in records.items():
            tasks.create_task(_end(name, record, clock))
    return list(records)


async def _end(name: str, record: ProcessRecord, clock: Clock) -> None:
    done = await stop_tree(record.identity, grace_s=GRACE_S, clock=clock, nonce=record.nonce)
    for step in done.steps:
        _log.warning("%s: %s", name, step.detail)


def _taken_over(begin: Begin) -> bool:
    """Another sidecar has made itself known in the data folder."""
    try:
        presence = json.loads(Path(begin.presence_file).read_bytes())
        return str(presence["instance"]) != begin.instance
    except (OSError, ValueError, KeyError, TypeError):
        return False
