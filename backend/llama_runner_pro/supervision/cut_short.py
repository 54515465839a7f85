"""Starts that an earlier sidecar was killed in the middle of."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from llama_runner_pro.core.deadline import Deadline
from llama_runner_pro.core.own_thread import in_own_thread
from llama_runner_pro.supervision.process.lineage import roots
from llama_runner_pro.supervision.process.state_file import became

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.supervision.process.identity import Identity
    from llama_runner_pro.supervision.records import Records

_WITHIN_S = 5.0

_log = logging.getLogger(__name__)


async def record_cut_starts(
    records: Records,
    clock: Clock,
    look: Callable[[Collection[str]], dict[str, Identity]] = roots,
) -> None:
    """Record the processes of starts that were noted and never got as far as being recorded.

    What carries the nonce of such a start is its process: the nonce was drawn for that start
    alone, lay in a file that only we can read, and the environment of strangers is hidden from us
    by the system. From then on it is like any other that an earlier sidecar started. Looks at
    all processes once, for 5 s at most, and only if there is such a start. Call before any
    endpoint is watched.
    """
    starting = records.starting()
    if not starting:
        return
    nonces = {start.nonce for start in starting.values()}
    try:
        async with Deadline(clock, _WITHIN_S):
            found = await in_own_thread("cut-short", lambda: look(nonces))
    except TimeoutError:
        _log.warning(
            "an earlier run was killed while it started %s, and looking for what it left took "
            "more than %g s; if a model runs twice, end the older one by hand",
            ", ".join(starting),
            _WITHIN_S,
        )
        return
    for name, start in starting.items():
        identity = found.get(start.nonce)
        if identity is None:
            records.give_up(name)
            continue
        _log.info("%s: found its process (pid %d), started just before we", name, identity.pid)
        await records.put(name, became(start, identity))
