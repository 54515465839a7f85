"""`/api/logs/stream`: the end of a log, then every line as it is written."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec

from llama_runner_pro.api.log_lines import LogFilter
from llama_runner_pro.api.schemas import LogBatch
from llama_runner_pro.api.ws.conversation import (
    STUCK_LIMIT_S,
    TRY_LATER,
    Conversation,
    Leave,
)
from llama_runner_pro.core.deadline import Deadline

if TYPE_CHECKING:
    from llama_runner_pro.api.codec import Wire
    from llama_runner_pro.api.log_reader import LogReader
    from llama_runner_pro.api.schemas import LogLine, LogStreamQuery
    from llama_runner_pro.api.ws.socket import Socket
    from llama_runner_pro.core.clock import Clock

POLL_S = 0.25
BATCH_LINES = 500


class LogStream(Conversation):
    """One follower. Looks at the file only while somebody follows, and only when it is read."""

    def __init__(
        self, socket: Socket, clock: Clock, logs: LogReader, query: LogStreamQuery
    ) -> None:
        """Raises UnknownLogSource."""
        super().__init__(socket, clock)
        self._logs = logs
        self._query = query
        self._wanted = LogFilter(level=query.level, text=query.q)
        logs.path(query.source)

    async def _read(self) -> None:
        while True:
            await self._socket.receive()

    async def _write(self) -> None:
        source = self._query.source
        follower = await asyncio.to_thread(self._logs.follow, source, self._wanted)
        tail = await asyncio.to_thread(self._logs.tail, source, self._query.lines, self._wanted)
        await self._send_lines(tail.lines, 0)
        while True:
            lines, skipped_bytes = await asyncio.to_thread(follower.read)
            if lines or skipped_bytes:
                await self._send_lines(lines, skipped_bytes)
            await self._clock.sleep(POLL_S)

    async def _send_lines(self, lines: list[LogLine], skipped_bytes: int) -> None:
        for start in range(0, max(1, len(lines)), BATCH_LINES):
            batch = LogBatch(
                lines=lines[start : start + BATCH_LINES],
                skipped_bytes=skipped_bytes if start == 0 else 0,
            )
            try:
                async with Deadline(self._clock, STUCK_LIMIT_S):
                    await self._send(msgspec.json.encode(batch).decode())
            except TimeoutError:
                raise Leave(TRY_LATER, "this reader does not take what it asked for") from None

    def _bye(self, leave: Leave) -> Wire | None:
        return None
