"""The incident of one endpoint: at most one is open, and it outlives the sidecar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.endpoints.states import RESTING, State
from llama_runner_pro.supervision.portrait import Repair

if TYPE_CHECKING:
    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.supervision.condition import Condition
    from llama_runner_pro.supervision.effects import ProcessHost, StepReport
    from llama_runner_pro.supervision.events import CloseIncident, OpenIncident
    from llama_runner_pro.supervision.recovery_log import RecoveryLog

_GOES_ON = "LlamaRunner Pro was started anew during this repair"


class Case:
    """Writes what the healer orders into the recovery log. Use from the monitor only."""

    def __init__(self, endpoint: str, host: ProcessHost, recovery: RecoveryLog, clock: Clock):
        self._endpoint, self._host = endpoint, host
        self._recovery, self._clock = recovery, clock
        self._inherited = recovery.inherit(endpoint)
        """What a sidecar that was killed left open, until it is known how that ended."""
        self.open_id: str | None = None
        """The incident of the repair that runs now."""
        self.last_id: str | None = None
        """The newest incident of this sidecar, open or closed."""

    def running_repair(self) -> Repair | None:
        """What viewers are told of the open incident."""
        if self.open_id is None:
            return None
        return Repair(self.open_id, self._recovery.running_step(self.open_id))

    async def open(self, action: OpenIncident) -> str:
        """Open an incident, or go on with the one that was left open; returns its id."""
        if self._inherited is not None:
            self.open_id, self._inherited = self._inherited, None
            self._recovery.begin_step(self.open_id, "detected", f"{_GOES_ON}: {action.summary}")
            self._recovery.end_step(self.open_id, ok=True)
        else:
            detected_ms, began_s = self._clock.wall_ms(), self._clock.monotonic()
            evidence = await self._host.evidence(action.exited)
            self.open_id = await self._recovery.open(
                self._endpoint,
                action.cause,
                action.summary,
                evidence,
                detected_ms=detected_ms,
                evidence_ms=round((self._clock.monotonic() - began_s) * 1000, 1),
            )
        self.last_id = self.open_id
        return self.open_id

    def begin_step(self, step: str, detail: str = "") -> None:
        """No effect without an open incident."""
        if self.open_id is not None:
            self._recovery.begin_step(self.open_id, step, detail)

    def end_step(self, *, ok: bool, detail: str) -> None:
        """No effect without an open incident."""
        if self.open_id is not None:
            self._recovery.end_step(self.open_id, ok=ok, detail=detail)

    def report(self, report: StepReport) -> bool:
        """Write down a part of a stop or a start; False when it belongs to no incident."""
        if report.ended:
            self.end_step(ok=report.ok, detail=report.detail)
        else:
            self.begin_step(report.step, report.detail)
        return self.open_id is not None

    def close(self, action: CloseIncident) -> None:
        """No effect without an open incident."""
        if self.open_id is not None:
            self._recovery.close(self.open_id, action.outcome, action.detail)
            self.open_id = None

    def settle(self, c: Condition) -> None:
        """Close what was left open once it is known how it ended without a repair of ours."""
        if self._inherited is None or c.incident or c.pending is not None:
            return
        if c.serving:
            self._recovery.close(self._inherited, "healed", f"answers again; {_GOES_ON}")
        elif c.state is State.DISABLED or (c.watching and c.state in RESTING):
            why = c.reason or "nobody watches it any more"
            self._recovery.close(self._inherited, "failed", f"{why}; {_GOES_ON}")
        else:
            return
        self._inherited = None
