"""The past as a real Prometheus gives it back."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from fakes.past_store import ODD, SCRAPE_S
from fakes.slow_clock import SlowClock

from llama_runner_pro.config.monitoring import PrometheusSpec
from llama_runner_pro.core.clock import SystemClock
from llama_runner_pro.core.errors import StoreUnavailable
from llama_runner_pro.metrics.model import Field
from llama_runner_pro.metrics.prometheus.own_host import Identity, OwnHost
from llama_runner_pro.metrics.prometheus.reader import PrometheusPast
from llama_runner_pro.metrics.prometheus.store import Store
from llama_runner_pro.transport.client import HttpClient

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from fakes.past_store import Written
    from fakes.real_prometheus import RealPrometheus

    from llama_runner_pro.metrics.ranges import SeriesRange

    Known = tuple[RealPrometheus, Written]

pytestmark = pytest.mark.needs_prometheus

FIELDS = (Field("cpu_usage_pct", "pct", "Processor", "cpu"),)


@asynccontextmanager
async def past(
    known: Known, *, hostname: str = "box-a", selector: str = ""
) -> AsyncIterator[PrometheusPast]:
    """A reader over the two hours, on the computer of this name."""
    clock = SystemClock()
    spec = PrometheusSpec(url=known[0].url, selector=selector)
    http = HttpClient(SlowClock())
    store = Store(http, spec)
    try:
        yield PrometheusPast(
            store, OwnHost(store, Identity(hostname, "1a2b3c4d"), clock), clock, lambda: FIELDS
        )
    finally:
        await http.aclose()


def range_ms(known: Known, first_s: int = 0, last_s: int = 7200) -> tuple[int, int]:
    """Part of the two hours."""
    return (known[1].from_s + first_s) * 1000, (known[1].from_s + last_s) * 1000


def one(series: list[SeriesRange]) -> SeriesRange:
    """The only series."""
    assert len(series) == 1
    return series[0]


async def test_buckets_hold_average_least_greatest_and_count(two_known_hours: Known) -> None:
    start_ms, end_ms = range_ms(two_known_hours, 0, 3600)
    async with past(two_known_hours) as store:
        found = await store.query(["cpu_usage_pct"], start_ms, end_ms, 61, None)
    assert (found.step_ms, found.tier, found.host) == (60_000, "prometheus", "a:8585")
    assert found.t_ms == list(range(start_ms, end_ms, 60_000))
    cpu = one(found.series)
    samples = [[n % 40 for n in range(at * 4, at * 4 + 4)] for at in range(60)]
    assert cpu.avg == pytest.approx([sum(four) / 4 for four in samples])
    assert cpu.min == [min(four) for four in samples]
    assert cpu.max == [max(four) for four in samples]
    assert cpu.count == [4] * 60
    assert (cpu.label, cpu.unit, cpu.group) == ("Processor", "pct", "cpu")


async def test_what_was_not_recorded_is_null_and_not_bridged(two_known_hours: Known) -> None:
    start_ms, end_ms = range_ms(two_known_hours)
    async with past(two_known_hours) as store:
        found = await store.query(["cpu_usage_pct"], start_ms, end_ms, 500, None)
    cpu, step_s = one(found.series), found.step_ms // 1000
    gap = slice(3600 // step_s, 4800 // step_s)
    assert set(cpu.avg[gap]) == set(cpu.min[gap]) == set(cpu.max[gap]) == {None}
    assert set(cpu.count[gap]) == {0}
    assert None not in cpu.avg[: gap.start] + cpu.avg[gap.stop :]
    assert len(found.t_ms) <= 500


async def test_a_fine_question_leaves_no_holes_between_two_scrapes(two_known_hours: Known) -> None:
    start_ms, end_ms = range_ms(two_known_hours, 600, 1200)
    async with past(two_known_hours) as store:
        found = await store.query(["cpu_usage_pct"], start_ms, end_ms, 5000, None)
    assert found.step_ms > SCRAPE_S * 1000
    assert None not in one(found.series).avg


@pytest.mark.parametrize("points", [10, 100, 5000])
async def test_there_are_never_more_buckets_than_asked_for(
    two_known_hours: Known, points: int
) -> None:
    start_ms, end_ms = range_ms(two_known_hours, 17, 7193)
    async with past(two_known_hours) as store:
        found = await store.query(["cpu_usage_pct"], start_ms, end_ms, points, None)
    assert len(found.t_ms) <= points
    assert found.t_ms[0] <= start_ms
    assert found.t_ms[-1] < end_ms <= found.t_ms[-1] + found.step_ms


async def test_other_hosts_are_told_apart(two_known_hours: Known) -> None:
    start_ms, end_ms = range_ms(two_known_hours, 0, 1800)
    async with past(two_known_hours) as store:
        found = await store.query(["cpu_usage_pct"], start_ms, end_ms, 30, "b:8585")
    assert found.host == "b:8585"
    assert set(one(found.series).max) == {7}


async def test_values_come_back_in_our_units_under_our_names(two_known_hours: Known) -> None:
    names = [f"endpoint/{ODD}/response_ms", f"endpoint/{ODD}/restarts_total"]
    start_ms, end_ms = range_ms(two_known_hours, 0, 600)
    async with past(two_known_hours) as store:
        found = await store.query(names, start_ms, end_ms, 20, None)
    response, restarts = found.series
    assert (response.name, response.unit, response.group) == (names[0], "ms", "endpoint")
    assert set(response.avg) == {250.0}
    assert restarts.max[0] == restarts.count[0] - 1


async def test_names_that_nobody_knows_are_told_and_cannot_break_out(
    two_known_hours: Known,
) -> None:
    odd = ["no_such_thing_pct", 'endpoint/"} or vector(1) #/rss_bytes', "CPU", "up", ""]
    start_ms, end_ms = range_ms(two_known_hours)
    async with past(two_known_hours) as store:
        found = await store.query(["cpu_usage_pct", *odd], start_ms, end_ms, 50, None)
    assert found.unknown == odd
    assert one(found.series).name == "cpu_usage_pct"


async def test_a_host_name_cannot_break_out_either(two_known_hours: Known) -> None:
    start_ms, end_ms = range_ms(two_known_hours)
    async with past(two_known_hours) as store:
        found = await store.query(
            ["cpu_usage_pct"], start_ms, end_ms, 50, 'a:8585"} or {job="llama-runner'
        )
    assert (found.series, found.unknown) == ([], ["cpu_usage_pct"])


async def test_a_known_series_without_samples_in_the_range_is_not_unknown(
    two_known_hours: Known,
) -> None:
    start_ms, end_ms = range_ms(two_known_hours, 3600, 7200)
    async with past(two_known_hours) as store:
        found = await store.query(["cpu_usage_pct"], start_ms, end_ms, 50, "c:8585")
    assert found.unknown == []
    assert set(one(found.series).avg) == {None}


async def test_the_selector_narrows_what_is_read(two_known_hours: Known) -> None:
    start_ms, end_ms = range_ms(two_known_hours)
    async with past(two_known_hours, selector='job="llama-runner"') as store:
        assert (await store.query(["cpu_usage_pct"], start_ms, end_ms, 50, "a:8585")).series
    async with past(two_known_hours, selector='job="other"') as store:
        assert not (await store.query(["cpu_usage_pct"], start_ms, end_ms, 50, "a:8585")).series


async def test_a_selector_that_is_none_says_where_to_look(two_known_hours: Known) -> None:
    async with past(two_known_hours, selector="job=llama") as store:
        with pytest.raises(StoreUnavailable) as told:
            await store.query(["cpu_usage_pct"], 0, 10_000_000, 50, "a:8585")
    assert "parse error" in str(told.value)
    assert "history.prometheus.selector" in told.value.hint


async def test_a_computer_that_is_not_scraped_is_told_what_to_do(two_known_hours: Known) -> None:
    async with past(two_known_hours, hostname="elsewhere") as store:
        with pytest.raises(StoreUnavailable, match="nothing of this computer"):
            await store.query(["cpu_usage_pct"], *range_ms(two_known_hours), 50, None)
        stats = await store.stats()
    assert (stats.backend, stats.available) == ("prometheus", False)
    assert stats.reason is not None
    assert "elsewhere" in stats.reason


async def test_every_series_of_this_computer_is_listed(two_known_hours: Known) -> None:
    async with past(two_known_hours) as store:
        found = {series.name: series for series in await store.series()}
        stats = await store.stats()
    odd = f"endpoint/{ODD}"
    assert set(found) == {"cpu_usage_pct", f"{odd}/response_ms", f"{odd}/restarts_total"}
    assert found["cpu_usage_pct"].first_ms == two_known_hours[1].from_s * 1000
    assert found["cpu_usage_pct"].last_ms == (two_known_hours[1].to_s - SCRAPE_S) * 1000
    assert stats.available
