"""What the gateway promises as a whole to all who ask at once."""

from __future__ import annotations

import pytest
from fakes.crowd import Crowd


@pytest.mark.parametrize("seed", range(12))
async def test_in_any_crowd_everybody_is_answered_and_nobody_is_interrupted(seed: int) -> None:
    crowd = Crowd(seed)
    async with crowd.world:
        for _ in range(150):
            await crowd.move()
            running = crowd.running
            assert len(running) <= (crowd.spec.max_running or 0)
            assert not {"a", "b"} <= running, "of this group only one may run"
            assert {one.upstream.endpoint for one in crowd.leases} <= running, "it was cut off"
        await crowd.disperse()
        assert not crowd.asked, "somebody waits for ever"
        assert crowd.world.admit.waiting == 0
