"""Streaming clients hear how their request fares before its answer begins."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

from llama_runner_pro.core.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from llama_runner_pro.gateway.journey import Reply
    from llama_runner_pro.gateway.ports import Meant, Progress
    from llama_runner_pro.gateway.surfaces.call import Call

    Send = Callable[[Callable[[Progress], None]], Awaitable[Reply]]


class Sending:
    """A request on its way. Once `progress` has ended there is a `reply`, or a `failure`."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._changed = asyncio.Event()
        self._newest: Progress | None = None
        self.reply: Reply | None = None
        self.failure: GatewayError | None = None

    async def progress(self) -> AsyncGenerator[Progress, None]:
        """What the client can be told, as it happens; the newest when it reads slowly."""
        async with asyncio.TaskGroup() as group:
            sending = group.create_task(self._run())
            while not sending.done():
                await self._changed.wait()
                self._changed.clear()
                newest, self._newest = self._newest, None
                if newest is not None:
                    yield newest

    async def _run(self) -> None:
        try:
            self.reply = await self._send(self._told)
        except GatewayError as error:
            self.failure = error
        finally:
            self._changed.set()

    def _told(self, progress: Progress) -> None:
        self._newest = progress
        self._changed.set()


def tells_loading(call: Call, view: Meant, *, streams: bool) -> bool:
    """The client is to be told of the load: its user wishes that, and there is one."""
    return streams and view.state != "loaded" and call.desk.info.loading_text()


async def telling(
    send: Send,
    say: Callable[[Progress], bytes],
    go_on: Callable[[Reply], AsyncGenerator[bytes, None]],
) -> AsyncGenerator[bytes, None]:
    """What `say` makes of the load, then the answer. Raises what failed, as `send` does."""
    sending = Sending(send)
    async with aclosing(sending.progress()) as told:
        async for progress in told:
            if progress.phase != "queued":
                yield say(progress)
    if sending.failure is not None:
        raise sending.failure
    assert sending.reply is not None
    async with aclosing(go_on(sending.reply)) as pieces:
        async for piece in pieces:
            yield piece
