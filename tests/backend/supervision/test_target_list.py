"""What the metric collectors are told of the endpoints."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from fakes.clock import settle
from fakes.house import House

from llama_runner_pro.endpoints.ports import Heartbeat
from llama_runner_pro.endpoints.states import State
from llama_runner_pro.supervision.events import EndpointRemoved, HeartbeatSeen

if TYPE_CHECKING:
    from pathlib import Path


async def test_collectors_of_one_tick_share_a_list_that_follows_time_and_news(
    tmp_path: Path,
) -> None:
    house = House(tmp_path)
    first = house.supervisor.targets()
    assert [target.name for target in first] == ["a", "b", "theirs"]
    assert not any(target.ready for target in first)
    assert house.supervisor.targets() is first
    await house.clock.advance(1.0)
    assert house.supervisor.targets() is not first

    task = asyncio.create_task(house.supervisor.run())
    await house.all_online()
    await settle()
    assert all(target.ready for target in house.supervisor.targets())
    task.cancel()
    await asyncio.wait([task])
    house.recovery.shut()


async def test_news_of_one_endpoint_renews_its_entry_and_no_other(tmp_path: Path) -> None:
    house = House(tmp_path)
    first = house.supervisor.targets()
    beat = Heartbeat(t_ms=1, ok=True, state=State.ONLINE)
    house.supervisor.topic.publish(HeartbeatSeen("b", beat))
    second = house.supervisor.targets()
    assert [old is new for old, new in zip(first, second, strict=True)] == [True, False, True]
    house.supervisor.topic.publish(EndpointRemoved("unheard of"))
    third = house.supervisor.targets()
    assert not any(old is new for old, new in zip(second, third, strict=True))
    house.recovery.shut()
