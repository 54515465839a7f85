"""Collecting goes on without what hangs or fails."""

from __future__ import annotations

import asyncio
import threading

from fakes.children import until
from fakes.clock import FakeClock, settle
from fakes.slow_clock import SlowClock

from llama_runner_pro.supervision.diagnostics.collect import Section, collect


def broken() -> str:
    raise PermissionError("not for you")


async def test_every_section_becomes_a_file_in_its_place() -> None:
    sections = [Section("a", lambda: "first"), Section("b", lambda: "second")]
    found = await collect(sections, SlowClock())
    assert [(member.name, member.text) for member in found] == [("a", "first"), ("b", "second")]


async def test_one_that_fails_says_why_and_disturbs_no_other() -> None:
    found = await collect([Section("a", broken), Section("b", lambda: "fine")], SlowClock())
    assert "PermissionError: not for you" in found[0].text
    assert found[1].text == "fine"


async def test_one_that_hangs_is_left_out_at_the_deadline() -> None:
    clock, stuck = FakeClock(), threading.Event()

    def hang() -> str:
        stuck.wait(60)
        return "too late"

    async with asyncio.TaskGroup() as group:
        sections = [Section("a", hang), Section("b", lambda: "in time")]
        collecting = group.create_task(collect(sections, clock, within_s=2.0))
        await settle()
        await until(lambda: "collect b" not in {one.name for one in threading.enumerate()})
        assert not collecting.done()
        await clock.advance(2.0)
    stuck.set()
    slow, fast = collecting.result()
    assert "not read within 2 s" in slow.text
    assert fast.text == "in time"
