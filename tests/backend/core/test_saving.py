"""A file that is written as a whole, on disks that are full, hang, and recover."""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import TYPE_CHECKING

from fakes.children import until
from fakes.clock import FakeClock

from llama_runner_pro.core.saving import Saving

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest


class Disk:
    """Remembers what was written; refuses or hangs when told to."""

    def __init__(self) -> None:
        self.value = 0
        self.written: list[int] = []
        self.full = False
        self.answers = threading.Event()
        self.answers.set()
        self.asked = threading.Event()
        self.clock = FakeClock()
        self.saving = Saving(self.clock, lost="not kept (%s)", kept_again="kept again")

    def snapshot(self) -> Callable[[], None]:
        value = self.value

        def write() -> None:
            self.asked.set()
            self.answers.wait()
            if self.full:
                raise OSError(28, "no space left")
            self.written.append(value)

        return write

    async def save(self, value: int) -> None:
        self.value = value
        await self.saving.save(self.snapshot)

    async def hang(self, value: int) -> None:
        """A save of `value` that is given up."""
        self.answers.clear()
        self.asked.clear()
        saving = asyncio.create_task(self.save(value))
        await asyncio.to_thread(self.asked.wait)
        await self.clock.advance(3.0)
        await saving


async def test_what_was_saved_is_written_when_it_returns() -> None:
    disk = Disk()
    await disk.save(1)
    assert (disk.written, disk.saving.refused) == ([1], None)


async def test_many_at_once_end_with_the_newest() -> None:
    disk = Disk()
    await asyncio.gather(*(disk.save(value) for value in range(20)))
    assert disk.written[-1] == 19


async def test_a_full_disk_is_told_once_and_so_is_its_end(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    disk = Disk()
    disk.full = True
    await disk.save(1)
    await disk.save(2)
    assert disk.saving.refused == "[Errno 28] no space left"
    disk.full = False
    await disk.save(3)
    assert (disk.written, disk.saving.refused) == ([3], None)
    assert caplog.messages == ["not kept ([Errno 28] no space left)", "kept again"]


async def test_what_was_refused_is_written_once_there_is_room() -> None:
    disk = Disk()
    keeping = asyncio.create_task(disk.saving.keep_saved(disk.snapshot))
    disk.full = True
    await disk.save(1)
    disk.full = False
    await disk.clock.advance(2.0)
    await until(lambda: disk.written == [1])
    await until(lambda: disk.saving.refused is None)
    keeping.cancel()


async def test_a_disk_that_hangs_holds_up_the_first_for_3_s_and_nobody_after_it() -> None:
    disk = Disk()
    await disk.hang(1)
    assert disk.saving.refused == "the disk does not answer"
    await disk.save(2)
    assert disk.written == []
    disk.answers.set()


async def test_a_write_that_hung_is_over_before_the_newer_one_begins() -> None:
    disk = Disk()
    keeping = asyncio.create_task(disk.saving.keep_saved(disk.snapshot))
    await disk.hang(1)
    await disk.save(2)
    disk.answers.set()
    await until(lambda: disk.written == [1])
    await disk.clock.advance(2.0)
    await until(lambda: disk.written == [1, 2])
    keeping.cancel()


async def test_a_cancelled_save_ends_before_the_next_one_begins() -> None:
    disk = Disk()
    disk.answers.clear()
    saving = asyncio.create_task(disk.save(1))
    await asyncio.to_thread(disk.asked.wait)
    saving.cancel()
    await asyncio.wait((saving,))
    disk.answers.set()
    await disk.save(2)
    assert disk.written == [1, 2]
