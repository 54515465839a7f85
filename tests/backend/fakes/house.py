"""Three endpoints under one supervisor."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from fakes.clock import FakeClock
from fakes.watching import OURS, Watching

from llama_runner_pro.core.errors import StartFailed
from llama_runner_pro.core.topic import Topic
from llama_runner_pro.endpoints.states import State
from llama_runner_pro.supervision.condition import Policy
from llama_runner_pro.supervision.recovery_log import RecoveryLog
from llama_runner_pro.supervision.supervisor import Supervisor
from llama_runner_pro.supervision.watched import Watched

if TYPE_CHECKING:
    from pathlib import Path

    from llama_runner_pro.endpoints.spec import EndpointSpec
    from llama_runner_pro.supervision.events import SupervisionEvent
    from llama_runner_pro.supervision.operations import Operation

FOREIGN = Policy(startable=False)


class House:
    """A supervisor over `a` and `b`, which it can start, and `theirs`, which it cannot.

    `more` of the latter sort follow.
    """

    def __init__(self, folder: Path, *, more: int = 0) -> None:
        self.clock = FakeClock()
        self.recovery = RecoveryLog(folder / "ai_recovery.log", self.clock, lambda incident: None)
        policies = {"a": OURS, "b": OURS, "theirs": FOREIGN}
        policies |= {f"theirs-{number}": FOREIGN for number in range(more)}
        self.rooms = {
            name: Watching(folder, policy, name=name, clock=self.clock, recovery=self.recovery)
            for name, policy in policies.items()
        }
        self.rooms["theirs"].prober.by_purpose["first"] = "ok"
        self.saved: list[tuple[dict[str, bool], bool]] = []
        self.accepted: list[tuple[str, dict[str, object]]] = []
        self.disk_full = False
        self.kept: set[str] = set()
        self.tended: list[str] = []
        self.all_tended = asyncio.Event()
        self.hurried: list[float] = []
        self.news: list[SupervisionEvent] = []
        topic: Topic[SupervisionEvent] = Topic()
        topic.listen(self.news.append)
        self.supervisor = Supervisor(
            {name: self._watched(name, room) for name, room in self.rooms.items()},
            make=lambda spec: self._furnish(folder, spec),
            recovery=self.recovery,
            clock=self.clock,
            topic=topic,
            remember=self._remember,
            document=lambda: {"endpoints": sorted(self.rooms)},
            apply_proposal=self._accept,
        )

    async def _accept(self, name: str, changes: dict[str, object]) -> None:
        self.accepted.append((name, changes))

    def _watched(self, name: str, room: Watching) -> Watched:
        loop = asyncio.get_running_loop()
        room.hear = lambda news: self.supervisor.topic.publish(news)
        return Watched(
            monitor=room.monitor,
            tend=lambda: self._tend(name, loop),
            stops_on_exit=lambda: name not in self.kept,
            hurry=self.hurried.append,
            adjust=lambda spec: room.monitor.adjust(spec, room.monitor.policy),
            ours=lambda: name != "theirs",
        )

    def _furnish(self, folder: Path, spec: EndpointSpec) -> Watched:
        """A room for an endpoint that comes later."""
        room = Watching(folder, name=spec.name, spec=spec, clock=self.clock, recovery=self.recovery)
        self.rooms[spec.name] = room
        return self._watched(spec.name, room)

    def _tend(self, name: str, loop: asyncio.AbstractEventLoop) -> None:
        self.tended.append(name)
        if len(self.tended) == len(self.rooms):
            loop.call_soon_threadsafe(self.all_tended.set)

    def _remember(self, enabled: dict[str, bool], debug: bool) -> None:
        if self.disk_full:
            raise OSError("no space left on device")
        self.saved.append((enabled, debug))

    async def all_online(self) -> None:
        """Let everything become ready."""
        await self.clock.advance(0.1)
        for room in self.rooms.values():
            await room.reached(State.ONLINE)

    async def healed(self, operation: Operation) -> dict[str, tuple[str, str, bool]]:
        """Name → state before, state after, healed; once the operation is over."""
        async with asyncio.timeout(60):
            await operation.wait()
        return {made.name: (made.before, made.after, made.healed) for made in operation.results}

    async def fail(self, name: str) -> None:
        """End an endpoint's process, and let no start of it work."""
        room = self.rooms[name]
        room.host.start_fails = [StartFailed("no such program", final=True) for _ in range(2)]
        room.host.die(code=1)
        await room.reached(State.FAILED)
