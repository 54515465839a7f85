"""Starts that an earlier sidecar was killed in the middle of."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from llama_runner_pro.core.deadline import Deadline
from llama_runner_pro.core.own_thread import in_own_thread
from llama_runner_pro.supervision.process.lineage import roots
from llama_runner_pro.supervision.process.state_file import became

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.supervision.process.identity import Identity
    from llama_runner_pro.supervision.process.state_file import ProcessRecord, Start
    from llama_runner_pro.supervision.records import Records

    Look = Callable[[Collection[str]], dict[str, Identity]]

_WITHIN_S = 5.0

_log = logging.getLogger(__name__)


async def processes_of(
    starting: Mapping[str, Start], clock: Clock, look: Look = roots
) -> dict[str, ProcessRecord]:
    """The processes of noted starts, by name; a start that has none is left out.

    What carries the nonce of such a start is its process: the nonce was drawn for that start
    alone, was known to us alone, and the environment of strangers is hidden from us by the
    system. Looks at all processes once, and only if there is a start; raises `TimeoutError`
    after 5 s.
    """
    if not starting:
        return {}
    nonces = {start.nonce for start in starting.values()}
    async with Deadline(clock, _WITHIN_S):
        found = await in_own_thread("cut-short", lambda: look(nonces))
    return {
        name: became(start, found[start.nonce])
        for name, start in starting.items()
        if start.nonce in found
    }


async def record_cut_starts(
    records: Records,
    clock: Clock,
    look: Look = roots,
) -> None:
    """Record the processes of starts that were noted and never got as far as being recorded.

    From then on they are like any other that an earlier sidecar started. Takes 5 s at most. Call
    before any endpoint is watched.
    """
    starting = records.starting()
    try:
        found = await processes_of(starting, clock, look)
    except TimeoutError:
        _log.warning(
            "an earlier run was killed while it started %s, and looking for what it left took "
            "more than %g s; if a model runs twice, end the older one by hand",
            ", ".join(starting),
            _WITHIN_S,
        )
        return
    for name in starting:
        record = found.get(name)
        if record is None:
            records.give_up(name)
            continue
        pid = record.identity.pid
        _log.info("%s: found its process (pid %d), started just before we", name, pid)
        await records.put(name, record)
