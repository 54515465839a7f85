"""Six hours in some minutes: sampler, history, hub and monitors on a clock that is pushed on.

Everything is real but the sensors, the sockets, the model servers and the time. Runs as a program
of its own, so that its memory is that of these parts alone.
"""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
from msgspec.structs import replace

from tests.bench.table import Row

if TYPE_CHECKING:
    from collections.abc import Sequence

HOURS = 6
WARM_S = 1_800
"""Until the last 15 minutes and every cache are full."""
LOOK_EVERY_S = 300
SERIES = 60
VIEWERS = 20
_BACKEND_TESTS = Path(__file__).parents[1] / "backend"


def measure() -> list[Row]:
    """The memory of six simulated hours."""
    run = subprocess.run(
        [sys.executable, "-m", "tests.bench.soak"], stdout=subprocess.PIPE, text=True, check=True
    )
    found = json.loads(run.stdout.splitlines()[-1])
    looks = found["rss_mb"]
    middle = (max(looks) + min(looks)) / 2
    what = f"{HOURS} h simulated, {VIEWERS} viewers, {SERIES} series"
    remark = f"{min(looks):.1f} to {max(looks):.1f} MB, first {looks[0]:.1f}, last {looks[-1]:.1f}"
    return [
        Row(f"{what}: RSS", f"± {max(looks) - middle:.2f} MB", "± 3 MB", remark),
        Row(
            f"{what}: work done",
            f"{found['samples']} samples",
            "",
            f"{found['repairs']} repairs, {found['frames']} frames, {found['took_s']:.0f} s real",
        ),
    ]


class Weather:
    """Sensors whose figures wander."""

    name, lane, deadline_s = "cpu", "fast", 0.5

    def __init__(self) -> None:
        from llama_runner_pro.metrics.model import Field

        self._chance = random.Random(1)
        self._fields = tuple(
            Field(f"weather{at}_pct", "pct", f"Weather {at}", "cpu") for at in range(SERIES)
        )
        self.collected = 0

    def fields(self) -> Sequence[Any]:
        """As many as there are series."""
        return self._fields

    async def collect(self, now_s: float) -> Any:
        """Each of them somewhere else than before."""
        from llama_runner_pro.metrics.model import Reading

        self.collected += 1
        return Reading({field.name: self._chance.uniform(0, 100) for field in self._fields})


async def live(folder: Path) -> dict[str, Any]:
    """Let six hours pass."""
    from fakes.api_world import World
    from fakes.house import House

    from llama_runner_pro.api.ws.hub import Hub
    from llama_runner_pro.config.monitoring import HistorySpec
    from llama_runner_pro.metrics.catalogue import Catalogue
    from llama_runner_pro.metrics.history import RecentHistory
    from llama_runner_pro.metrics.sampler import Sampler
    from llama_runner_pro.metrics.tiers.store import TierStore

    house, weather = House(folder), Weather()
    catalogue, recent = Catalogue(), RecentHistory()
    sampler = Sampler([weather], catalogue, recent, house.clock)
    store = TierStore(folder / "history.db", HistorySpec(), catalogue, house.clock)
    sampler.topic.listen(lambda snapshot: store.sampled(snapshot, sampler.interval_s))
    deps = replace(
        World(folder).deps(),
        sampler=sampler,
        supervisor=house.supervisor,
        catalogue=catalogue,
        history=recent,
        past=store,
        clock=house.clock,
    )
    hub = Hub(deps)
    process, looks, frames, began = psutil.Process(), [], 0, time.monotonic()
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(body())
            for body in (house.supervisor.run, sampler.run, store.run, house.recovery.keep_written)
        ]
        sockets = [_joined(group, hub) for _ in range(VIEWERS)]
        for second in range(HOURS * 3_600):
            await house.clock.advance(1.0)
            frames += _forget(house, sockets)
            if second % 60 == 59:
                await store.query(["weather0_pct"], *_last_hour(house.clock.wall_ms()), 500, None)
                sockets.pop(0).go()
                sockets.append(_joined(group, hub))
            if second % 600 == 599:
                _break(house)
            if second >= WARM_S and second % LOOK_EVERY_S == 0:
                looks.append(process.memory_info().rss / 1e6)
        repairs = sum(room.host.did.count("start") for room in house.rooms.values())
        for socket in sockets:
            socket.go()
        for task in tasks:
            task.cancel()
    house.recovery.shut()
    return {
        "rss_mb": looks,
        "samples": weather.collected,
        "repairs": repairs,
        "frames": frames,
        "took_s": time.monotonic() - began,
    }


def _joined(group: asyncio.TaskGroup, hub: Any) -> Any:
    from fakes.viewer_socket import FakeSocket

    from llama_runner_pro.api.frames import MSGPACK_PROTOCOL

    socket = FakeSocket()
    group.create_task(hub.serve(socket, MSGPACK_PROTOCOL))
    return socket


def _forget(house: Any, sockets: list[Any]) -> int:
    """What the stand-ins remember is none of the sidecar's memory; says how many frames came."""
    count = sum(len(socket.sent) for socket in sockets)
    for socket in sockets:
        socket.sent.clear()
    house.news.clear()
    house.saved.clear()
    for room in house.rooms.values():
        for memory in (room.prober.asked, room.views, room.beats, room.incidents):
            memory.clear()
    return count


def _break(house: Any) -> None:
    """A model server dies."""
    host = house.rooms["a"].host
    if host.running:
        host.die(signal="SIGKILL")


def _last_hour(now_ms: int) -> tuple[int, int]:
    return now_ms - 3_600_000, now_ms


if __name__ == "__main__":
    sys.path.insert(0, str(_BACKEND_TESTS))
    with (
        tempfile.TemporaryDirectory(prefix="llama-runner-bench-") as name,
        suppress(KeyboardInterrupt),
    ):
        sys.stdout.write(json.dumps(asyncio.run(live(Path(name)))) + "\n")
