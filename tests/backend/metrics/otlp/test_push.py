"""Pushing to a collector that works, and to ones that do not."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from email.utils import formatdate
from typing import TYPE_CHECKING

import pytest
from fakes.clock import FakeClock
from fakes.otlp_receiver import OtlpReceiver, metrics_of
from fakes.slow_clock import SlowClock
from fakes.told import told
from fakes.upstream import FakeUpstream

from llama_runner_pro.config.monitoring import OtlpSpec
from llama_runner_pro.core.clock import SystemClock
from llama_runner_pro.core.errors import ConnectRefused, DeadlineExceeded
from llama_runner_pro.metrics.otlp.push import OtlpPush
from llama_runner_pro.transport.client import HttpClient

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

SECRET = "Bearer very-secret"
PATIENCE_S = 60.0


@pytest.fixture
def receiver() -> Iterator[OtlpReceiver]:
    """A collector that listens."""
    opened = OtlpReceiver().open()
    yield opened
    opened.close()


@asynccontextmanager
async def pushing(
    url: str, *, interval_s: float = 0.02, enabled: bool = True
) -> AsyncIterator[OtlpPush]:
    """Over the network, with a rhythm for impatient people."""
    http, clock = HttpClient(SlowClock()), SystemClock()
    spec = OtlpSpec(
        enabled=enabled, endpoint=url, headers={"Authorization": SECRET}, interval_s=interval_s
    )
    push = OtlpPush(spec, http, clock, told)
    task = asyncio.create_task(push.run())
    try:
        yield push
    finally:
        task.cancel()
        async with asyncio.timeout(60):
            await asyncio.gather(task, return_exceptions=True)
        await http.aclose()


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what other threads do."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 - a thread of the receiver sets no event of ours
            await asyncio.sleep(0.005)


async def test_measurements_arrive_again_and_again_with_the_configured_headers(
    receiver: OtlpReceiver,
) -> None:
    async with pushing(receiver.url) as push:
        await until(lambda: len(receiver.pushes) >= 3)
        await until(lambda: push.status.sent >= 3)
    assert "llama_runner_cpu_usage_percent" in metrics_of(receiver.pushes[0])
    assert receiver.headers[0]["authorization"] == SECRET
    assert receiver.headers[0]["content-type"] == "application/x-protobuf"
    assert (push.status.ok, push.status.failed) == (True, 0)


async def test_an_endpoint_may_be_written_with_its_path(receiver: OtlpReceiver) -> None:
    async with pushing(f"{receiver.url}/v1/metrics"):
        await until(lambda: len(receiver.pushes) >= 1)


async def test_a_collector_that_comes_later_gets_what_is_true_then(receiver: OtlpReceiver) -> None:
    receiver.close()
    async with pushing(receiver.url) as push:
        await until(lambda: push.status.failed >= 2)
        assert push.status.ok is False
        receiver.open()
        await until(lambda: push.status.ok is True)
    assert len(receiver.pushes) >= 1


async def test_ending_does_not_wait_for_a_collector_that_hangs(receiver: OtlpReceiver) -> None:
    receiver.may_answer.clear()
    async with pushing(receiver.url):
        await until(lambda: receiver.asked >= 1)
    # Leaving the block above fails when it takes long; the receiver still holds the request.
    assert not receiver.may_answer.is_set()


async def test_switching_off_and_on_while_it_runs(receiver: OtlpReceiver) -> None:
    async with pushing(receiver.url, enabled=False) as push:
        assert push.status.enabled is False
        push.configure(OtlpSpec(enabled=True, endpoint=receiver.url, interval_s=0.02))
        await until(lambda: push.status.sent >= 1)
        push.configure(OtlpSpec(enabled=False))
        assert push.status.enabled is False


async def test_a_push_that_was_under_way_says_nothing_about_the_new_configuration(
    receiver: OtlpReceiver,
) -> None:
    receiver.may_answer.clear()
    receiver.status = 503
    other = OtlpReceiver().open()
    try:
        async with pushing(receiver.url) as push:
            await until(lambda: receiver.asked >= 1)
            push.configure(OtlpSpec(enabled=True, endpoint=other.url, interval_s=0.02))
            receiver.may_answer.set()
            await until(lambda: push.status.sent >= 1)
            assert push.status.failed == 0
            assert receiver.asked == 1
    finally:
        other.close()


@asynccontextmanager
async def timed(
    upstream: FakeUpstream, interval_s: float
) -> AsyncIterator[tuple[FakeClock, OtlpPush]]:
    """A collector in memory, and time that only the test moves."""
    clock = FakeClock()
    push = OtlpPush(OtlpSpec(enabled=True, interval_s=interval_s), upstream, clock, told)
    task = asyncio.create_task(push.run())
    await asyncio.sleep(0)
    try:
        yield clock, push
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def pushed(clock: FakeClock, upstream: FakeUpstream, count: int, after_s: float) -> None:
    """Let time pass, and wait for the thread that encodes."""
    await clock.advance(after_s)
    await until(lambda: len(upstream.asked) >= count)
    # What follows an answer runs within the loop.
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.mark.parametrize("status", [429, 503])
async def test_a_collector_that_asks_for_patience_gets_it(status: int) -> None:
    upstream = FakeUpstream(status=status, headers={"retry-after": "120"})
    async with timed(upstream, 10) as (clock, push):
        await pushed(clock, upstream, 1, 10)
        assert push.status.reason == f"it answered with status {status}"
        await clock.advance(119)
        assert len(upstream.asked) == 1
        await pushed(clock, upstream, 2, 2)


async def test_patience_may_be_asked_for_until_a_date_and_has_an_end() -> None:
    clock_now_s = FakeClock().wall_ms() / 1000
    for text, least_s, most_s in (
        (formatdate(clock_now_s + 210, usegmt=True), 195, 205),
        ("999999999", 599, 601),
        ("soon", 7, 13),
        (formatdate(clock_now_s - 500, usegmt=True), 7, 13),
    ):
        upstream = FakeUpstream(status=503, headers={"retry-after": text})
        async with timed(upstream, 10) as (clock, _):
            await pushed(clock, upstream, 1, 10)
            await clock.advance(least_s)
            assert len(upstream.asked) == 1, text
            await pushed(clock, upstream, 2, most_s - least_s)


async def test_a_collector_that_stays_away_is_asked_less_and_less_often() -> None:
    upstream = FakeUpstream(error=ConnectRefused("nothing answers at http://127.0.0.1:4318"))
    async with timed(upstream, 1) as (clock, push):
        count = 0
        for _ in range(8):
            count += 1
            await pushed(clock, upstream, count, 60)
        await clock.advance(40)
        assert len(upstream.asked) == count
        assert push.status.failed == count
        assert push.status.reason == "nothing answers at http://127.0.0.1:4318"


@pytest.mark.parametrize(
    ("upstream", "words"),
    [
        (FakeUpstream(status=401), "otlp.headers"),
        (FakeUpstream(status=404), "otlp.endpoint"),
        (FakeUpstream(status=400), "status 400"),
        (FakeUpstream(error=DeadlineExceeded("did not answer within 10 s")), "within 10 s"),
        (FakeUpstream(error=ValueError(f"header {SECRET}")), "cannot be sent"),
    ],
)
async def test_every_failure_is_told_in_words_and_without_secrets(
    upstream: FakeUpstream, words: str
) -> None:
    async with timed(upstream, 10) as (clock, push):
        await pushed(clock, upstream, 1, 10)
        assert push.status.ok is False
        assert push.status.reason is not None
        assert words in push.status.reason
        assert "very-secret" not in push.status.reason


async def test_the_same_configuration_again_changes_nothing() -> None:
    upstream = FakeUpstream(status=503)
    async with timed(upstream, 10) as (clock, push):
        await pushed(clock, upstream, 1, 10)
        push.configure(OtlpSpec(enabled=True, interval_s=10))
        assert push.status.failed == 1
