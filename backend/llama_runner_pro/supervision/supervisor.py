"""The set of monitors, and everything that concerns more than one endpoint."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING

from llama_runner_pro.core.errors import Refused, UnknownEndpoint
from llama_runner_pro.core.saving import Saving
from llama_runner_pro.core.tasks import guarded
from llama_runner_pro.endpoints.states import State
from llama_runner_pro.supervision.acceptance import changes_of
from llama_runner_pro.supervision.dependencies import Dependencies
from llama_runner_pro.supervision.ending import end_all
from llama_runner_pro.supervision.events import MonitoringChanged, SupervisionEvent
from llama_runner_pro.supervision.lineup import Lineup
from llama_runner_pro.supervision.on_demand import OnDemand
from llama_runner_pro.supervision.operations import HealOutcome, Operation, Patient
from llama_runner_pro.supervision.target_list import TargetList

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.core.topic import Topic
    from llama_runner_pro.endpoints.ports import EndpointView, Incident, MetricTarget
    from llama_runner_pro.endpoints.spec import EndpointSpec
    from llama_runner_pro.supervision.acceptance import ApplyProposal
    from llama_runner_pro.supervision.events import CommandName
    from llama_runner_pro.supervision.monitor import Monitor
    from llama_runner_pro.supervision.recovery_log import RecoveryLog
    from llama_runner_pro.supervision.watched import Watched


_log = logging.getLogger(__name__)
_TEND_EVERY_S = 2.0
_OPERATIONS_KEPT = 100
_UNHEALTHY = frozenset({State.DEGRADED, State.OFFLINE, State.FAILED, State.BACKOFF, State.HEALING})
"""A heal that runs already is joined."""


class Supervisor:
    """Watches every configured endpoint. Use from the event loop only."""

    def __init__(
        self,
        watched: Mapping[str, Watched],
        *,
        make: Callable[[EndpointSpec], Watched],
        recovery: RecoveryLog,
        clock: Clock,
        topic: Topic[SupervisionEvent],
        monitoring_active: bool = True,
        debug_mode: bool = False,
        remember: Callable[[dict[str, bool], bool], None],
        document: Callable[[], dict[str, object]],
        apply_proposal: ApplyProposal | None = None,
    ) -> None:
        """`apply_proposal` changes keys of an endpoint's entry in the configuration file."""
        self.topic = topic
        self.monitoring_active = monitoring_active
        self.debug_mode = debug_mode
        self._watched = dict(watched)
        self._lineup = Lineup(self._watched, make, clock, topic.publish)
        self._recovery, self._clock = recovery, clock
        self._remember, self._document = remember, document
        self._apply_proposal = apply_proposal
        self.on_demand = OnDemand(self._watched)
        self._dependencies = Dependencies(self._watched)
        topic.listen(self._dependencies.heard)
        self._targets = TargetList(self._watched, clock, topic)
        self._operations: dict[str, Operation] = {}
        self._choices = Saving(
            clock,
            lost="what was switched on or off will not survive a restart: %s",
            kept_again="what was switched on or off is kept for the next start again",
        )
        self._tasks: asyncio.TaskGroup | None = None

    # --- reading ---------------------------------------------------------------------------------

    def views(self) -> list[EndpointView]:
        """Every endpoint, in the order of the configuration."""
        return [watched.monitor.view() for watched in self._watched.values()]

    def view(self, name: str) -> EndpointView:
        """One endpoint. Raises UnknownEndpoint."""
        return self._monitor(name).view()

    def targets(self) -> Sequence[MetricTarget]:
        """What the metric collectors need to know of each endpoint."""
        return self._targets.now()

    def incidents(self, limit: int = 50, endpoint: str | None = None) -> list[Incident]:
        """The newest incidents first."""
        return self._recovery.recent(limit, endpoint)

    def incident(self, incident_id: str) -> Incident | None:
        """One incident, if it is still remembered."""
        return self._recovery.get(incident_id)

    def operation(self, operation_id: str) -> Operation | None:
        """A heal that was asked for; the last 100 are remembered."""
        return self._operations.get(operation_id)

    @property
    def last_check_ms(self) -> int | None:
        """When any endpoint was last checked."""
        checks = [view.last_check_ms for view in self.views() if view.last_check_ms is not None]
        return max(checks, default=None)

    def config_document(self) -> dict[str, object]:
        """The running configuration, secrets redacted."""
        return self._document()

    # --- commands --------------------------------------------------------------------------------

    async def start_monitoring(self) -> bool:
        """Watch and heal from now on. False when that was so already."""
        return self._set_monitoring(active=True)

    async def stop_monitoring(self) -> bool:
        """Watch and heal no more; models keep running. False when that was so already."""
        return self._set_monitoring(active=False)

    def _set_monitoring(self, *, active: bool) -> bool:
        if self.monitoring_active == active:
            return False
        for watched in self._watched.values():
            watched.monitor.tell("watch" if active else "unwatch")
        self.monitoring_active = active
        _log.info("monitoring switched %s", "on" if active else "off")
        self.topic.publish(MonitoringChanged(active, self.debug_mode))
        return True

    async def set_debug(self, enabled: bool) -> None:
        """Switch debug mode; survives a restart, unless `unkept` says why not."""
        if enabled == self.debug_mode:
            return
        self.debug_mode = enabled
        await self._save_choices()
        _log.info("debug mode switched %s", "on" if enabled else "off")
        self.topic.publish(MonitoringChanged(self.monitoring_active, enabled))

    async def enable(self, name: str) -> EndpointView:
        """Watch this endpoint again. Raises UnknownEndpoint, Refused.

        Survives a restart, as `disable` does, unless `unkept` says why not.
        """
        view = await self._command(name, "enable")
        await self._save_choices()
        return view

    async def disable(self, name: str) -> EndpointView:
        """Watch this endpoint no more; its process keeps running. Survives a restart."""
        view = await self._command(name, "disable")
        await self._save_choices()
        return view

    async def start(self, name: str) -> EndpointView:
        """Start its process, unless it runs already. Raises UnknownEndpoint, Refused."""
        return await self._command(name, "start")

    async def stop(self, name: str) -> EndpointView:
        """Stop its process and leave it stopped. Raises UnknownEndpoint, Refused."""
        return await self._command(name, "stop")

    async def restart(self, name: str) -> EndpointView:
        """Stop and start its process. Raises UnknownEndpoint, Refused."""
        return await self._command(name, "restart")

    async def accept_proposal(self, name: str) -> EndpointView:
        """Change the configuration as the endpoint's card proposes; it is started by that.

        Raises UnknownEndpoint, Refused, and whatever saving a configuration raises.
        """
        monitor = self._monitor(name)
        proposal = monitor.condition.proposal
        if proposal is None or self._apply_proposal is None:
            raise Refused(f"{name}: there is nothing proposed")
        await self._apply_proposal(name, changes_of(monitor.spec, proposal))
        return self.view(name)

    def completed(self, name: str, *, ok: bool) -> None:
        """A request of a real client to that endpoint ended; unknown names are ignored."""
        if name in self._watched:
            self._watched[name].monitor.completed(ok=ok)

    async def _command(self, name: str, command: CommandName) -> EndpointView:
        monitor = self._monitor(name)
        monitor.tell(command)
        await monitor.taken()
        return monitor.view()

    def heal(self, name: str | None, *, emergency: bool) -> Operation:
        """Repair what is unhealthy, or one endpoint; the operation tells how it went.

        `emergency` ignores backoff and budget and skips the second look. Raises UnknownEndpoint,
        and Refused when one named endpoint cannot be healed.
        """
        command: CommandName = "heal_now" if emergency else "heal"
        tasks, operation = self._running, Operation()
        patients: list[Patient] = []
        for monitor in [self._monitor(name)] if name is not None else self._unhealthy():
            patient = Patient.of(monitor)
            try:
                monitor.tell(command)
            except Refused as error:
                if name is not None:
                    raise
                operation.results.append(_not_healed(monitor, error.reason))
            else:
                patients.append(patient)
        self._operations[operation.id] = operation
        while len(self._operations) > _OPERATIONS_KEPT:
            self._operations.pop(next(iter(self._operations)))
        tasks.create_task(operation.follow(patients, self._clock))
        return operation

    def _unhealthy(self) -> list[Monitor]:
        monitors = (watched.monitor for watched in self._watched.values())
        return [monitor for monitor in monitors if monitor.condition.state in _UNHEALTHY]

    def _monitor(self, name: str) -> Monitor:
        watched = self._watched.get(name)
        if watched is None:
            raise UnknownEndpoint(name, list(self._watched))
        return watched.monitor

    @property
    def unkept(self) -> str | None:
        """Why what was switched would not survive a restart now; None: it would."""
        return self._choices.refused

    async def _save_choices(self) -> None:
        await self._choices.save(self._chosen)

    def _chosen(self) -> Callable[[], None]:
        enabled = {view.name: view.enabled for view in self.views()}
        return partial(self._remember, enabled, self.debug_mode)

    # --- life ------------------------------------------------------------------------------------

    @property
    def _running(self) -> asyncio.TaskGroup:
        if self._tasks is None:
            raise RuntimeError("the supervisor does not run yet")
        return self._tasks

    async def run(self) -> None:
        """Watch until cancelled. Call `shutdown` before cancelling to end the models too."""
        async with asyncio.TaskGroup() as self._tasks:
            self._dependencies.rearrange()
            self._lineup.begin(self._tasks, active=lambda: self.monitoring_active)
            self._tasks.create_task(guarded("log rotation", self._tend, self._clock))
            self._tasks.create_task(self._choices.keep_saved(self._chosen))

    async def reshape(self, specs: Sequence[EndpointSpec], switched: Collection[str]) -> None:
        """Watch exactly these endpoints from now on; those of `switched` as their spec says.

        Raises ApplyFailed when a process could not be stopped; then all is as it was.
        """
        await self._lineup.reshape(specs, switched, active=lambda: self.monitoring_active)
        self._dependencies.rearrange()
        await self._save_choices()

    async def _tend(self) -> None:
        while True:
            await self._clock.sleep(_TEND_EVERY_S)
            for watched in list(self._watched.values()):
                await asyncio.to_thread(watched.tend)

    async def shutdown(self, deadline_s: float, *, keep: bool = False) -> None:
        """Stop the processes that end with the sidecar, unless `keep`; at most `deadline_s`.

        What others depend on ends after them, all else in parallel.
        What we neither started nor found to be ours is left alone, stop command or not.
        """
        self._set_monitoring(active=False)
        if not keep:
            await end_all(self._watched, self._clock, deadline_s)


def _not_healed(monitor: Monitor, why: str) -> HealOutcome:
    state = monitor.condition.state.value
    return HealOutcome(monitor.spec.name, state, state, False, 0.0, why, None)
