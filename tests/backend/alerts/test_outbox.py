"""What is remembered, also by the next sidecar."""

from __future__ import annotations

import asyncio
import threading
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from fakes.alerts import T0_MS, alert, delivery
from fakes.children import until
from fakes.clock import FakeClock
from msgspec.structs import replace

from llama_runner_pro.alerts.outbox import KEPT_ALERTS, KEPT_DELIVERIES, Outbox
from llama_runner_pro.config.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from llama_runner_pro.alerts.ports import Delivery


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run" / "outbox.json"


def quiet(path: Path) -> Outbox:
    """An outbox that nobody listens to."""
    return Outbox(path, lambda delivery: None, FakeClock())


class Disk:
    """Full, hanging or sound, as a test says."""

    def __init__(self) -> None:
        self.full = False
        self.asked = threading.Event()
        self.answers = threading.Event()
        self.answers.set()

    def write(self, path: Path, content: bytes) -> None:
        self.asked.set()
        self.answers.wait()
        if self.full:
            raise OSError(28, "No space left on device")
        write_atomically(path, content)


@asynccontextmanager
async def keeping(outbox: Outbox) -> AsyncIterator[None]:
    """With its file being written."""
    task = asyncio.create_task(outbox.keep())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_what_was_put_in_is_there_after_a_kill(path: Path) -> None:
    outbox = quiet(path)
    async with keeping(outbox):
        outbox.put_alert(alert())
        outbox.put(delivery())
        outbox.put(delivery("delivery-2", state="sent", ended_ms=T0_MS + 5))
        await outbox.kept()
        # Read while the first one still runs: as after a kill, nothing was tidied up.
        after = quiet(path)
    assert after.alerts() == [alert()]
    assert list(after.active()) == [("endpoint_failed", "demo")]
    assert [one.id for one in after.deliveries()] == ["delivery-2", "delivery-1"]
    assert [one.id for one in after.waiting("phone")] == ["delivery-1"]


async def test_a_normal_end_writes_what_is_new(path: Path) -> None:
    outbox = quiet(path)
    async with keeping(outbox):
        await asyncio.sleep(0)
        outbox.put(delivery())
    assert quiet(path).delivery("delivery-1") == delivery()


async def test_what_was_under_way_is_tried_again(path: Path) -> None:
    outbox = quiet(path)
    async with keeping(outbox):
        outbox.put(delivery(state="sending", attempts=2))
        outbox.put(delivery("test-1", state="sending", purpose="test"))
        await outbox.kept()
    after = quiet(path)
    assert after.delivery("delivery-1") == delivery(state="queued", attempts=2)
    test = after.delivery("test-1")
    assert test is not None
    assert (test.state, test.reason) == ("failed", "the sidecar ended meanwhile")


def test_a_damaged_file_is_set_aside(path: Path) -> None:
    path.parent.mkdir()
    path.write_text('{"alerts": [{"id"')
    assert quiet(path).alerts() == []
    assert path.with_name("outbox.json.damaged").exists()


async def test_every_version_of_a_delivery_is_told(path: Path) -> None:
    told: list[Delivery] = []
    outbox = Outbox(path, told.append, FakeClock())
    outbox.put(delivery())
    outbox.put(delivery(state="sent"))
    assert [one.state for one in told] == ["queued", "sent"]
    assert len(outbox.deliveries()) == 1


async def test_test_messages_wait_for_no_courier(path: Path) -> None:
    outbox = quiet(path)
    outbox.put(delivery(purpose="test", state="sending"))
    assert outbox.waiting("phone") == []


async def test_deliveries_are_found_by_their_alert(path: Path) -> None:
    outbox = quiet(path)
    outbox.put(delivery("a"))
    outbox.put(delivery("b", alert_id="other"))
    outbox.put(delivery("c", channel="mail"))
    assert [one.id for one in outbox.of_alert("alert-1")] == ["a", "c"]


async def test_old_deliveries_that_are_over_are_forgotten_first(path: Path) -> None:
    outbox = quiet(path)
    outbox.put(delivery("waits"))
    for number in range(KEPT_DELIVERIES):
        outbox.put(delivery(f"over-{number}", state="sent", ended_ms=T0_MS))
    assert len(outbox.deliveries()) == KEPT_DELIVERIES
    assert outbox.delivery("waits") is not None
    assert outbox.delivery("over-0") is None


async def test_when_too_many_wait_the_oldest_is_given_up_and_told(path: Path) -> None:
    told: list[Delivery] = []
    outbox = Outbox(path, told.append, FakeClock())
    for number in range(KEPT_DELIVERIES + 10):
        outbox.put(delivery(f"waits-{number}"))
    assert len(outbox.deliveries()) == KEPT_DELIVERIES
    given_up = [one for one in told if one.state == "failed"]
    assert [one.id for one in given_up] == [f"waits-{number}" for number in range(10)]
    assert given_up[0].reason == "too many messages are waiting"


async def test_old_alerts_are_forgotten_but_none_that_holds(path: Path) -> None:
    outbox = quiet(path)
    outbox.put_alert(alert("holds"))
    for number in range(KEPT_ALERTS + 5):
        outbox.put_alert(alert(f"over-{number}", resolved_ms=T0_MS))
    assert len(outbox.alerts()) == KEPT_ALERTS
    assert outbox.alert("holds") is not None
    assert outbox.alerts()[0].id == f"over-{KEPT_ALERTS + 4}"


async def test_a_full_disk_is_told_stops_nobody_and_is_tried_again(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    disk, clock = Disk(), FakeClock()
    outbox = Outbox(path, lambda delivery: None, clock, disk.write)
    disk.full = True
    async with keeping(outbox):
        outbox.put_alert(alert())
        outbox.put(replace(delivery(), state="sending"))
        await outbox.kept()
        assert outbox.alerts() == [alert()]
        assert outbox.unkept == "[Errno 28] No space left on device"
        disk.full = False
        await until(lambda: clock.sleeping > 0)
        await clock.advance(2.0)
        await until(lambda: outbox.unkept is None)
        assert quiet(path).alerts() == [alert()]
    assert caplog.text.count("cannot be remembered") == 1


async def test_a_disk_that_hangs_holds_up_neither_a_message_nor_the_end(path: Path) -> None:
    disk, clock = Disk(), FakeClock()
    outbox = Outbox(path, lambda delivery: None, clock, disk.write)
    disk.answers.clear()
    task = asyncio.create_task(outbox.keep())
    outbox.put(delivery())
    waiting = asyncio.create_task(outbox.kept())
    await asyncio.to_thread(disk.asked.wait)
    await clock.advance(3.0)
    await waiting
    assert outbox.unkept == "the disk does not answer"
    task.cancel()
    await clock.advance(3.0)
    await asyncio.wait((task,))
    disk.answers.set()


async def test_what_is_new_at_the_end_is_written_after_a_disk_that_hung(path: Path) -> None:
    disk, clock = Disk(), FakeClock()
    outbox = Outbox(path, lambda delivery: None, clock, disk.write)
    disk.answers.clear()
    task = asyncio.create_task(outbox.keep())
    outbox.put(delivery())
    await asyncio.to_thread(disk.asked.wait)
    await clock.advance(3.0)
    outbox.put(delivery("delivery-2"))
    task.cancel()
    await clock.advance(1.0)
    disk.answers.set()
    await asyncio.wait((task,))
    assert [one.id for one in quiet(path).deliveries()] == ["delivery-2", "delivery-1"]


async def test_many_who_wait_at_once_share_a_write(path: Path) -> None:
    disk, contents = Disk(), list[bytes]()

    def write(path: Path, content: bytes) -> None:
        disk.write(path, content)
        contents.append(content)

    outbox = Outbox(path, lambda delivery: None, FakeClock(), write)
    async with keeping(outbox):
        disk.answers.clear()
        outbox.put(delivery())
        await asyncio.to_thread(disk.asked.wait)
        outbox.put(delivery("delivery-2"))
        waiting = [asyncio.create_task(outbox.kept()) for _ in range(20)]
        await asyncio.sleep(0)
        disk.answers.set()
        await asyncio.gather(*waiting)
    assert len(contents) == 2
