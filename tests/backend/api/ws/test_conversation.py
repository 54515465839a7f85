"""Two loops, an orderly end, and a register of all conversations."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from fakes.clock import FakeClock, settle
from fakes.viewer_socket import FakeSocket

from llama_runner_pro.api.ws.conversation import (
    FAREWELL_LIMIT_S,
    STUCK_LIMIT_S,
    Conversation,
    Conversations,
    Leave,
)

if TYPE_CHECKING:
    from llama_runner_pro.api.codec import Wire


class Echo(Conversation):
    """Says back what it hears; "leave" ends it."""

    def __init__(self, socket: FakeSocket, clock: FakeClock) -> None:
        super().__init__(socket, clock)
        self._heard: asyncio.Queue[Wire] = asyncio.Queue()

    async def _read(self) -> None:
        while True:
            message = await self._socket.receive()
            if message == "leave":
                raise Leave(1008, "as you wish")
            self._heard.put_nowait(message)

    async def _write(self) -> None:
        while True:
            await self._send(await self._heard.get())

    def _bye(self, leave: Leave) -> Wire | None:
        return f"bye: {leave.reason}"


async def test_reading_and_writing_go_on_until_the_client_goes() -> None:
    socket = FakeSocket()
    running = asyncio.ensure_future(Echo(socket, FakeClock()).run())
    socket.say_raw("a")
    socket.say_raw("b")
    await settle()
    assert socket.sent == ["a", "b"]
    socket.go()
    await running
    assert socket.closed is None


async def test_whoever_breaks_the_rules_hears_why() -> None:
    socket = FakeSocket()
    socket.say_raw("leave")
    await Echo(socket, FakeClock()).run()
    assert socket.sent == ["bye: as you wish"]
    assert socket.closed == (1008, "as you wish")


async def test_the_first_reason_to_leave_stands() -> None:
    socket = FakeSocket()
    echo = Echo(socket, FakeClock())
    echo.leave(1001, "first")
    echo.leave(1013, "second")
    await echo.run()
    assert socket.closed == (1001, "first")


async def test_last_words_that_nobody_takes_end_with_a_cut() -> None:
    socket, clock = FakeSocket(), FakeClock()
    socket.stuck()
    echo = Echo(socket, clock)
    running = asyncio.ensure_future(echo.run())
    await settle()
    echo.leave(1001, "stopping")
    await settle()
    assert not running.done()
    await clock.advance(FAREWELL_LIMIT_S)
    await running
    assert socket.aborted


async def test_a_client_is_stuck_only_while_something_waits_to_be_taken() -> None:
    socket, clock = FakeSocket(), FakeClock()
    echo = Echo(socket, clock)
    running = asyncio.ensure_future(echo.run())
    clock.skip(STUCK_LIMIT_S * 2)
    echo.leave_if_stuck()
    await settle()
    assert not running.done()
    socket.stuck()
    socket.say_raw("a")
    await settle()
    clock.skip(STUCK_LIMIT_S + 1)
    echo.leave_if_stuck()
    await settle()
    await clock.advance(FAREWELL_LIMIT_S)
    await running
    assert socket.aborted


async def test_a_cancelled_conversation_ends_at_once() -> None:
    running = asyncio.ensure_future(Echo(FakeSocket(), FakeClock()).run())
    await settle()
    running.cancel()
    await asyncio.wait([running])
    assert running.cancelled()


async def test_a_register_counts_and_ends_all() -> None:
    register: Conversations[Echo] = Conversations()
    changes: list[int] = []
    sockets = [FakeSocket(), FakeSocket()]
    held = [
        asyncio.ensure_future(
            register.hold(Echo(socket, FakeClock()), lambda: changes.append(len(register)))
        )
        for socket in sockets
    ]
    await settle()
    assert len(register) == len(list(register)) == 2
    await register.close()
    await asyncio.gather(*held)
    assert changes == [1, 2, 1, 0]
    assert [socket.closed for socket in sockets] == [(1001, "the sidecar is stopping")] * 2


async def test_closing_an_empty_register_is_done_at_once() -> None:
    await Conversations[Echo]().close()
