"""Reads many sources at the same time, and goes on without those that hang."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from llama_runner_pro.core.deadline import Deadline
from llama_runner_pro.core.own_thread import in_own_thread
from llama_runner_pro.core.value_object import ValueObject
from llama_runner_pro.supervision.diagnostics.bundle import Member

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from llama_runner_pro.core.clock import Clock

COLLECT_WITHIN_S = 2.0


class Section(ValueObject, frozen=True):
    """One file of an archive and how its text is read; reading may block, and may raise."""

    name: str
    read: Callable[[], str]


async def collect(
    sections: Sequence[Section], clock: Clock, *, within_s: float = COLLECT_WITHIN_S
) -> list[Member]:
    """Every section as a file, in their order, after at most `within_s`.

    Each is read in a thread of its own: a process that hangs in the kernel can make whoever reads
    about it hang as well. One that fails or takes too long says so instead of its text.
    """
    readings = [in_own_thread(f"collect {one.name}", one.read) for one in sections]
    try:
        async with Deadline(clock, within_s):
            await asyncio.wait(readings)
    except TimeoutError:
        pass
    finally:
        found = [_text(reading, within_s) for reading in readings]
    return [Member(one.name, text) for one, text in zip(sections, found, strict=True)]


def _text(reading: asyncio.Future[str], within_s: float) -> str:
    if not reading.done():
        reading.cancel()
        return f"This was not read within {within_s:g} s and is left out.\n"
    error = reading.exception()
    if error is not None:
        return f"This could not be read: {type(error).__name__}: {error}\n"
    return reading.result()
