"""Which endpoints are watched, and how that changes while the sidecar runs.

A change is carried out against what is watched, not against an older configuration: doing it
again, or going back, needs no memory of how far it got.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Literal

from msgspec.structs import replace

from llama_runner_pro.config.diff import change_of
from llama_runner_pro.config.refusals import ApplyFailed
from llama_runner_pro.core.deadline import Deadline
from llama_runner_pro.core.errors import Refused
from llama_runner_pro.core.tasks import guarded
from llama_runner_pro.endpoints.states import State
from llama_runner_pro.supervision.dependencies import waited_for
from llama_runner_pro.supervision.events import EndpointRemoved
from llama_runner_pro.supervision.pace import CHECKS_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.endpoints.spec import EndpointSpec
    from llama_runner_pro.supervision.events import SupervisionEvent
    from llama_runner_pro.supervision.monitor import Monitor
    from llama_runner_pro.supervision.supervisor import Watched

_MORE_THAN_GRACE_S = 10.0
"""What a forced stop may take after the polite one."""


class Lineup:
    """Keeps `watched` in the order of the configuration. Use from the event loop only."""

    def __init__(
        self,
        watched: dict[str, Watched],
        make: Callable[[EndpointSpec], Watched],
        clock: Clock,
        publish: Callable[[SupervisionEvent], None],
    ) -> None:
        self._watched, self._make = watched, make
        self._clock, self._publish = clock, publish
        self._tasks: asyncio.TaskGroup | None = None
        self._watching: dict[str, asyncio.Task[None]] = {}

    def begin(self, tasks: asyncio.TaskGroup, *, active: Callable[[], bool]) -> None:
        """Run every monitor in `tasks`, watching when `active`; very many begin bit by bit."""
        self._tasks = tasks
        names = list(self._watched)
        for at, name in enumerate(names):
            self._run(name, active=active() and at < CHECKS_PER_S)
        if len(names) > CHECKS_PER_S:
            tasks.create_task(self._watch_later(names[CHECKS_PER_S:], active))

    async def _watch_later(self, names: list[str], active: Callable[[], bool]) -> None:
        while names:
            await self._clock.sleep(1.0)
            now, names = names[:CHECKS_PER_S], names[CHECKS_PER_S:]
            for name in now:
                if active() and name in self._watched:
                    self._tell(name, "watch")

    async def reshape(
        self,
        specs: Sequence[EndpointSpec],
        switched: Collection[str],
        *,
        active: Callable[[], bool],
    ) -> None:
        """Watch exactly `specs`; those of `switched` are on or off as they say, others stay so.

        Endpoints that are gone or need another process are stopped first, together; one that is
        to be kept on exit, or was never ours, is left running when it goes. Raises ApplyFailed
        when one does not end; what was stopped for it is started again.
        """
        wanted = {spec.name: self._as_switched(spec, switched) for spec in specs}
        gone = [name for name in self._watched if name not in wanted]
        replaced = [
            name for name in self._watched if name in wanted and self._differs(wanted[name])
        ]
        was_wanted = {name: self._monitor(name).condition.wanted for name in replaced}
        await self._end_all(gone, replaced)
        for name in (*gone, *replaced):
            await self._forget(name)
        for name in gone:
            self._publish(EndpointRemoved(name))
        added = [name for name in wanted if name not in self._watched]
        for name in added:
            self._watched[name] = self._make(wanted[name])
        self._sort(list(wanted))
        for name in added:
            if not was_wanted.get(name, True):
                # Stopped on request: a change of its settings must not start it.
                self._tell(name, "stop")
            self._run(name, active=active())
        for name in wanted.keys() - set(added):
            self._watched[name].adjust(wanted[name])
            if name in switched:
                self._tell(name, "enable" if wanted[name].enabled else "disable")
                await self._monitor(name).taken()

    def _as_switched(self, spec: EndpointSpec, switched: Collection[str]) -> EndpointSpec:
        """What was switched at run time stays so, unless the file was changed in just that."""
        if spec.name in switched or spec.name not in self._watched:
            return spec
        return replace(spec, enabled=self._monitor(spec.name).condition.enabled)

    def _differs(self, spec: EndpointSpec | None) -> bool:
        return spec is not None and change_of(self._monitor(spec.name).spec, spec) == "replaced"

    def _sort(self, order: list[str]) -> None:
        sorted_ = {name: self._watched[name] for name in order}
        self._watched.clear()
        self._watched.update(sorted_)

    def _run(self, name: str, *, active: bool) -> None:
        if self._tasks is None:
            raise RuntimeError("the supervisor does not run yet")
        monitor = self._monitor(name)
        monitor.wait_for(waited_for(monitor.spec, self._state_of))
        body = guarded(f"watching {name}", monitor.run, self._clock)
        self._watching[name] = self._tasks.create_task(body)
        if active:
            monitor.tell("watch")

    def _state_of(self, name: str) -> State | None:
        return self._monitor(name).condition.state if name in self._watched else None

    # --- ending ----------------------------------------------------------------------------------

    async def _end_all(self, gone: list[str], replaced: list[str]) -> None:
        """Let no process of these run that ends with its endpoint."""
        before = {name: self._monitor(name).condition for name in (*gone, *replaced)}
        try:
            async with asyncio.TaskGroup() as group:
                for name in gone:
                    group.create_task(
                        self._end(name, leave=not self._watched[name].stops_on_exit())
                    )
                for name in replaced:
                    group.create_task(self._end(name, leave=False))
        except* ApplyFailed as failed:
            for name, condition in before.items():
                if condition.enabled and condition.wanted:
                    self._tell(name, "enable")
                    self._tell(name, "start")
            raise failed.exceptions[0] from None

    async def _end(self, name: str, *, leave: bool) -> None:
        monitor = self._monitor(name)
        # A process that we did not start is no longer looked after, but not ended either.
        foreign = monitor.refusal("stop") is not None or not monitor.has_work_in_hand
        self._tell(name, "disable" if leave or foreign else "stop")
        limit_s = monitor.spec.stop.grace_s + _MORE_THAN_GRACE_S
        try:
            async with Deadline(self._clock, limit_s):
                await monitor.taken()
                await monitor.settled()
        except TimeoutError:
            raise ApplyFailed(f"stopping {name}", f"it did not end within {limit_s:g} s") from None
        condition = monitor.condition
        if condition.state is State.FAILED and condition.alive and not leave:
            raise ApplyFailed(f"stopping {name}", condition.reason or "its process did not end")

    async def _forget(self, name: str) -> None:
        task = self._watching.pop(name)
        task.cancel()
        await asyncio.wait([task])
        del self._watched[name]

    def _tell(
        self, name: str, command: Literal["watch", "enable", "disable", "start", "stop"]
    ) -> None:
        try:
            self._monitor(name).tell(command)
        except Refused:
            # It is there already.
            return

    def _monitor(self, name: str) -> Monitor:
        return self._watched[name].monitor
