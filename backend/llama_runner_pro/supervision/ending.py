"""Ending the processes that end with the sidecar."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from llama_runner_pro.core.deadline import Deadline
from llama_runner_pro.core.errors import Refused
from llama_runner_pro.supervision.dependencies import stop_waves

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.supervision.monitor import Monitor
    from llama_runner_pro.supervision.watched import Watched

_log = logging.getLogger(__name__)


async def end_all(watched: Mapping[str, Watched], clock: Clock, deadline_s: float) -> None:
    """Stop them within `deadline_s`: in parallel, but what others depend on after those.

    Cancelling ends the waiting; what was told to stop stops.
    """
    ending = {
        name: one.monitor
        for name, one in watched.items()
        if one.stops_on_exit() and one.monitor.has_work_in_hand
    }
    waves = stop_waves([monitor.spec for monitor in ending.values()])
    for one in watched.values():
        one.hurry(deadline_s / 2 / max(1, len(waves)))
    try:
        async with Deadline(clock, deadline_s):
            for wave in waves:
                await _stop([ending[name] for name in wave])
    except TimeoutError:
        _log.warning("some processes did not end within %g s", deadline_s)


async def _stop(monitors: Sequence[Monitor]) -> None:
    for monitor in monitors:
        try:
            monitor.tell("stop")
        except Refused as error:
            _log.info("not stopped: %s", error)
    for monitor in monitors:
        await monitor.at_rest()
