"""One task per endpoint: takes facts from its mailbox, asks the healer, carries out the actions.

The monitor is the only writer of its endpoint's condition. Slow actions run beside the mailbox
loop and report back as facts; the recovery log is written in line, so that an incident is on disk
before the action that follows it.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from llama_runner_pro.core.errors import Refused
from llama_runner_pro.endpoints.states import RESTING, State
from llama_runner_pro.supervision import events as e
from llama_runner_pro.supervision.case import Case
from llama_runner_pro.supervision.commands import refusal
from llama_runner_pro.supervision.condition import Condition, Decision, Policy
from llama_runner_pro.supervision.errands import Errands
from llama_runner_pro.supervision.healer import decide
from llama_runner_pro.supervision.portrait import without_heartbeats
from llama_runner_pro.supervision.resume import resumed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.endpoints.ports import EndpointView, Heartbeat
    from llama_runner_pro.endpoints.spec import EndpointSpec
    from llama_runner_pro.supervision.effects import Prober, ProcessHost, StepReport
    from llama_runner_pro.supervision.portrait import Portrait
    from llama_runner_pro.supervision.recovery_log import RecoveryLog

_log = logging.getLogger(__name__)
_MAILBOX = 256
_COMPLETIONS_IN_A_ROW = 3
_QUIET_PURPOSES = frozenset({"first", "startup"})
"""A start looks many times at what is not there yet; that is no heartbeat missed."""


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
        debug: Callable[[], bool] = lambda: False,
        diagnose: Callable[[str], Awaitable[None]] | None = None,
    ) -> None:
        """While `debug` holds, `diagnose` is awaited with each incident before its repair."""
        self.spec, self._policy = spec, policy
        self._debug, self._diagnose = debug, diagnose
        self._host, self._case = host, Case(spec.name, host, recovery, clock)
        self._clock, self._publish, self._roll = clock, publish, roll
        self._portrait = portrait
        first = State.STOPPED if spec.enabled else State.DISABLED
        self._condition = Condition(first, clock.monotonic())
        self._mailbox: asyncio.Queue[e.Fact] = asyncio.Queue(_MAILBOX)
        self._errands = Errands(spec.name, host, prober, self._mailbox.put, clock)
        self._completions_failed = 0
        self._waits_for: str | None = None
        self._changed = asyncio.Event()
        self._timer: asyncio.Task[None] | None = None
        self._shown: EndpointView | None = None
        self._tasks: asyncio.TaskGroup

    @property
    def open_incident_id(self) -> str | None:
        """The incident of the repair that runs now."""
        return self._case.open_id

    @property
    def last_incident_id(self) -> str | None:
        """The newest incident of this endpoint, open or closed."""
        return self._case.last_id

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
            self.spec, self.policy, self._condition, self.spawned_pid, self._case.running_repair()
        )

    @property
    def policy(self) -> Policy:
        """What decisions rest on now."""
        return self._policy.patient() if self._debug() else self._policy

    def adjust(self, spec: EndpointSpec, policy: Policy) -> None:
        """Go by these from now on; what is under way is carried through as it was begun."""
        self.spec, self._policy = spec, policy
        self._show()

    def refusal(self, command: e.CommandName) -> str | None:
        """Why `command` makes no sense now, or None."""
        return refusal(self.policy, self._condition, command)

    def tell(self, command: e.CommandName) -> None:
        """Put a command into the mailbox. Raises Refused when it makes no sense now."""
        why = self.refusal(command)
        if why is not None:
            raise Refused(f"{self.spec.name}: {why}")
        if not self._offer(e.Command(command)):
            raise Refused(f"{self.spec.name} is busy; try again in a moment")

    def completed(self, *, ok: bool) -> None:
        """A request of a real client ended; three failures in a row call for a closer look."""
        self._completions_failed = 0 if ok else self._completions_failed + 1
        if self._completions_failed == _COMPLETIONS_IN_A_ROW:
            self._completions_failed = 0
            self._offer(e.CompletionsFailed(_COMPLETIONS_IN_A_ROW))

    def wait_for(self, parent: str | None) -> None:
        """Repair nothing while the endpoint of that name is down; None: go on."""
        if parent != self._waits_for and self._offer(e.ParentChanged(parent)):
            self._waits_for = parent

    def _offer(self, fact: e.Fact) -> bool:
        """Put a fact into the mailbox; False when it is full."""
        try:
            self._mailbox.put_nowait(fact)
        except asyncio.QueueFull:
            return False
        return True

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
        """Wait until no process of ours is left, nor any on its way. For after a stop."""
        while self.has_work_in_hand or not self._mailbox.empty():
            self._changed.clear()
            await self._changed.wait()

    @property
    def has_work_in_hand(self) -> bool:
        """A process of ours exists, or may come to exist without anybody asking again."""
        c = self._condition
        coming = c.pending not in (None, "liveness") or c.state is State.BACKOFF
        return c.alive or coming or self._errands.process_in_hand

    def _is_settled(self) -> bool:
        c = self._condition
        busy = c.pending not in (None, "liveness") or not self._mailbox.empty()
        return not busy and (c.serving or c.state in RESTING)

    async def run(self) -> None:
        """Serve the mailbox until cancelled; whatever runs beside it ends with it.

        May be run again after an error ended it: the process is watched on, and what was under
        way is settled.
        """
        async with asyncio.TaskGroup() as self._tasks:
            if self._condition.alive:
                self._tasks.create_task(self._errands.watch_exit())
            await self._carry_out(resumed(self.policy, self._condition, self._clock.monotonic()))
            while True:
                await self._handle(await self._mailbox.get())

    async def _handle(self, fact: e.Fact) -> None:
        before = self._condition
        decision = decide(self.policy, before, fact, self._clock.monotonic(), self._roll())
        self._portrait.saw(decision.condition)
        self._note(fact, before)
        await self._carry_out(decision)

    async def _carry_out(self, decision: Decision) -> None:
        before, self._condition = self._condition, decision.condition
        self._log_move(before, decision.condition)
        for action in decision.actions:
            await self._perform(action)
        self._case.settle(decision.condition)
        self._arm()
        self._show()
        self._changed.set()

    def _show(self) -> None:
        """Publish the view if it differs by more than what a heartbeat told already."""
        view = self.view()
        lasting = without_heartbeats(view)
        if lasting != self._shown:
            self._shown = lasting
            self._publish(e.EndpointChanged(view))

    def _note(self, fact: e.Fact, before: Condition) -> None:
        """Keep what viewers see of checks and deaths."""
        beat: Heartbeat | None = None
        if isinstance(fact, e.Probed) and fact.token == before.token:
            if fact.verdict != "ok" and (fact.doubtful or fact.purpose in _QUIET_PURPOSES):
                return
            beat = self._portrait.checked(fact)
        elif isinstance(fact, e.Exited) and fact.incarnation == before.incarnation:
            if not before.serving or not before.alive:
                return
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
        self._errands.interruptions.woke(at_s)
        await self._mailbox.put(e.Due())

    async def _perform(self, action: e.Action) -> None:
        match action:
            case e.Spawn():
                self._tasks.create_task(self._errands.spawn(action, self._report))
            case e.StopProcess():
                self._tasks.create_task(self._errands.stop(action, self._report))
            case e.Probe():
                self._tasks.create_task(self._probe(action))
            case e.OpenIncident():
                await self._open(action)
            case e.BeginStep():
                self._case.begin_step(action.step, action.detail)
            case e.FailStep():
                self._case.end_step(ok=False, detail=action.detail)
            case e.CloseIncident():
                self._case.close(action)

    async def _open(self, action: e.OpenIncident) -> None:
        incident_id = await self._case.open(action)
        if self._diagnose is not None and self._debug():
            await self._diagnose(incident_id)

    def _report(self, report: StepReport) -> None:
        """Show the parts of a stop or a start while they run."""
        if self._case.report(report):
            self._show()

    async def _probe(self, order: e.Probe) -> None:
        if order.purpose == "first":
            found = await self._errands.adopt(lambda: self._condition)
            self._changed.set()
            if found:
                self._tasks.create_task(self._errands.watch_exit())
        await self._errands.check(order)
