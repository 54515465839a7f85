"""Healing several endpoints at once: started now, asked about later."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from llama_runner_pro.core.deadline import Deadline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.endpoints.states import State
    from llama_runner_pro.supervision.monitor import Monitor

_PATIENCE_S = 150.0


@dataclass(frozen=True, slots=True)
class HealOutcome:
    """What one heal did to one endpoint."""

    name: str
    before: str
    after: str
    healed: bool
    duration_ms: float
    detail: str
    incident_id: str | None = None


@dataclass
class Operation:
    """One request to heal. `results` fills up as endpoints settle."""

    id: str = field(default_factory=lambda: secrets.token_hex(6))
    results: list[HealOutcome] = field(default_factory=list)
    _done: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def finished(self) -> bool:
        """Every endpoint has settled, or patience ran out."""
        return self._done.is_set()

    async def wait(self) -> None:
        """Wait until finished. Cancelling leaves the operation running."""
        await self._done.wait()

    async def follow(self, healed: Sequence[tuple[Monitor, State]], clock: Clock) -> None:
        """Collect each endpoint's outcome beside its state before, for at most 150 s."""
        try:
            async with asyncio.TaskGroup() as group:
                for monitor, before in healed:
                    group.create_task(self._collect(monitor, before, clock))
        finally:
            self._done.set()

    async def _collect(self, monitor: Monitor, before: State, clock: Clock) -> None:
        began_s = clock.monotonic()
        with contextlib.suppress(TimeoutError):
            async with Deadline(clock, _PATIENCE_S):
                await monitor.settled()
        after = monitor.condition
        self.results.append(
            HealOutcome(
                name=monitor.spec.name,
                before=before.value,
                after=after.state.value,
                healed=after.serving,
                duration_ms=round((clock.monotonic() - began_s) * 1000, 1),
                detail="ready" if after.serving else after.reason or f"still {after.state}",
                incident_id=monitor.last_incident_id,
            )
        )
