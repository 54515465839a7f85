"""One task per endpoint: takes facts from its mailbox, asks the healer, carries out the actions.

The monitor is the only writer of its endpoint's condition. Slow actions run beside the mailbox
loop and report back as facts; the recovery log is written in line, so that an incident is on disk
before the action that follows it.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from llama_runner_pro.core.errors import Refused, StartFailed
from llama_runner_pro.endpoints.states import RESTING, State
from llama_runner_pro.supervision import events as e
from llama_runner_pro.supervision.commands import refusal
from llama_runner_pro.supervision.condition import Condition, Policy
from llama_runner_pro.supervision.healer import decide
from llama_runner_pro.supervision.portrait import Repair

if TYPE_CHECKING:
    from collections.abc import Callable

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.endpoints.ports import EndpointView, Heartbeat
    from llama_runner_pro.endpoints.spec import EndpointSpec
    from llama_runner_pro.supervision.effects import Prober, ProcessHost, StepReport
    from llama_runner_pro.supervision.portrait import Portrait
    from llama_runner_pro.supervision.probes.result import ProbeResult
    from llama_runner_pro.supervision.recovery_log import RecoveryLog

_log = logging.getLogger(__name__)
_MAILBOX = 256
_PROGRESS_BYTES = 1_000_000
_QUIET_PURPOSES = frozenset({"startup"})


class Monitor:
    """Watches and heals one endpoint until its `run` is cancelled."""

    def __init__(
        self,
        spec: EndpointSpec,
        policy: Policy,
        *,
        host: ProcessHost,
        prober: Prober,
        recovery: RecoveryLog,
        clock: Clock,
        publish: Callable[[e.SupervisionEvent], None],
        roll: Callable[[], float],
        portrait: Portrait,
    ) -> None:
        self.spec = spec
        self.policy = policy
        self._host, self._prober, self._recovery = host, prober, recovery
        self._clock, self._publish, self._roll = clock, publish, roll
        self._portrait = portrait
        first = State.STOPPED if spec.enabled else State.DISABLED
        self._condition = Condition(first, clock.monotonic())
        self._mailbox: asyncio.Queue[e.Fact] = asyncio.Queue(_MAILBOX)
        self._process = asyncio.Lock()
        self._changed = asyncio.Event()
        self._timer: asyncio.Task[None] | None = None
        self._incident_id: str | None = None
        self.last_incident_id: str | None = None
        """The newest incident of this endpoint, open or closed."""
        self._progress = (0, 0)
        self._tasks: asyncio.TaskGroup

    @property
    def condition(self) -> Condition:
        """The present condition; for reading only."""
        return self._condition

    @property
    def spawned_pid(self) -> int | None:
        """Pid of the process, ours or proven ours; None when none is known."""
        return self._host.pid if self._condition.alive else None

    def view(self) -> EndpointView:
        """The endpoint as viewers see it."""
        return self._portrait.paint(
            self.spec, self.policy, self._condition, self.spawned_pid, self._running_repair()
        )

    def _running_repair(self) -> Repair | None:
        incident_id = self._incident_id
        if incident_id is None:
            return None
        return Repair(incident_id, self._recovery.running_step(incident_id))

    def refusal(self, command: e.CommandName) -> str | None:
        """Why `command` makes no sense now, or None."""
        return refusal(self.policy, self._condition, command)

    def tell(self, command: e.CommandName) -> None:
        """Put a command into the mailbox. Raises Refused when it makes no sense now."""
        why = self.refusal(command)
        if why is not None:
            raise Refused(f"{self.spec.name}: {why}")
        try:
            self._mailbox.put_nowait(e.Command(command))
        except asyncio.QueueFull as error:
            raise Refused(f"{self.spec.name} is busy; try again in a moment") from error

    async def taken(self) -> None:
        """Wait until every command told so far has been decided on."""
        while not self._mailbox.empty():
            self._changed.clear()
            await self._changed.wait()

    async def settled(self) -> Condition:
        """Wait until nothing is under way: it serves, or rests until somebody acts."""
        while not self._is_settled():
            self._changed.clear()
            await self._changed.wait()
        return self._condition

    async def at_rest(self) -> None:
        """Wait until no process of ours is left."""
        while self._condition.alive or self._condition.pending in ("spawn", "stop"):
            self._changed.clear()
            await self._changed.wait()

    def _is_settled(self) -> bool:
        c = self._condition
        busy = c.pending not in (None, "liveness") or not self._mailbox.empty()
        return not busy and (c.serving or c.state in RESTING)

    async def run(self) -> None:
        """Serve the mailbox until cancelled; whatever runs beside it ends with it."""
        async with asyncio.TaskGroup() as self._tasks:
            while True:
                fact = await self._mailbox.get()
                await self._handle(fact)

    async def _handle(self, fact: e.Fact) -> None:
        before = self._condition
        self._note(fact)
        decision = decide(self.policy, before, fact, self._clock.monotonic(), self._roll())
        self._condition = decision.condition
        self._log_move(before, decision.condition)
        if decision.condition != before or isinstance(fact, e.Probed):
            self._portrait.saw(decision.condition)
        for action in decision.actions:
            await self._perform(action)
        self._arm()
        if decision.condition != before:
            self._publish(e.EndpointChanged(self.view()))
        self._changed.set()

    def _note(self, fact: e.Fact) -> None:
        """Keep what viewers see of checks and deaths."""
        beat: Heartbeat | None = None
        if isinstance(fact, e.Probed) and fact.token == self._condition.token:
            if fact.purpose in _QUIET_PURPOSES and fact.verdict != "ok":
                return
            beat = self._portrait.checked(fact)
        elif isinstance(fact, e.Exited) and self._condition.serving:
            beat = self._portrait.died(fact)
        if beat is not None:
            self._publish(e.HeartbeatSeen(self.spec.name, beat))

    def _log_move(self, before: Condition, after: Condition) -> None:
        if before.state is after.state:
            return
        why = f" ({after.reason})" if after.reason else ""
        level = logging.WARNING if after.state in (State.FAILED, State.HEALING) else logging.INFO
        _log.log(level, "%s: %s → %s%s", self.spec.name, before.state, after.state, why)

    def _arm(self) -> None:
        """Have the loop woken at the time the healer asked for."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        wake = self._condition.wake_at_s
        if wake is not None:
            self._timer = self._tasks.create_task(self._wake(wake))

    async def _wake(self, at_s: float) -> None:
        await self._clock.sleep(at_s - self._clock.monotonic())
        await self._mailbox.put(e.Due())

    async def _perform(self, action: e.Action) -> None:
        match action:
            case e.Spawn():
                self._tasks.create_task(self._spawn(action))
            case e.StopProcess():
                self._tasks.create_task(self._stop(action))
            case e.Probe():
                self._tasks.create_task(self._probe(action))
            case e.OpenIncident():
                await self._open(action)
            case e.BeginStep() if self._incident_id:
                self._recovery.begin_step(self._incident_id, action.step, action.detail)
            case e.FailStep() if self._incident_id:
                self._recovery.end_step(self._incident_id, ok=False, detail=action.detail)
            case e.CloseIncident() if self._incident_id:
                self._recovery.close(self._incident_id, action.outcome, action.detail)
                self._incident_id = None

    async def _open(self, action: e.OpenIncident) -> None:
        detected_ms, began_s = self._clock.wall_ms(), self._clock.monotonic()
        evidence = await self._host.evidence(action.exited)
        self._incident_id = await self._recovery.open(
            self.spec.name,
            action.cause,
            action.summary,
            evidence,
            detected_ms=detected_ms,
            evidence_ms=round((self._clock.monotonic() - began_s) * 1000, 1),
        )
        self.last_incident_id = self._incident_id

    async def _spawn(self, order: e.Spawn) -> None:
        async with self._process:
            try:
                pid = await self._host.start(order.incarnation)
            except StartFailed as error:
                failed = e.SpawnFailed(order.token, error.reason, error.hint, error.final)
                await self._mailbox.put(failed)
                return
        self._progress = (0, 0)
        await self._mailbox.put(e.Spawned(order.token, pid))
        await self._mailbox.put(await self._host.wait())

    async def _stop(self, order: e.StopProcess) -> None:
        async with self._process:
            ended = await self._host.stop(self._report)
        await self._mailbox.put(e.StopEnded(order.token, ended.ok, ended.detail))

    def _report(self, report: StepReport) -> None:
        """Show the parts of a stop while they run."""
        if self._incident_id is None:
            return
        if report.ended:
            self._recovery.end_step(self._incident_id, ok=report.ok, detail=report.detail)
        else:
            self._recovery.begin_step(self._incident_id, report.step, report.detail)
        self._publish(e.EndpointChanged(self.view()))

    async def _probe(self, order: e.Probe) -> None:
        if order.purpose == "first":
            await self._try_adopt()
        result = await self._prober.check(order.purpose)
        moved = order.purpose == "startup" and result.verdict != "ok" and await self._moved()
        await self._mailbox.put(_probed(order, result, progress=moved))

    async def _moved(self) -> bool:
        """True when log or memory of a loading process changed since it was last asked."""
        now, before = await self._host.progress(), self._progress
        if now[0] == before[0] and abs(now[1] - before[1]) < _PROGRESS_BYTES:
            return False
        self._progress = now
        return True

    async def _try_adopt(self) -> None:
        if self._condition.alive:
            return
        incarnation = self._condition.incarnation + 1
        async with self._process:
            pid = await self._host.adopt(incarnation)
        if pid is None:
            return
        _log.info("%s: watching the process that runs already (pid %d)", self.spec.name, pid)
        await self._mailbox.put(e.Adopted(incarnation, pid))
        self._tasks.create_task(self._watch_adopted())

    async def _watch_adopted(self) -> None:
        await self._mailbox.put(await self._host.wait())


def _probed(order: e.Probe, result: ProbeResult, *, progress: bool) -> e.Probed:
    return e.Probed(
        order.token,
        order.purpose,
        result.verdict,
        result.reason,
        result.response_ms,
        progress,
    )
