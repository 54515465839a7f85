from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from fakes.clock import FakeClock
from fakes.gpu import FakeGpuSource

from llama_runner_pro.endpoints.ports import MetricTarget
from llama_runner_pro.metrics.collectors.gpu import NUMBERING_PATIENCE_S, GpuCollector

if TYPE_CHECKING:
    from llama_runner_pro.metrics.model import Reading


class Bench:
    """A collector over one bank per source, and endpoints with their pids."""

    def __init__(self, *sources: FakeGpuSource, all_pids: bool = True) -> None:
        self.clock = FakeClock()
        self.trees: dict[str, frozenset[int]] = {}
        self.names = ["demo"]
        self.collector = GpuCollector(
            [(source,) for source in sources],
            self.clock,
            targets=self._targets,
            members=lambda: self.trees,
            all_pids=lambda: all_pids,
        )

    def _targets(self) -> list[MetricTarget]:
        return [
            MetricTarget(
                name=name,
                kind="custom",
                url="http://a",
                pid=min(self.trees.get(name, frozenset()), default=None),
                ready=True,
            )
            for name in self.names
        ]

    async def tick(self, now_s: float) -> Reading:
        """Collect while no driver is stuck."""
        return await asyncio.wait_for(self.collector.collect(now_s), 60)

    async def tick_stuck(self, now_s: float) -> Reading:
        """Collect while one driver does not answer: patience runs out."""
        collecting = asyncio.ensure_future(self.collector.collect(now_s))
        await self.clock.advance(0.2)
        return await asyncio.wait_for(collecting, 60)

    async def held(self, now_s: float) -> object:
        """Graphics memory of the endpoint named demo, or the reason for none."""
        reading = await self.tick(now_s)
        name = "endpoint/demo/gpu_memory_bytes"
        value = reading.values.get(name)
        return reading.absent.get(name) if value is None else value


def absent(reason: str) -> FakeGpuSource:
    source = FakeGpuSource()
    source.missing = reason
    return source


async def test_the_cards_are_found_and_their_fields_declared() -> None:
    bench = Bench(FakeGpuSource("Big", "Small"))
    assert {field.group for field in bench.collector.fields()} == {"endpoint"}
    reading = await bench.tick(0)
    assert reading.values["gpu0_utilization_pct"] == 1
    assert reading.values["gpu1_fan_pct"] == 30
    assert reading.facts == {"gpu0_name": "Big", "gpu1_name": "Small"}
    fields = bench.collector.fields()
    labels = {field.name: field.label for field in fields}
    assert labels["gpu1_memory_used_bytes"] == "Small memory used"
    assert reading.values.keys() <= labels.keys()
    await bench.tick(1)
    assert bench.collector.fields() is fields


async def test_what_a_card_does_not_report_has_a_reason() -> None:
    reading = await Bench(FakeGpuSource("Big")).tick(0)
    assert reading.values["gpu0_power_w"] is None
    assert reading.absent["gpu0_power_w"] == "no power meter"
    assert reading.absent["gpu0_clock_hz"] == "this graphics card does not report it"
    assert "gpu0_utilization_pct" not in reading.absent


async def test_cards_of_different_makers_are_numbered_one_after_the_other() -> None:
    bench = Bench(FakeGpuSource("Green"), absent("no AMD card"), FakeGpuSource("Blue"))
    reading = await bench.tick(0)
    assert reading.facts == {"gpu0_name": "Green", "gpu1_name": "Blue"}
    assert "gpu" not in reading.absent


async def test_without_any_card_the_group_says_why() -> None:
    reading = await Bench(absent("no NVIDIA driver"), absent("no AMD graphics card")).tick(0)
    assert reading.absent["gpu"] == "no NVIDIA driver; no AMD graphics card"
    assert reading.values == {}


async def test_a_card_keeps_its_number_when_another_maker_shows_up_later() -> None:
    late = absent("no driver yet")
    bench = Bench(late, FakeGpuSource("Blue"))
    assert (await bench.tick(0)).facts == {"gpu0_name": "Blue"}
    late.missing, late.names = None, ("Green",)
    assert (await bench.tick(60)).facts == {"gpu0_name": "Blue", "gpu1_name": "Green"}


async def test_a_driver_that_hangs_at_the_start_hides_the_others_for_a_while_only() -> None:
    stuck = FakeGpuSource("Green")
    stuck.free.clear()
    bench = Bench(stuck, FakeGpuSource("Blue"))
    assert (await bench.tick_stuck(0)).facts == {}
    later_s = NUMBERING_PATIENCE_S + 1
    for _ in range(100_000):  # the other driver answers in its own time, too
        if facts := (await bench.tick(later_s)).facts:
            break
        await asyncio.sleep(0)
    assert facts == {"gpu0_name": "Blue"}
    stuck.free.set()


async def test_a_lost_card_keeps_its_fields_without_values() -> None:
    source = FakeGpuSource("Big")
    bench = Bench(source, FakeGpuSource("Blue"))
    await bench.tick(0)
    source.lost = "the driver lost the graphics card"
    reading = await bench.tick(1)
    assert "gpu0_utilization_pct" not in reading.values
    assert reading.absent["gpu0_utilization_pct"] == "the driver lost the graphics card"
    assert reading.absent["gpu0_fan_pct"] == "the driver lost the graphics card"
    assert reading.values["gpu1_utilization_pct"] == 2


async def test_the_memory_of_a_whole_tree_is_its_endpoints() -> None:
    green, blue = FakeGpuSource("Green"), FakeGpuSource("Blue")
    green.memory_of, blue.memory_of = {7: 1000, 8: 20, 99: 5}, {7: 3}
    bench = Bench(green, blue)
    bench.trees = {"demo": frozenset({7, 8})}
    assert await bench.held(0) == 1023


async def test_an_endpoint_that_does_not_use_the_card_holds_nothing_there() -> None:
    source = FakeGpuSource("Big")
    source.memory_of = {99: 5}
    bench = Bench(source)
    bench.trees = {"demo": frozenset({7})}
    assert await bench.held(0) == 0


async def test_inside_a_container_a_process_that_is_not_listed_is_not_known() -> None:
    source = FakeGpuSource("Big")
    source.memory_of = {}
    bench = Bench(source, all_pids=False)
    bench.trees = {"demo": frozenset({7})}
    assert "inside a container" in str(await bench.held(0))
    source.memory_of = {7: 50}
    assert await bench.held(10) == 50


async def test_a_process_that_started_just_now_is_not_called_empty() -> None:
    source = FakeGpuSource("Big")
    source.memory_of = {7: 50}
    bench = Bench(source)
    assert await bench.held(0) == "not running"
    bench.trees = {"demo": frozenset({7})}
    assert await bench.held(1) == "not looked at yet"
    assert await bench.held(4) == 50


async def test_without_a_card_that_can_be_asked_endpoints_say_so() -> None:
    bench = Bench(absent("no driver"))
    bench.trees = {"demo": frozenset({7})}
    assert await bench.held(0) == "no graphics card that can be asked"


async def test_fields_follow_the_endpoints() -> None:
    bench = Bench(FakeGpuSource("Big"))
    await bench.tick(0)
    bench.names = ["other"]
    names = {field.name for field in bench.collector.fields()}
    assert "endpoint/other/gpu_memory_bytes" in names
    assert "endpoint/demo/gpu_memory_bytes" not in names
    assert "gpu0_power_w" in names
