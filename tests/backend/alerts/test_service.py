"""Alerts as a whole, with real receivers where it matters."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING

import pytest
from fakes.alert_world import HOOK, PHONE, AlertWorld, config

from llama_runner_pro.alerts.channels import sender
from llama_runner_pro.alerts.ports import AlertChanged, DeliveryChanged
from llama_runner_pro.config.alerts import ChannelSpec, FailedRule
from llama_runner_pro.endpoints.states import State

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from fakes.receivers import HttpReceiver, MailReceiver

SIDECAR = """
import asyncio, sys
from pathlib import Path
from fakes.alert_world import config
from fakes.supervisor import view
from llama_runner_pro.alerts.service import Alerts
from llama_runner_pro.config.alerts import ChannelSpec
from llama_runner_pro.core.clock import SystemClock
from llama_runner_pro.endpoints.states import State

async def main():
    hook = ChannelSpec(name="hook", kind="webhook", url=sys.argv[2])
    alerts = Alerts(config(hook), Path(sys.argv[1]), SystemClock())
    running = asyncio.create_task(alerts.run())
    alerts.endpoint_seen(view("demo", State.FAILED, reason="exited with code 1"))
    while not alerts.channels()[1].failures:
        await asyncio.sleep(0.01)
    print("failed once", flush=True)
    await running

asyncio.run(main())
"""


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[AlertWorld]:
    made = AlertWorld(tmp_path / "outbox.json")
    async with made.running():
        yield made


async def lose_a_sidecar(path: Path, url: str) -> None:
    """Kill a process that has an alarm to send, in the middle of trying."""
    sidecar = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", SIDECAR, str(path), url),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert sidecar.stdout is not None
    assert (await sidecar.stdout.readline()).strip() == b"failed once"
    sidecar.kill()
    await sidecar.wait()


def alert_news(world: AlertWorld) -> list[tuple[str, bool, bool]]:
    """What was told of alerts: title, whether it holds, whether to notify."""
    return [
        (one.alert.title, one.alert.resolved_ms is None, one.notify)
        for one in world.news
        if isinstance(one, AlertChanged)
    ]


async def test_an_alarm_is_shown_with_reason_and_told(world: AlertWorld) -> None:
    world.see(State.FAILED, reason="exited with code 1", incident_id="inc-1")
    alert = world.the_alert()
    assert (alert.rule, alert.severity, alert.endpoint) == ("endpoint_failed", "critical", "demo")
    assert "exited with code 1" in alert.message
    assert alert.incident_id == "inc-1"
    assert alert_news(world) == [("demo has failed", True, True)]


async def test_silence_becomes_an_alarm_without_further_news(world: AlertWorld) -> None:
    world.see(State.OFFLINE)
    await world.clock.advance(29)
    assert world.alerts.active() == []
    await world.clock.advance(2)
    assert world.the_alert().title == "demo does not answer"


async def test_a_recovery_ends_the_alarm_and_is_told(world: AlertWorld) -> None:
    world.see(State.FAILED)
    await world.clock.advance(100)
    world.see(State.ONLINE)
    await world.clock.advance(11)
    assert world.alerts.active() == []
    (over,) = world.alerts.recent(10)
    assert (over.resolution, over.resolution_text) == ("recovered", "It serves again.")
    assert alert_news(world)[-1] == ("demo has failed", False, True)


async def test_samples_raise_alarms(world: AlertWorld) -> None:
    for _ in range(8):
        world.alerts.sampled({"memory_usage_pct": 97.0})
        await world.clock.advance(10)
    assert world.the_alert().title == "Memory is nearly full"


async def test_an_endpoint_that_is_removed_takes_its_alarm_along(world: AlertWorld) -> None:
    world.see(State.FAILED)
    world.alerts.endpoint_gone("demo")
    assert world.alerts.active() == []
    assert alert_news(world)[-1] == ("demo has failed", False, False)


async def test_without_desktop_notifications_alarms_are_shown_all_the_same(
    tmp_path: Path,
) -> None:
    world = AlertWorld(tmp_path / "outbox.json", PHONE, desktop=False)
    world.see(State.FAILED)
    assert alert_news(world) == [("demo has failed", True, False)]
    desktop = world.alerts.channels()[0]
    assert (desktop.name, desktop.enabled, desktop.health) == ("desktop", False, "off")


async def test_somebody_who_knows_is_noted_once(world: AlertWorld) -> None:
    world.see(State.FAILED)
    first = await world.alerts.acknowledge(world.the_alert().id)
    assert first is not None
    assert first.acknowledged_ms == world.clock.wall_ms()
    await world.clock.advance(5)
    assert await world.alerts.acknowledge(first.id) == first
    assert await world.alerts.acknowledge("nonsense") is None
    assert alert_news(world)[-1] == ("demo has failed", True, False)


async def test_somebody_who_knows_hears_that_a_full_disk_will_forget_it(tmp_path: Path) -> None:
    world = AlertWorld(tmp_path / "run" / "outbox.json")
    world.see(State.FAILED)
    (tmp_path / "run").write_text("not a folder")
    known = await world.alerts.acknowledge(world.the_alert().id)
    assert known is not None
    assert known.unkept is not None
    assert "run" in known.unkept
    (tmp_path / "run").unlink()
    again = await world.alerts.acknowledge(known.id)
    assert again is not None
    assert again.unkept is None
    world.new_life()
    assert world.the_alert().acknowledged_ms == known.acknowledged_ms


async def test_every_step_of_a_delivery_is_told_with_its_channel(world: AlertWorld) -> None:
    world.boxes["phone"].down = "no answer in time"
    world.see(State.FAILED)
    await world.until(lambda: world.of("phone")[0].reason)
    steps = [
        (one.delivery.state, one.channel.health)
        for one in world.news
        if isinstance(one, DeliveryChanged) and one.channel.name == "phone"
    ]
    assert steps == [("queued", "unused"), ("sending", "unused"), ("queued", "paused")]


async def test_the_test_button_reaches_a_channel_and_raises_no_alarm(world: AlertWorld) -> None:
    result = await world.alerts.try_channel("phone")
    assert (result.ok, result.reason) == (True, "delivered")
    assert world.boxes["phone"].titles == ["Test of an alert channel"]
    assert world.states("phone") == [("test", "sent")]
    assert world.alerts.active() == world.alerts.recent(10) == []


async def test_the_test_of_the_desktop_is_an_event_to_be_shown(world: AlertWorld) -> None:
    result = await world.alerts.try_channel("desktop")
    assert result.ok
    assert alert_news(world) == [("Test of an alert channel", False, True)]


async def test_other_rules_hold_from_now_on(world: AlertWorld) -> None:
    world.see(State.FAILED)
    world.alerts.configure(config(PHONE, HOOK, endpoint_failed=FailedRule(enabled=False)))
    assert world.alerts.active() == []
    assert world.alerts.recent(1)[0].resolution == "withdrawn"


async def test_an_alarm_that_lasts_over_a_restart_is_told_once(tmp_path: Path) -> None:
    world = AlertWorld(tmp_path / "outbox.json", PHONE)
    async with world.running():
        world.see(State.FAILED)
        await world.until(lambda: world.states("phone") == [("alarm", "sent")])
    world.new_life()
    async with world.running():
        for state in (State.STOPPED, State.STARTING, State.HEALING, State.FAILED):
            world.see(state)
            await world.clock.advance(1)
        assert world.the_alert().title == "demo has failed"
        world.see(State.ONLINE)
        await world.clock.advance(11)
        await world.until(
            lambda: world.states("phone") == [("alarm", "sent"), ("recovery", "sent")]
        )
    assert world.boxes["phone"].titles == ["demo has failed", "Over: demo has failed"]


async def test_alarms_about_endpoints_that_left_while_we_were_gone_end(tmp_path: Path) -> None:
    world = AlertWorld(tmp_path / "outbox.json", PHONE)
    async with world.running():
        world.see(State.FAILED, "vanished")
    world.new_life()
    async with world.running():
        assert world.alerts.active() == []


async def test_a_receiver_that_is_down_gets_alarm_and_recovery_when_it_is_up(
    tmp_path: Path, web: HttpReceiver, mail: MailReceiver
) -> None:
    hook = ChannelSpec(name="hook", kind="webhook", url=web.url())
    address = f"smtp://127.0.0.1:{mail.port}?from=a@b.org&to=c@d.org"
    post = ChannelSpec(name="post", kind="email", url=address)
    web.close()
    world = AlertWorld(tmp_path / "outbox.json", hook, post)
    world.new_life(send_by=sender)
    async with world.running():
        world.see(State.FAILED)
        await world.until(lambda: world.states("post") == [("alarm", "sent")])
        await world.until(lambda: world.of("hook")[0].reason)
        assert world.of("hook")[0].reason == "nobody listens there (connection refused)"
        web.open()
        await world.clock.advance(5)
        await world.until(lambda: world.states("hook") == [("alarm", "sent")])
        world.see(State.ONLINE)
        await world.clock.advance(11)
        await world.until(lambda: len(web.got) == len(mail.got) == 2)
    assert [one["title"] for one in web.got] == ["demo has failed", "Over: demo has failed"]
    assert [one["type"] for one in web.got] == ["failure", "success"]
    assert [one["purpose"] for one in web.got] == ["alarm", "recovery"]


async def test_messages_that_wait_survive_a_kill_and_arrive_once(
    tmp_path: Path, web: HttpReceiver
) -> None:
    hook = ChannelSpec(name="hook", kind="webhook", url=web.url())
    path = tmp_path / "outbox.json"
    web.close()
    await lose_a_sidecar(path, hook.url)
    web.open()
    world = AlertWorld(path, hook)
    world.new_life(send_by=sender)
    async with world.running():
        assert world.the_alert().title == "demo has failed"
        world.see(State.FAILED)
        await world.until(lambda: world.states("hook") == [("alarm", "sent")])
        assert world.of("hook")[0].attempts == 2
    world.new_life(send_by=sender)
    async with world.running():
        world.see(State.FAILED)
        await world.clock.advance(3600)
    assert [one["title"] for one in web.got] == ["demo has failed"]
