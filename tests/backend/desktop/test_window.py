"""What the window says, over a real pipe."""

from __future__ import annotations

import asyncio
import json
import os
import threading
from typing import TYPE_CHECKING

import pytest
from fakes.clock import FakeClock
from fakes.desktop_window import TOKEN, first_line

from llama_runner_pro.core.leaving import Leaving
from llama_runner_pro.desktop.handshake import HandshakeFailed
from llama_runner_pro.desktop.window import Window

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Pipe:
    """The window's end of our standard input, and whether our end was cut short."""

    def __init__(self) -> None:
        self.reading, self.writing = os.pipe()
        self.was_cut = threading.Event()
        self.open = True

    def window(self, end_within_s: float = 60.0) -> Window:
        return Window(self.reading, end_within_s=end_within_s, cut=self.was_cut.set)

    def say(self, what: object) -> None:
        os.write(self.writing, json.dumps(what).encode() + b"\n")

    def close(self) -> None:
        if self.open:
            os.close(self.writing)
        self.open = False


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    pipe = Pipe()
    yield pipe
    pipe.close()


async def stopped(leaving: Leaving) -> None:
    """Wait until somebody asked for the end."""
    event = asyncio.Event()
    leaving.listen(event.set)
    async with asyncio.timeout(60):
        await event.wait()


def test_the_first_line_is_the_handshake(pipe: Pipe, tmp_path: Path) -> None:
    pipe.say(first_line(tmp_path))
    assert pipe.window().handshake().token == TOKEN


def test_silence_is_not_waited_for(pipe: Pipe) -> None:
    with pytest.raises(HandshakeFailed, match=r"within 0\.05 s"):
        pipe.window().handshake(0.05)


async def test_a_shutdown_reaches_the_sidecar_with_its_deadline(pipe: Pipe, tmp_path: Path) -> None:
    window, clock = pipe.window(), FakeClock()
    leaving = Leaving(clock)
    pipe.say(first_line(tmp_path))
    window.handshake()
    window.attach(asyncio.get_running_loop(), leaving)
    pipe.say({"command": "shutdown", "keep_models": True, "deadline_ms": 3000})
    await stopped(leaving)
    assert leaving.keep_models
    assert leaving.models_within_s() == 2.5


async def test_an_end_before_anybody_listens_is_not_forgotten(pipe: Pipe, tmp_path: Path) -> None:
    window, leaving = pipe.window(end_within_s=0.1), Leaving(FakeClock(), keep_models=True)
    pipe.say(first_line(tmp_path))
    window.handshake()
    pipe.close()
    assert await asyncio.to_thread(pipe.was_cut.wait, 10)
    window.attach(asyncio.get_running_loop(), leaving)
    await stopped(leaving)
    assert leaving.keep_models


async def test_other_lines_are_passed_over(
    pipe: Pipe, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    window, leaving = pipe.window(), Leaving(FakeClock())
    pipe.say(first_line(tmp_path))
    window.handshake()
    window.attach(asyncio.get_running_loop(), leaving)
    for line in ({"command": "dance"}, "text", {"command": "shutdown", "deadline_ms": -1}):
        pipe.say(line)
    pipe.say({"command": "shutdown", "later": "member"})
    await stopped(leaving)
    assert "does not know" in caplog.text
    assert caplog.text.count("makes no sense") == 2


def test_an_end_that_takes_too_long_is_cut_short(pipe: Pipe) -> None:
    pipe.window(end_within_s=0.05)
    pipe.close()
    assert pipe.was_cut.wait(60)


async def test_a_closed_loop_is_no_error(pipe: Pipe, tmp_path: Path) -> None:
    loop = asyncio.new_event_loop()
    loop.close()
    window = pipe.window(end_within_s=0.05)
    window.attach(loop, Leaving(FakeClock()))
    window.gone()
    assert await asyncio.to_thread(pipe.was_cut.wait, 10)


async def test_asking_often_makes_one_timer_and_a_shorter_time_counts(
    pipe: Pipe, tmp_path: Path
) -> None:
    window, leaving = pipe.window(end_within_s=0.05), Leaving(FakeClock())
    pipe.say(first_line(tmp_path))
    window.handshake()
    window.attach(asyncio.get_running_loop(), leaving)
    before = threading.active_count()
    for _ in range(200):
        pipe.say({"command": "shutdown", "deadline_ms": 60_000})
    await stopped(leaving)
    assert not pipe.was_cut.is_set()
    pipe.close()
    assert await asyncio.to_thread(pipe.was_cut.wait, 10)
    assert threading.active_count() <= before + 2
