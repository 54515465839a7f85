"""A WebSocket from accept to close: two loops, an orderly end, and a register of all of them.

One loop reads what the client says, the other writes what is due. A client that does not read
holds up its own writer and nothing else.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Generic, TypeVar

from llama_runner_pro.api.ws.socket import Gone
from llama_runner_pro.core.deadline import Deadline

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from llama_runner_pro.api.codec import Wire
    from llama_runner_pro.api.ws.socket import Socket
    from llama_runner_pro.core.clock import Clock

FAREWELL_LIMIT_S = 1.0
"""How long the last words may take before the connection is cut."""
STUCK_LIMIT_S = 30.0
"""A client that takes nothing for this long is sent away."""

GOING_AWAY = 1001
PROTOCOL_BROKEN = 1008
TOO_MUCH = 1008
TOO_BIG = 1009
TRY_LATER = 1013
"""Close codes, as RFC 6455 and its registry have them."""


class Leave(Exception):
    """The conversation ends, with a close code and words for the client."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Conversation:
    """One connection. Subclasses say what is read, what is written and what the last words are."""

    def __init__(self, socket: Socket, clock: Clock) -> None:
        self._socket = socket
        self._clock = clock
        self._over = asyncio.Event()
        self._leave: Leave | None = None
        self._sending_since_s: float | None = None

    async def run(self) -> None:
        """Serve until the client goes, breaks the protocol, or is sent away with `leave`."""
        async with asyncio.TaskGroup() as group:
            loops = [
                group.create_task(self._until_over(self._read)),
                group.create_task(self._until_over(self._write)),
            ]
            await self._over.wait()
            for loop in loops:
                loop.cancel()
        if self._leave is not None:
            await self._farewell(self._leave)

    def leave(self, code: int, reason: str) -> None:
        """Send this client away; the first reason stands. Never waits."""
        if not self._over.is_set():
            self._leave = Leave(code, reason)
            self._over.set()

    def leave_if_stuck(self) -> None:
        """Send the client away when it has not taken what was sent for too long."""
        since_s = self._sending_since_s
        if since_s is not None and self._clock.monotonic() - since_s > STUCK_LIMIT_S:
            self.leave(TRY_LATER, f"this session fell {STUCK_LIMIT_S:.0f} s behind")

    async def _until_over(self, body: Callable[[], Awaitable[None]]) -> None:
        try:
            await body()
        except Gone:
            self._over.set()
        except Leave as leave:
            self.leave(leave.code, leave.reason)

    async def _farewell(self, leave: Leave) -> None:
        last_words = self._bye(leave)
        try:
            async with Deadline(self._clock, FAREWELL_LIMIT_S):
                with suppress(Gone):
                    if last_words is not None:
                        await self._socket.send(last_words)
                await self._socket.close(leave.code, leave.reason)
        except TimeoutError:
            self._socket.abort()

    async def _send(self, message: Wire) -> None:
        self._sending_since_s = self._clock.monotonic()
        await self._socket.send(message)
        self._sending_since_s = None

    async def _read(self) -> None:
        raise NotImplementedError

    async def _write(self) -> None:
        raise NotImplementedError

    def _bye(self, leave: Leave) -> Wire | None:
        """Last message before the closing handshake."""
        raise NotImplementedError


C = TypeVar("C", bound=Conversation)


class Conversations(Generic[C]):
    """All conversations of one stream, and how they end together."""

    def __init__(self) -> None:
        self._all: set[C] = set()
        self._closing = False
        self._empty = asyncio.Event()

    def __len__(self) -> int:
        """How many go on now."""
        return len(self._all)

    def __iter__(self) -> Iterator[C]:
        """A stable copy, so that members may go while somebody looks."""
        return iter(tuple(self._all))

    async def hold(self, conversation: C, changed: Callable[[], None] = lambda: None) -> None:
        """Run one to its end; `changed` is called when it came and when it went."""
        self._all.add(conversation)
        changed()
        if self._closing:
            conversation.leave(GOING_AWAY, "the sidecar is stopping")
        try:
            await conversation.run()
        finally:
            self._all.discard(conversation)
            changed()
            if not self._all:
                self._empty.set()

    async def close(self) -> None:
        """Say goodbye to all, and to whoever comes later; returns when all are gone."""
        self._closing = True
        for conversation in self:
            conversation.leave(GOING_AWAY, "the sidecar is stopping")
        while self._all:
            self._empty.clear()
            await self._empty.wait()
