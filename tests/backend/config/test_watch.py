"""Edits of a file are noticed once, when they are complete."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from fakes.clock import FakeClock

from llama_runner_pro.config.watch import FileWatch, stamp_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


class Desk:
    """A watched file; `edits` counts what was noticed."""

    def __init__(self, folder: Path) -> None:
        self.path, self.clock = folder / "config.json", FakeClock()
        self.edits = 0
        self.watch = FileWatch(lambda: self.path, self._edited, self.clock)

    async def _edited(self) -> None:
        self.edits += 1

    async def looks(self, count: int) -> None:
        """Let it look so many times more."""
        await self._asleep()
        for _ in range(count):
            await self.clock.advance(1)
            await self._asleep()

    async def _asleep(self) -> None:
        """It looks in a thread; then it sleeps on our clock again."""
        async with asyncio.timeout(60):
            while not self.clock.sleeping:  # noqa: ASYNC110 - the thread tells nobody
                await asyncio.sleep(0.001)


@asynccontextmanager
async def watched(folder: Path) -> AsyncIterator[Desk]:
    desk = Desk(folder)
    task = asyncio.create_task(desk.watch.run())
    try:
        await desk.looks(0)
        desk.edits -= 1  # the first look at what happened before
        yield desk
    finally:
        task.cancel()
        await asyncio.wait([task])


async def test_an_untouched_file_is_no_edit(tmp_path: Path) -> None:
    async with watched(tmp_path) as desk:
        await desk.looks(3)
        assert desk.edits == 0


async def test_an_edit_is_noticed_once_it_rests(tmp_path: Path) -> None:
    async with watched(tmp_path) as desk:
        desk.path.write_text("one")
        await desk.looks(1)
        assert desk.edits == 0
        await desk.looks(3)
        assert desk.edits == 1


async def test_a_file_that_is_still_written_is_waited_for(tmp_path: Path) -> None:
    async with watched(tmp_path) as desk:
        for length in range(1, 5):
            desk.path.write_text("x" * length)
            await desk.looks(1)
        assert desk.edits == 0
        await desk.looks(1)
        assert desk.edits == 1


async def test_a_file_put_in_its_place_and_one_taken_away_are_edits(tmp_path: Path) -> None:
    async with watched(tmp_path) as desk:
        (tmp_path / "new").write_text("one")
        (tmp_path / "new").rename(desk.path)
        await desk.looks(2)
        desk.path.unlink()
        await desk.looks(2)
        assert desk.edits == 2


def test_what_is_not_there_has_no_stamp(tmp_path: Path) -> None:
    assert stamp_of(tmp_path / "none") is None
    assert stamp_of(tmp_path) is not None
