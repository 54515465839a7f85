"""A viewer of the metrics stream: what the hub needs of it, and the plainest kind."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from llama_runner_pro.api.ws.conversation import Conversation
from llama_runner_pro.api.ws.outbox import TickSlot

if TYPE_CHECKING:
    from llama_runner_pro.api.codec import Wire
    from llama_runner_pro.api.ws.conversation import Leave
    from llama_runner_pro.api.ws.socket import Socket
    from llama_runner_pro.api.ws.tick import SharedTick
    from llama_runner_pro.core.clock import Clock


class Viewer(Conversation):
    """The hub marks what is due here and never waits."""

    def __init__(self, socket: Socket, clock: Clock, interval_s: float) -> None:
        super().__init__(socket, clock)
        self._wake = asyncio.Event()
        self.slot = TickSlot()
        self.interval_s = interval_s
        """Seconds between two ticks that this viewer wants."""
        self.visible = True
        """Somebody looks at it; only then it gets ticks and counts as demand."""

    def offer(self, tick: SharedTick) -> None:
        """A new tick; the newest wins."""
        if self.visible and self.slot.offer(tick, self.interval_s):
            self._wake.set()

    def notify(self) -> None:
        """There is a new event."""
        self._wake.set()


class PlainViewer(Viewer):
    """A client without subprotocol: one JSON object every two seconds, nothing else."""

    async def _read(self) -> None:
        while True:
            await self._socket.receive()

    async def _write(self) -> None:
        while True:
            self._wake.clear()
            while taken := self.slot.take():
                await self._send(taken[0].plain())
            await self._wake.wait()

    def _bye(self, leave: Leave) -> Wire | None:
        return None
