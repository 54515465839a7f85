"""Following a log over an in-memory connection."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest
from fakes.viewer_socket import FakeSocket

from llama_runner_pro.api.log_reader import UnknownLogSource
from llama_runner_pro.api.schemas import LogStreamQuery
from llama_runner_pro.api.ws.conversation import STUCK_LIMIT_S
from llama_runner_pro.api.ws.log_stream import BATCH_LINES, POLL_S, LogStream

if TYPE_CHECKING:
    from fakes.api_world import World


def stream(world: World, socket: FakeSocket, **query: object) -> LogStream:
    """A follower of the monitor's log."""
    wanted = LogStreamQuery(**query)  # type: ignore[arg-type]
    return LogStream(socket, world.clock, world.deps().logs, wanted)


async def arrived(world: World, socket: FakeSocket, count: int) -> list[dict[str, object]]:
    """The batches, once there are so many: files are read in threads."""
    async with asyncio.timeout(60):
        while len(socket.sent) < count:
            await asyncio.sleep(0.002)
            if world.clock.sleeping:
                await world.clock.advance(POLL_S)
    return [json.loads(message) for message in socket.sent]


def texts(batch: dict[str, object]) -> list[str]:
    """The lines of a batch."""
    lines = batch["lines"]
    assert isinstance(lines, list)
    return [line["text"] for line in lines]


async def test_the_end_of_the_log_comes_first_and_then_what_is_written(world: World) -> None:
    path, socket = world.folder / "ai_monitor.log", FakeSocket()
    path.write_text("INFO old\nINFO one\nERROR two\n")
    running = asyncio.ensure_future(stream(world, socket, lines=2).run())
    (first,) = await arrived(world, socket, 1)
    assert (first["type"], texts(first)) == ("lines", ["INFO one", "ERROR two"])
    with path.open("a") as file:
        file.write("INFO three\n")
    _, second = await arrived(world, socket, 2)
    assert texts(second) == ["INFO three"]
    socket.go()
    await running


async def test_an_empty_log_begins_with_an_empty_batch(world: World) -> None:
    socket = FakeSocket()
    running = asyncio.ensure_future(stream(world, socket).run())
    (first,) = await arrived(world, socket, 1)
    assert first == {"type": "lines", "lines": [], "skipped_bytes": 0}
    socket.go()
    await running


async def test_only_lines_that_pass_the_filter_come(world: World) -> None:
    path, socket = world.folder / "ai_monitor.log", FakeSocket()
    path.write_text("INFO one\nERROR two\n")
    running = asyncio.ensure_future(stream(world, socket, level="error").run())
    await arrived(world, socket, 1)
    with path.open("a") as file:
        file.write("INFO three\nERROR four\n")
    first, second = await arrived(world, socket, 2)
    assert (texts(first), texts(second)) == (["ERROR two"], ["ERROR four"])
    socket.go()
    await running


async def test_many_lines_come_in_batches(world: World) -> None:
    socket = FakeSocket()
    count = BATCH_LINES + 1
    (world.folder / "ai_monitor.log").write_text("line\n" * count)
    running = asyncio.ensure_future(stream(world, socket, lines=count).run())
    batches = await arrived(world, socket, 2)
    assert [len(texts(batch)) for batch in batches] == [BATCH_LINES, 1]
    socket.go()
    await running


async def test_a_reader_that_takes_nothing_is_sent_away(world: World) -> None:
    socket = FakeSocket()
    socket.stuck()
    running = asyncio.ensure_future(stream(world, socket).run())
    async with asyncio.timeout(60):
        while not world.clock.sleeping:  # noqa: ASYNC110 - a thread reads the file first
            await asyncio.sleep(0.002)
    await world.clock.advance(STUCK_LIMIT_S)
    await world.clock.advance(5)
    await running
    assert socket.aborted


def test_an_unknown_log_is_refused_before_anything_is_sent(world: World) -> None:
    with pytest.raises(UnknownLogSource):
        stream(world, FakeSocket(), source="nope")
