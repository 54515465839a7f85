"""The slow part of a monitor's work: carries out one order, then reports back with a fact.

Errands run beside the mailbox loop. Whatever starts, finds or ends a process takes its turn, in
the order in which it was ordered, so that a stop always ends the start that was ordered before.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from llama_runner_pro.core.errors import StartFailed
from llama_runner_pro.supervision import events as e
from llama_runner_pro.supervision.effects import Effort
from llama_runner_pro.supervision.interruptions import Interruptions
from llama_runner_pro.supervision.port_taken import PortHeld
from llama_runner_pro.supervision.stall import Sample, activity

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.supervision.condition import Condition
    from llama_runner_pro.supervision.effects import Prober, ProcessHost, StepReport
    from llama_runner_pro.supervision.probes.result import Verdict

_log = logging.getLogger(__name__)
_PROGRESS_BYTES = 1_000_000


class Errands:
    """Carries out the orders of one endpoint. Cancelling any of them is safe."""

    def __init__(
        self,
        name: str,
        host: ProcessHost,
        prober: Prober,
        tell: Callable[[e.Fact], Awaitable[None]],
        clock: Clock,
    ) -> None:
        self._name, self._host, self._prober, self._tell = name, host, prober, tell
        self._clock = clock
        self._turn = asyncio.Lock()
        self._progress = (0, 0)
        self._sample: Sample | None = None
        self.interruptions = Interruptions(clock)

    @property
    def process_in_hand(self) -> bool:
        """A process is being started, looked for or stopped at this moment."""
        return self._turn.locked()

    async def spawn(self, order: e.Spawn, report: Callable[[StepReport], None]) -> None:
        """Start the process and tell; then stay until it ends, and tell that.

        `report` hears of each part of the start.
        """
        async with self._turn:
            try:
                pid = await self._host.start(order.incarnation, report, restarts=order.restarts)
            except StartFailed as error:
                proposal = error.proposal if isinstance(error, PortHeld) else None
                await self._tell(
                    e.SpawnFailed(order.token, error.reason, error.hint, error.final, proposal)
                )
                return
            self._progress, self._sample = (0, 0), None
            await self._tell(e.Spawned(order.token, pid))
        await self.watch_exit()

    async def watch_exit(self) -> None:
        """Tell when the present process has ended."""
        await self._tell(await self._host.wait())

    async def stop(self, order: e.StopProcess, report: Callable[[StepReport], None]) -> None:
        """Stop the process and tell how that went; `report` hears of each part."""
        async with self._turn:
            ended = await self._host.stop(report)
            await self._tell(e.StopEnded(order.token, ended.ok, ended.detail))

    async def adopt(self, known: Callable[[], Condition]) -> bool:
        """Look for a running process and tell of it. True when there is a new one to watch."""
        async with self._turn:
            if known().alive:
                return False
            incarnation, restarts = known().incarnation + 1, 0
            past = self._host.recall()
            if past is not None:
                incarnation, restarts = max(incarnation, past.incarnation), past.restarts
            pid = await self._host.adopt(incarnation)
            if pid is None:
                if past is not None and past.incarnation > known().incarnation:
                    await self._tell(e.Missed(past.incarnation, restarts))
                return False
            await self._tell(e.Adopted(incarnation, pid, restarts))
        _log.info("%s: watching the process that runs already (pid %d)", self._name, pid)
        return True

    async def check(self, order: e.Probe) -> None:
        """Run one check and tell its result."""
        result = await self._prober.check(order.purpose)
        moved = order.purpose == "startup" and result.verdict != "ok" and await self._moved()
        answer = e.Probed(
            order.token,
            order.purpose,
            result.verdict,
            result.reason,
            result.response_ms,
            progress=moved,
            activity=await self._activity(order.purpose, result.verdict),
            doubtful=self.interruptions.happened(),
        )
        await self._tell(answer)

    async def _activity(self, purpose: e.Purpose, verdict: Verdict) -> e.Activity:
        """What the requests in flight did since the check before; looks no deeper than needed."""
        if purpose not in ("liveness", "verify") or verdict in ("refused", "loading"):
            return "unknown"
        asked = verdict != "timeout" or purpose == "verify"
        slots = await self._prober.slots() if asked else None
        busy = slots is not None and slots.busy > 0
        effort = await self._host.effort() if busy or verdict == "timeout" else Effort()
        now = Sample(self._clock.monotonic(), slots, effort.cpu_s, effort.gpu_pct)
        before, self._sample = self._sample, now
        return activity(before, self._sample)

    async def _moved(self) -> bool:
        """True when log or memory of a loading process changed since it was last asked."""
        now, before = await self._host.progress(), self._progress
        if now[0] == before[0] and abs(now[1] - before[1]) < _PROGRESS_BYTES:
            return False
        self._progress = now
        return True
