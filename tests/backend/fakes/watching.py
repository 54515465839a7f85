"""A monitor with everything around it: time, process and checks belong to the test."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from fakes.clock import FakeClock, settle
from fakes.prober import FakeProber
from fakes.process_host import FakeProcessHost

from llama_runner_pro.endpoints.spec import EndpointSpec
from llama_runner_pro.supervision import events as e
from llama_runner_pro.supervision.condition import Policy
from llama_runner_pro.supervision.monitor import Monitor
from llama_runner_pro.supervision.portrait import Portrait
from llama_runner_pro.supervision.recovery_log import RecoveryLog

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from llama_runner_pro.endpoints.ports import EndpointView, Heartbeat, Incident
    from llama_runner_pro.endpoints.states import State

OURS = Policy(startable=True, jitter=0.0, final_exit_codes=frozenset({66}))
PATIENCE_S = 60.0


class Watching:
    """One endpoint under supervision. `views` are all that were published, oldest first."""

    def __init__(
        self,
        folder: Path,
        policy: Policy = OURS,
        *,
        name: str = "demo",
        enabled: bool = True,
        spec: EndpointSpec | None = None,
        clock: FakeClock | None = None,
        recovery: RecoveryLog | None = None,
    ) -> None:
        self.debug = False
        self.diagnosed: list[tuple[str, list[str]]] = []
        """Each incident that was looked into, with what the host had done until then."""
        self.clock = clock or FakeClock()
        self.host, self.prober = FakeProcessHost(), FakeProber()
        self.prober.by_purpose["first"] = "refused"
        self.log_path = folder / "ai_recovery.log"
        self.views: list[EndpointView] = []
        self.beats: list[Heartbeat] = []
        self.incidents: list[Incident] = []
        self.hear: Callable[[e.SupervisionEvent], None] = lambda _: None
        """Hears of everything that is published."""
        self._news = asyncio.Event()
        self.recovery = recovery or RecoveryLog(self.log_path, self.clock, self.incidents.append)
        self.monitor = Monitor(
            spec or EndpointSpec(name=name, port=8080, enabled=enabled),
            policy,
            host=self.host,
            prober=self.prober,
            recovery=self.recovery,
            clock=self.clock,
            publish=self._publish,
            roll=lambda: 0.5,
            portrait=Portrait(self.clock),
            debug=lambda: self.debug,
            diagnose=self._diagnose,
        )
        self._task: asyncio.Task[None] | None = None

    async def _diagnose(self, incident_id: str) -> None:
        self.diagnosed.append((incident_id, list(self.host.did)))

    def _publish(self, news: e.SupervisionEvent) -> None:
        if isinstance(news, e.EndpointChanged):
            self.views.append(news.view)
        elif isinstance(news, e.HeartbeatSeen):
            self.beats.append(news.heartbeat)
        self.hear(news)
        self._news.set()

    async def __aenter__(self) -> Watching:
        self._task = asyncio.create_task(self.monitor.run())
        await settle()
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.wait([self._task])
        self.recovery.shut()

    @property
    def state(self) -> State:
        """The present state."""
        return self.monitor.condition.state

    @property
    def states(self) -> list[str]:
        """The states that viewers saw, each stay once."""
        seen: list[str] = []
        for view in self.views:
            if not seen or seen[-1] != view.state:
                seen.append(view.state.value)
        return seen

    def tell(self, *commands: e.CommandName) -> None:
        """Press buttons."""
        for command in commands:
            self.monitor.tell(command)

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until something published made `condition` true; the disk takes its own time."""
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                self._news.clear()
                await self._news.wait()
        await settle()

    async def reached(self, state: State) -> None:
        """Wait until the endpoint is in `state` and nobody is left to wait for but time."""
        await self.until(lambda: self.views and self.views[-1].state is state)

    async def online(self) -> None:
        """Let it be started and become ready."""
        self.tell("watch")
        await self.pass_time(0.1)
        await self.until(lambda: self.monitor.condition.serving)
        assert self.host.running

    async def pass_time(self, seconds: float) -> None:
        """Let time pass."""
        await self.clock.advance(seconds)
