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

from llama_runner_pro.core.value_object import ValueObject
from llama_runner_pro.desktop.guard_words import Begin, Farewell, Guarded, Starting, Word, decoded
from llama_runner_pro.supervision.cut_short import processes_of
from llama_runner_pro.supervision.process.identity import same_life
from llama_runner_pro.supervision.process.tree import stop_tree

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.desktop.watchlist import Watchlist
    from llama_runner_pro.supervision.process.state_file import ProcessRecord, Start

GRACE_S = 5.0
_LOOK_EVERY_S = 0.25

_log = logging.getLogger(__name__)


class Wishes(ValueObject, frozen=True):
    """What the sidecar had told when it went."""

    begin: Begin | None
    records: Mapping[str, ProcessRecord]
    starting: Mapping[str, Start]
    farewell: Farewell | None


def wishes_of(watchlist: Watchlist) -> Wishes:
    """What it means; a line with something missing is passed over, the others count."""
    if watchlist.passed_over:
        _log.warning("%d lines from the sidecar make no sense", watchlist.passed_over)
    begin, farewell = _meant(watchlist.begin), _meant(watchlist.farewell)
    words = [_meant(line) for line in watchlist.guarded.values()]
    records = {word.name: word.record for word in words if isinstance(word, Guarded)}
    starting = {word.name: word.start for word in words if isinstance(word, Starting)}
    return Wishes(
        begin if isinstance(begin, Begin) else None,
        records,
        starting,
        farewell if isinstance(farewell, Farewell) else None,
    )


def _meant(line: bytes | None) -> Word | None:
    if line is None:
        return None
    try:
        return decoded(line)
    except msgspec.DecodeError as error:
        _log.warning("a line from the sidecar makes no sense and is passed over: %s", error)
        return None


def settle(watchlist: Watchlist, clock: Clock) -> list[str]:
    """Call it when the sidecar is gone: ends what must not go on, and returns whom, by name.

    Blocks until that is done.
    """
    return asyncio.run(_settle(wishes_of(watchlist), clock))


async def _settle(wishes: Wishes, clock: Clock) -> list[str]:
    if not await must_end(wishes, clock):
        return []
    cut_short = await _cut_short(wishes.starting, clock)
    return await end_models({**wishes.records, **cut_short}, clock)


async def _cut_short(starting: Mapping[str, Start], clock: Clock) -> Mapping[str, ProcessRecord]:
    """The processes of starts that the sidecar was killed in the middle of."""
    try:
        return await processes_of(starting, clock)
    except TimeoutError:
        _log.warning("what was just being started could not be found in time: %s", list(starting))
        return {}


async def must_end(wishes: Wishes, clock: Clock) -> bool:
    """Wait until it is clear whether the models end or go on."""
    begin, farewell = wishes.begin, wishes.farewell
    if begin is None or not (wishes.records or wishes.starting):
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


async def end_models(records: Mapping[str, ProcessRecord], clock: Clock) -> list[str]:
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
