"""What the metric collectors are told of the endpoints."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from fakes.clock import settle
from fakes.house import House

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
