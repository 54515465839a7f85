"""One scan for those who ask at the same time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from fakes.clock import settle
from fakes.discovery import discovery

from llama_runner_pro.supervision.discovery.shared import SharedScan

if TYPE_CHECKING:
    from llama_runner_pro.supervision.discovery.findings import Discovery


class Gate:
    """A scan that ends when it is told to."""

    def __init__(self) -> None:
        self.scans = 0
        self.opened = asyncio.Event()
        self.error: Exception | None = None

    async def scan(self) -> Discovery:
        """Waits."""
        self.scans += 1
        await self.opened.wait()
        if self.error is not None:
            raise self.error
        return discovery(took_ms=float(self.scans))


async def test_calls_at_the_same_time_share_one_scan() -> None:
    gate = Gate()
    shared = SharedScan(gate.scan)
    calls = [asyncio.ensure_future(shared.scan()) for _ in range(5)]
    await settle()
    gate.opened.set()
    assert {result.took_ms for result in await asyncio.gather(*calls)} == {1.0}
    assert (await shared.scan()).took_ms == 2.0


async def test_a_caller_that_leaves_does_not_take_the_result_along() -> None:
    gate = Gate()
    shared = SharedScan(gate.scan)
    first, second, third = (asyncio.ensure_future(shared.scan()) for _ in range(3))
    await settle()
    second.cancel()
    first.cancel()
    await settle()
    assert gate.scans == 2, "the one that stayed looks for itself"
    gate.opened.set()
    assert (await third).took_ms == 2.0
    assert first.cancelled()
    assert second.cancelled()


async def test_everybody_learns_of_trouble_and_the_next_call_tries_again() -> None:
    gate = Gate()
    gate.error = OSError("no sockets today")
    shared = SharedScan(gate.scan)
    calls = [asyncio.ensure_future(shared.scan()) for _ in range(2)]
    gate.opened.set()
    for call in calls:
        with pytest.raises(OSError, match="no sockets"):
            await call
    gate.error = None
    assert (await shared.scan()).complete
