"""Serves the built page with made-up but plausible data, to look at screens without any model.

    .venv/bin/python tests/tools/demo_feed.py [--port 8586] [--gpu] [--empty] [--page DIR]
                                              [--fleet N] [--no-history]

The API is the real one; only the supervisor and the sampler are made up. Every 40 s the endpoint
`demo` dies and is healed, with all steps. Not part of the product.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
import time
from pathlib import Path

# Its made-up parts are those of the tests, which are no package of this program.
sys.path.insert(0, str(Path(__file__).parents[1] / "backend"))

import demo_scene as scene
import uvicorn
from demo_past import DemoFleet, DemoPast
from fakes.alerts import FakeAlerts
from fakes.configured import TOKEN, Configured
from fakes.discovery import FakeDiscovery
from fakes.supervisor import FakeSupervisor
from msgspec.structs import replace

from llama_runner_pro.api.app import ApiDeps, create_app
from llama_runner_pro.api.auth import Gate
from llama_runner_pro.api.log_reader import LogReader
from llama_runner_pro.api.server import server_config
from llama_runner_pro.api.told import Teller
from llama_runner_pro.core.clock import SystemClock
from llama_runner_pro.core.leaving import Leaving
from llama_runner_pro.core.topic import Topic
from llama_runner_pro.endpoints.ports import EndpointView, Heartbeat
from llama_runner_pro.endpoints.states import State
from llama_runner_pro.metrics.catalogue import Catalogue
from llama_runner_pro.metrics.fleets import OwnFleet
from llama_runner_pro.metrics.history import RecentHistory
from llama_runner_pro.metrics.model import Snapshot
from llama_runner_pro.metrics.otlp.push import OtlpStatus
from llama_runner_pro.supervision.diagnostics.store import BundleStore
from llama_runner_pro.supervision.events import (
    EndpointChanged,
    HeartbeatSeen,
    IncidentChanged,
    MonitoringChanged,
)

PAGE = Path(__file__).resolve().parents[2] / "frontend" / "dist"
DIES_EVERY_S = 40
SETTLES_AFTER_S = 1.5


class DemoSupervisor(FakeSupervisor):
    """Endpoints whose states move by themselves."""

    def put(self, name: str, **changes: object) -> None:
        """Change an endpoint and tell everybody."""
        self.by_name[name] = replace(self.view(name), **changes)
        self.topic.publish(EndpointChanged(self.by_name[name]))

    async def start_monitoring(self) -> bool:
        changed = await super().start_monitoring()
        self.topic.publish(MonitoringChanged(self.monitoring_active, self.debug_mode))
        return changed

    async def stop_monitoring(self) -> bool:
        changed = await super().stop_monitoring()
        self.topic.publish(MonitoringChanged(self.monitoring_active, self.debug_mode))
        return changed

    def _command(self, verb: str, name: str, state: State, **more: bool) -> EndpointView:
        before = self.view(name)
        super()._command(verb, name, state, **more)
        ends = State.ONLINE if state is State.STARTING else state
        life = before.incarnation + (ends is State.ONLINE)
        actions = {State.STOPPED: ("start", "disable"), State.DISABLED: ("enable",)}
        now = scene.now_ms()
        self.put(name, state=state, since_ms=now, reason=None, hint=None)
        asyncio.get_running_loop().call_later(
            SETTLES_AFTER_S,
            lambda: self.put(
                name,
                state=ends,
                since_ms=scene.now_ms(),
                incarnation=life,
                actions=actions.get(ends, ("stop", "restart", "heal", "disable")),
            ),
        )
        return self.view(name)

    async def live(self) -> None:
        """Checks every 5 s; a death of `demo` every 40 s."""
        for second in range(1, sys.maxsize):
            await asyncio.sleep(1)
            if second % 5 == 0:
                self.check()
            if second % DIES_EVERY_S == 0:
                await self.die(second)

    def check(self) -> None:
        """One heartbeat for each endpoint that serves."""
        for view in self.views():
            if view.state not in {State.ONLINE, State.DEGRADED}:
                continue
            took_ms = round(random.uniform(2, 9), 1)
            beat = Heartbeat(t_ms=scene.now_ms(), ok=True, state=view.state, response_ms=took_ms)
            beats = (*view.heartbeats, beat)[-60:]
            self.by_name[view.name] = replace(view, heartbeats=beats, response_ms=took_ms)
            self.topic.publish(HeartbeatSeen(view.name, beat))

    async def die(self, number: int) -> None:
        """`demo` is killed; its repair goes slowly enough to be watched."""
        opened = scene.now_ms()
        for done in range(1, len(scene.HEAL_STEPS) + 1):
            running = scene.incident(number, "demo", opened, done=done)
            self.record(running)
            self.put(
                "demo",
                state=State.HEALING,
                since_ms=opened,
                step=scene.HEAL_STEPS[done - 1][0],
                step_since_ms=scene.now_ms(),
                pid=None,
                reason="killed by SIGKILL",
                incident_id=running.id,
            )
            await asyncio.sleep(0.6)
        healed = scene.incident(number, "demo", opened)
        self.record(healed)
        before = self.view("demo")
        self.put(
            "demo",
            state=State.ONLINE,
            since_ms=scene.now_ms(),
            step=None,
            step_since_ms=None,
            pid=42000 + number,
            reason=None,
            incident_id=None,
            restart_count=before.restart_count + 1,
        )

    def record(self, incident: object) -> None:
        """Put an incident in front of the others, or in the place of its former self."""
        others = [one for one in self.known_incidents if one.id != incident.id]
        self.known_incidents = [incident, *others]
        self.topic.publish(IncidentChanged(incident))


class DemoSampler:
    """A sample a second, and 15 minutes of them before the first, with a hole."""

    def __init__(self, history: RecentHistory, *, gpu: bool) -> None:
        self.topic: Topic[Snapshot] = Topic()
        self.latest: Snapshot | None = None
        self._history = history
        self._gpu = gpu
        self._seq = 0
        now_s = int(time.time())
        for age_s in range(899, 0, -1):
            if not 500 < age_s < 540:
                self.take(now_s - age_s)

    def set_demand(self, interval_s: float | None) -> None:
        """It samples anyway."""

    def take(self, t_s: float) -> Snapshot:
        """The sample of one moment."""
        self._seq += 1
        absent = {} if self._gpu else {"gpu": scene.NO_GPU}
        values = scene.sample(t_s, gpu=self._gpu)
        self.latest = Snapshot(seq=self._seq, wall_ms=int(t_s * 1000), values=values, absent=absent)
        self._history.append(self.latest)
        return self.latest

    async def live(self) -> None:
        """Publish from now on."""
        while True:
            await asyncio.sleep(1)
            self.topic.publish(self.take(time.time()))


async def write_logs(folder: Path) -> None:
    """Lines now and then, in every log."""
    while True:
        stamp = time.strftime("%Y-%m-%d %H:%M:%S")
        level = random.choice(("INFO", "INFO", "INFO", "WARNING", "ERROR"))
        with (folder / "monitor.log").open("a") as file:
            file.write(f"{stamp},{random.randrange(1000):03d} {level} demo: check passed in 3 ms\n")
        with (folder / "demo.log").open("a") as file:
            file.write(f"{random.choice(scene.ENGINE_LOG)}\n")
        await asyncio.sleep(random.uniform(0.2, 1.0))


async def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8586)
    parser.add_argument("--gpu", action="store_true", help="pretend that there is a GPU")
    parser.add_argument("--fleet", type=int, default=0, help="pretend that there are N computers")
    parser.add_argument("--no-history", action="store_true", help="history is switched off")
    parser.add_argument("--empty", action="store_true", help="no endpoints and no incidents")
    parser.add_argument("--page", type=Path, default=PAGE, help="folder of the built page")
    given = parser.parse_args()
    supervisor = DemoSupervisor(*([] if given.empty else scene.endpoints()))
    if not given.empty:
        healed = scene.incident(2, "demo", scene.now_ms() - 214_000)
        supervisor.known_incidents = [healed, scene.failed_incident()]
    history = RecentHistory()
    sampler = DemoSampler(history, gpu=given.gpu)
    catalogue = Catalogue()
    fields = scene.fields(gpu=given.gpu)
    catalogue.declare(fields)
    past = DemoPast(fields, lambda t_s: scene.sample(t_s, gpu=given.gpu), off=given.no_history)
    told = Teller(
        sampler=sampler,
        catalogue=catalogue,
        supervisor=supervisor,
        alerts=FakeAlerts(),
        version="0.1.0",
        hostname="demo",
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        deps = ApiDeps(
            supervisor=supervisor,
            sampler=sampler,
            alerts=FakeAlerts(),
            bundles=BundleStore(folder / "bundles"),
            catalogue=catalogue,
            history=history,
            past=past,
            told=told,
            fleet=DemoFleet(given.fleet) if given.fleet else OwnFleet(told, SystemClock()),
            otlp=lambda: OtlpStatus(enabled=False),
            discovery=FakeDiscovery(),
            config=Configured(folder).store,
            gate=Gate(TOKEN, SystemClock()),
            clock=SystemClock(),
            leaving=Leaving(SystemClock()),
            version="0.1.0",
            instance=f"demo-{scene.now_ms()}",
            logs=LogReader(
                monitor=folder / "monitor.log",
                recovery=folder / "recovery.log",
                endpoint_log=lambda endpoint: folder / f"{endpoint.replace('/', '_')}.log",
                endpoint_names=lambda: list(supervisor.by_name),
            ),
            static_dir=given.page,
        )
        server = uvicorn.Server(server_config(create_app(deps), host="127.0.0.1", port=given.port))
        sys.stdout.write(f"http://127.0.0.1:{given.port}/\n")
        sys.stdout.flush()
        tasks = [sampler.live(), write_logs(folder)]
        if not given.empty:
            tasks.append(supervisor.live())
        async with asyncio.TaskGroup() as group:
            running = [group.create_task(task) for task in tasks]
            await server.serve()
            for task in running:
                task.cancel()


if __name__ == "__main__":
    asyncio.run(main())
