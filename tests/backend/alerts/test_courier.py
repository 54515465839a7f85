"""One channel: order, pauses, health."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from fakes.alerts import alert, delivery
from fakes.children import until
from fakes.clock import FakeClock, settle
from fakes.mailbox import Mailbox

from llama_runner_pro.alerts.courier import ATTEMPT_S, FIRST_PAUSE_S, LONGEST_PAUSE_S, Courier
from llama_runner_pro.alerts.outbox import Outbox
from llama_runner_pro.config.alerts import ChannelSpec

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from llama_runner_pro.alerts.ports import Delivery
    from llama_runner_pro.config.alerts import Severity

SPEC = ChannelSpec(name="phone", kind="ntfy", url="https://ntfy.example:8443/my-secret-topic")


def quiet(path: Path) -> Outbox:
    """An outbox that nobody listens to, whose disk may take its time."""
    return Outbox(path, lambda delivery: None, FakeClock())


class Bench:
    """A courier with everything around it."""

    def __init__(self, path: Path, spec: ChannelSpec = SPEC) -> None:
        self.clock = FakeClock()
        self.box = Mailbox()
        self.outbox = quiet(path)
        self.settled: list[Delivery] = []
        self.courier = Courier(
            spec,
            self.box.send,
            self.outbox,
            self.clock,
            roll=lambda: 0.5,
            settled=self.settled.append,
        )

    def post(self, delivery_id: str, **more: object) -> None:
        """One more message to bring."""
        now_ms = self.clock.wall_ms()
        times = {"created_ms": now_ms, "expires_ms": now_ms + 86_400_000}
        self.outbox.put(delivery(delivery_id, title=delivery_id, **times, **more))
        self.courier.hurry()

    def of(self, delivery_id: str) -> Delivery:
        """How a message is now."""
        found = self.outbox.delivery(delivery_id)
        assert found is not None
        return found

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait for something that a thread does, and for what follows from it."""
        await until(condition)
        await settle()

    async def fail(self, times: int) -> None:
        """Let that many attempts fail, one after the other."""
        for wanted in range(1, times + 1):
            await self.until(lambda wanted=wanted: self.courier.view().failures == wanted)
            if wanted < times:
                await self.clock.advance(LONGEST_PAUSE_S)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    made = Bench(tmp_path / "outbox.json")
    async with running(made):
        yield made


@asynccontextmanager
async def running(bench: Bench) -> AsyncIterator[None]:
    """With the courier under way and the outbox kept."""
    tasks = [asyncio.create_task(bench.outbox.keep()), asyncio.create_task(bench.courier.run())]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_messages_arrive_in_order(bench: Bench) -> None:
    assert bench.courier.view().health == "unused"
    for name in ("one", "two", "three"):
        bench.post(name)
    await bench.until(lambda: len(bench.box.got) == 3 and bench.of("three").state == "sent")
    assert bench.box.titles == ["one", "two", "three"]
    assert bench.of("one").attempts == 1
    assert bench.of("one").ended_ms == bench.clock.wall_ms()
    view = bench.courier.view()
    assert (view.health, view.waiting, view.last_sent_ms) == ("ok", 0, bench.clock.wall_ms())


async def test_a_message_is_on_disk_before_it_is_sent(bench: Bench, tmp_path: Path) -> None:
    bench.box.open.clear()
    bench.post("one")
    await bench.until(lambda: bench.box.tried == 1)
    after_a_kill = quiet(tmp_path / "outbox.json")
    assert [one.title for one in after_a_kill.waiting("phone")] == ["one"]
    bench.box.open.set()
    await bench.until(lambda: bench.of("one").state == "sent")


async def test_a_failure_pauses_the_channel_longer_each_time(bench: Bench) -> None:
    bench.box.down = "the server answered 500 (Internal Server Error)"
    bench.post("one")
    bench.post("two")
    await bench.fail(1)
    view = bench.courier.view()
    assert (view.health, view.waiting) == ("paused", 2)
    assert view.reason == "the server answered 500 (Internal Server Error)"
    assert view.paused_until_ms == bench.clock.wall_ms() + FIRST_PAUSE_S * 1000
    one = bench.of("one")
    assert (one.state, one.attempts, one.reason) == ("queued", 1, view.reason)
    assert one.next_attempt_ms == view.paused_until_ms
    await bench.clock.advance(FIRST_PAUSE_S - 0.1)
    assert bench.box.tried == 1
    await bench.clock.advance(0.2)
    await bench.until(lambda: bench.courier.view().failures == 2)
    paused_until_ms = bench.courier.view().paused_until_ms
    assert paused_until_ms == bench.clock.wall_ms() + 2 * FIRST_PAUSE_S * 1000
    assert bench.of("two").attempts == 0


async def test_no_pause_is_longer_than_the_longest(bench: Bench) -> None:
    bench.box.down = "no answer in time"
    bench.post("one")
    await bench.fail(12)
    paused_until_ms = bench.courier.view().paused_until_ms
    assert paused_until_ms == bench.clock.wall_ms() + LONGEST_PAUSE_S * 1000


async def test_what_was_down_and_comes_up_gets_everything_in_order(bench: Bench) -> None:
    bench.box.down = "nobody listens there (connection refused)"
    bench.post("alarm")
    await bench.fail(3)
    bench.post("recovery", purpose="recovery")
    bench.box.down = None
    await bench.clock.advance(LONGEST_PAUSE_S)
    await bench.until(lambda: bench.of("recovery").state == "sent")
    assert bench.box.titles == ["alarm", "recovery"]
    assert bench.of("alarm").attempts == 4
    assert bench.of("alarm").reason is None
    assert bench.courier.view().failures == 0


async def test_what_cannot_be_delivered_in_time_is_given_up(bench: Bench) -> None:
    bench.box.down = "no answer in time"
    bench.post("one")
    await bench.fail(1)
    bench.clock.skip(86_401)
    await bench.clock.advance(LONGEST_PAUSE_S)
    await bench.until(lambda: bench.of("one").state == "failed")
    one = bench.of("one")
    assert one.reason == "could not be delivered in time; the last attempt: no answer in time"
    assert one.ended_ms is not None
    assert bench.box.tried == 1


async def test_what_was_cancelled_during_a_pause_is_not_sent(bench: Bench) -> None:
    bench.box.down = "no answer in time"
    bench.post("one")
    await bench.fail(1)
    cancelled = delivery("one", state="cancelled", ended_ms=bench.clock.wall_ms())
    bench.outbox.put(cancelled)
    bench.box.down = None
    await bench.clock.advance(LONGEST_PAUSE_S)
    assert bench.box.tried == 1
    assert bench.of("one") == cancelled


async def test_an_attempt_that_never_ends_counts_as_failed_and_is_not_doubled(
    bench: Bench,
) -> None:
    bench.box.open.clear()
    bench.post("one")
    await bench.until(lambda: bench.box.tried == 1)
    await bench.clock.advance(ATTEMPT_S)
    await bench.until(lambda: bench.of("one").reason == "no answer within 30 s")
    await bench.clock.advance(FIRST_PAUSE_S)
    later = "an earlier attempt has not come back yet"
    await bench.until(lambda: bench.of("one").reason == later)
    assert bench.box.tried == 1
    bench.box.open.set()


async def test_every_attempt_is_reported(bench: Bench) -> None:
    bench.box.down = "no answer in time"
    bench.post("one")
    await bench.fail(1)
    bench.box.down = None
    await bench.clock.advance(FIRST_PAUSE_S)
    await bench.until(lambda: bench.of("one").state == "sent")
    assert [one.state for one in bench.settled] == ["queued", "sent"]


async def test_a_test_message_that_gets_through_ends_the_pause(bench: Bench) -> None:
    bench.box.down = "no answer in time"
    bench.post("one")
    await bench.fail(2)
    bench.box.down = None
    result = await bench.courier.trial(delivery("test-1", purpose="test", title="test"))
    assert (result.ok, result.channel, result.reason) == (True, "phone", "delivered")
    assert bench.of("test-1").state == "sent"
    await bench.until(lambda: bench.of("one").state == "sent")
    assert bench.box.titles == ["test", "one"]


async def test_a_test_message_that_fails_says_why_and_is_not_repeated(bench: Bench) -> None:
    bench.box.down = "the server answered 403 (Forbidden)"
    result = await bench.courier.trial(delivery("test-1", purpose="test"))
    assert (result.ok, result.reason) == (False, "the server answered 403 (Forbidden)")
    found = bench.of("test-1")
    assert (found.state, found.reason) == ("failed", result.reason)
    assert bench.courier.view().health == "failing"
    await bench.clock.advance(LONGEST_PAUSE_S)
    assert bench.box.tried == 1


async def test_a_message_carries_what_it_is_about(bench: Bench) -> None:
    bench.outbox.put_alert(alert())
    bench.post("d-1")
    await bench.until(lambda: bench.box.got)
    (message,) = bench.box.got
    assert message.facts == {
        "delivery_id": "d-1",
        "alert_id": "alert-1",
        "purpose": "alarm",
        "severity": "critical",
        "rule": "endpoint_failed",
        "subject": "demo",
        "raised_ms": alert().raised_ms,
    }
    assert not message.good_news


@pytest.mark.parametrize(
    ("least", "wanted"),
    [
        ("info", ["info", "warning", "critical"]),
        ("warning", ["warning", "critical"]),
        ("critical", ["critical"]),
    ],
)
async def test_milder_alarms_than_asked_for_are_not_sent(
    tmp_path: Path, least: Severity, wanted: list[str]
) -> None:
    spec = ChannelSpec(name="phone", kind="ntfy", url=SPEC.url, min_severity=least)
    courier = Bench(tmp_path / "outbox.json", spec).courier
    grades: tuple[Severity, ...] = ("info", "warning", "critical")
    assert [grade for grade in grades if courier.wants(grade)] == wanted


async def test_a_channel_that_is_off_wants_nothing_and_shows_no_secret(tmp_path: Path) -> None:
    spec = ChannelSpec(name="phone", kind="ntfy", url=SPEC.url, enabled=False)
    courier = Bench(tmp_path / "outbox.json", spec).courier
    assert not courier.wants("critical")
    assert courier.view().health == "off"
    assert courier.view().address == "https://ntfy.example:8443/•••"


async def test_the_last_success_is_remembered_over_a_restart(tmp_path: Path) -> None:
    first = Bench(tmp_path / "outbox.json")
    async with running(first):
        first.post("one")
        await first.until(lambda: first.of("one").state == "sent")
        await first.outbox.kept()
    assert Bench(tmp_path / "outbox.json").courier.view().last_sent_ms == first.of("one").ended_ms
