"""Healing several endpoints at once: started now, asked about later."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from llama_runner_pro.core.deadline import Deadline
from llama_runner_pro.core.value_object import ValueObject
from llama_runner_pro.endpoints.states import State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.supervision.condition import Condition
    from llama_runner_pro.supervision.monitor import Monitor

_PATIENCE_S = 150.0


class HealOutcome(ValueObject, frozen=True):
    """What one heal did to one endpoint."""

    name: str
    before: str
    after: str
    healed: bool
    duration_ms: float
    detail: str
    incident_id: str | None = None


class Patient(ValueObject, frozen=True):
    """One endpoint that was told to heal, as it was before."""

    monitor: Monitor
    before: State
    past_incident_id: str | None
    """Its newest incident that was over already; one after that belongs to this heal."""

    @classmethod
    def of(cls, monitor: Monitor) -> Patient:
        """Call this before the endpoint is told to heal."""
        joined = monitor.open_incident_id is not None
        past = None if joined else monitor.last_incident_id
        return cls(monitor, monitor.condition.state, past)


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

    async def follow(self, patients: Sequence[Patient], clock: Clock) -> None:
        """Collect each endpoint's outcome beside its state before, for at most 150 s."""
        try:
            async with asyncio.TaskGroup() as group:
                for patient in patients:
                    group.create_task(self._collect(patient, clock))
        finally:
            self._done.set()

    async def _collect(self, patient: Patient, clock: Clock) -> None:
        began_s, monitor = clock.monotonic(), patient.monitor
        with contextlib.suppress(TimeoutError):
            async with Deadline(clock, _PATIENCE_S):
                await monitor.settled()
        after, newest_id = monitor.condition, monitor.last_incident_id
        incident_id = None if newest_id == patient.past_incident_id else newest_id
        self.results.append(
            HealOutcome(
                name=monitor.spec.name,
                before=patient.before.value,
                after=after.state.value,
                healed=after.serving,
                duration_ms=round((clock.monotonic() - began_s) * 1000, 1),
                detail=_detail(patient.before, after, repaired=incident_id is not None),
                incident_id=incident_id,
            )
        )


def _detail(before: State, after: Condition, *, repaired: bool) -> str:
    if after.state is State.ONLINE:
        well = before is State.ONLINE and not repaired
        return "nothing to repair: it is ready" if well else "ready"
    if after.serving:
        return f"ready, but {after.reason or 'not well'}"
    return after.reason or f"still {after.state}"
