"""Who is told of what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fakes.alert_world import HOOK, PHONE, AlertWorld, config
from fakes.clock import settle
from msgspec.structs import replace

from llama_runner_pro.endpoints.states import State

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[AlertWorld]:
    made = AlertWorld(tmp_path / "outbox.json")
    async with made.running():
        yield made


async def recovered(world: AlertWorld) -> None:
    """Let the endpoint serve for long enough."""
    world.see(State.ONLINE)
    await world.clock.advance(11)


async def test_every_channel_gets_the_alarm_and_its_end(world: AlertWorld) -> None:
    world.see(State.FAILED, reason="exited with code 1")
    for name in ("phone", "hook"):
        await world.until(lambda name=name: world.states(name) == [("alarm", "sent")])
    await recovered(world)
    for name in ("phone", "hook"):
        await world.until(
            lambda name=name: world.states(name) == [("alarm", "sent"), ("recovery", "sent")]
        )
        assert world.boxes[name].titles == ["demo has failed", "Over: demo has failed"]
    assert world.boxes["phone"].got[1].good_news


async def test_no_end_is_told_where_the_alarm_never_arrived(world: AlertWorld) -> None:
    world.boxes["phone"].down = "no answer in time"
    world.see(State.FAILED)
    await world.until(lambda: world.states("hook") == [("alarm", "sent")])
    await world.until(lambda: world.of("phone")[0].reason == "no answer in time")
    await recovered(world)
    await world.until(lambda: len(world.boxes["hook"].got) == 2)
    await world.until(lambda: world.states("phone") == [("alarm", "cancelled")])
    assert world.of("phone")[0].reason == "it was over before it could be sent"
    world.boxes["phone"].down = None
    await world.clock.advance(3600)
    assert world.boxes["phone"].got == []


async def test_an_alarm_under_way_when_it_ends_is_followed_by_its_end(world: AlertWorld) -> None:
    world.boxes["phone"].open.clear()
    world.see(State.FAILED)
    await world.until(lambda: world.boxes["phone"].tried == 1)
    await recovered(world)
    assert world.states("phone") == [("alarm", "sending")]
    world.boxes["phone"].open.set()
    await world.until(lambda: world.states("phone") == [("alarm", "sent"), ("recovery", "sent")])


async def test_an_alarm_under_way_that_fails_after_its_end_is_not_tried_again(
    world: AlertWorld,
) -> None:
    box = world.boxes["phone"]
    box.open.clear()
    world.see(State.FAILED)
    await world.until(lambda: box.tried == 1)
    await recovered(world)
    box.down = "no answer in time"
    box.open.set()
    await world.until(lambda: world.states("phone") == [("alarm", "cancelled")])


async def test_what_was_stopped_on_purpose_is_told_to_nobody(world: AlertWorld) -> None:
    world.see(State.FAILED)
    await world.until(lambda: world.states("phone") == [("alarm", "sent")])
    world.see(State.DISABLED)
    await world.clock.advance(11)
    assert world.alerts.active() == []
    assert world.states("phone") == [("alarm", "sent")]


async def test_a_slow_channel_delays_no_other(world: AlertWorld) -> None:
    world.boxes["phone"].open.clear()
    world.see(State.FAILED)
    world.see(State.FAILED, "other")
    await world.until(lambda: world.states("hook") == [("alarm", "sent")] * 2)
    assert world.states("phone") == [("alarm", "sending"), ("alarm", "queued")]
    world.boxes["phone"].open.set()


async def test_a_channel_for_grave_alarms_gets_no_others(tmp_path: Path) -> None:
    grave = replace(PHONE, min_severity="critical")
    world = AlertWorld(tmp_path / "outbox.json", grave, HOOK)
    async with world.running():
        for number in range(3):
            world.fault(number)
        await world.until(lambda: world.states("hook") == [("alarm", "sent")])
    assert world.boxes["hook"].titles == ["demo keeps breaking"]
    assert world.of("phone") == []


async def test_messages_to_a_channel_that_is_removed_are_cancelled(world: AlertWorld) -> None:
    world.boxes["phone"].down = "no answer in time"
    world.see(State.FAILED)
    await world.until(lambda: world.of("phone")[0].reason)
    world.alerts.configure(config(HOOK))
    (alarm,) = world.of("phone")
    assert alarm.state == "cancelled"
    assert alarm.reason == "the channel was removed or switched off"
    assert [channel.name for channel in world.alerts.channels()] == ["desktop", "hook"]
    world.see(State.FAILED, "other")
    await world.until(lambda: world.states("hook") == [("alarm", "sent")] * 2)


async def test_a_channel_with_a_new_address_goes_on_with_what_waits(world: AlertWorld) -> None:
    world.boxes["phone"].down = "the server answered 404 (Not Found)"
    world.see(State.FAILED)
    await world.until(lambda: world.of("phone")[0].reason)
    world.boxes["phone"].down = None
    world.alerts.configure(config(replace(PHONE, url="https://ntfy.example/other"), HOOK))
    await world.until(lambda: world.states("phone") == [("alarm", "sent")])
    assert world.boxes["phone"].titles == ["demo has failed"]


async def test_a_channel_that_stays_the_same_keeps_its_pause(world: AlertWorld) -> None:
    world.boxes["phone"].down = "no answer in time"
    world.see(State.FAILED)
    await world.until(lambda: world.of("phone")[0].reason)
    world.alerts.configure(config(PHONE, replace(HOOK, enabled=False)))
    await settle()
    _, phone, hook = world.alerts.channels()
    assert (phone.health, hook.health) == ("paused", "off")
    assert world.boxes["phone"].tried == 1


async def test_a_new_channel_is_not_told_of_old_alarms(world: AlertWorld) -> None:
    world.see(State.FAILED)
    await world.until(lambda: world.states("phone") == [("alarm", "sent")])
    world.alerts.configure(config(PHONE, HOOK, replace(HOOK, name="new")))
    await settle()
    assert world.of("new") == []
