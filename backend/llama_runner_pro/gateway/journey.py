"""Requests on their way to a model server and back, for surfaces that read or translate answers."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any

from llama_runner_pro.core.errors import ClientGone, GatewayError, UpstreamBroken
from llama_runner_pro.gateway.aftermath import Aftermath
from llama_runner_pro.gateway.dispatch import Dispatch, Gone, Visit, gone_of, visitor_of
from llama_runner_pro.gateway.journal import Entry
from llama_runner_pro.gateway.patience import Patience
from llama_runner_pro.gateway.refusals import Refusals
from llama_runner_pro.gateway.road import Limits, Road, Underway
from llama_runner_pro.gateway.trip import Trip

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.endpoints.traffic import RequestRecord, RequestSink
    from llama_runner_pro.gateway.capture import CaptureRing
    from llama_runner_pro.gateway.ports import Admission, Ask, Progress, Upstream
    from llama_runner_pro.gateway.road import Consumer
    from llama_runner_pro.gateway.upstream import Upstreams
    from llama_runner_pro.gateway.upstream_connection import Head

__all__ = ["Dispatch", "Gone", "Journeys", "Limits", "Reply", "Visit", "gone_of", "visitor_of"]

HIGH_WATER_BYTES = 65_536
"""What a reply holds before the server is made to wait."""


class Reply:
    """An answer whose head has arrived. Read it to its end, or `aclose` it."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        """Lower-case names; repeated ones joined by commas."""
        self._trip: Trip | None = None
        self._pieces: deque[bytes] = deque()
        self._held_bytes = 0
        self._done = False
        self._error: GatewayError | None = None
        self._reader: asyncio.Future[None] | None = None
        """Waits for the next change. An `asyncio.Event` costs more calls."""

    @property
    def upstream(self) -> Upstream:
        """Who answered."""
        lease = self._begun.entry.lease
        assert lease is not None
        return lease.upstream

    @property
    def queue_ms(self) -> float:
        """Time spent waiting for a turn."""
        lease = self._begun.entry.lease
        return 0.0 if lease is None else lease.queue_ms

    @property
    def load_ms(self) -> float:
        """Time spent waiting for the model to load."""
        lease = self._begun.entry.lease
        return 0.0 if lease is None else lease.load_ms

    @property
    def tap(self) -> RequestRecord:
        """What is known by now; final once the body has ended."""
        return self._begun.entry.record()

    async def read(self, limit_bytes: int = 64_000_000) -> bytes:
        """The rest of the body. Raises `UpstreamBroken` (also beyond the limit), `UpstreamTimeout`
        and `ClientGone`.

        Cancelling leaves the answer as it is: `aclose` it.
        """
        body = bytearray()
        async for piece in self:
            body += piece
            if len(body) > limit_bytes:
                await self.aclose()
                raise UpstreamBroken(f"the answer is larger than {limit_bytes} bytes")
        return bytes(body)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Pieces of the body as they arrive; the server is slowed down to the reader's pace.

        Raises `UpstreamBroken` and `UpstreamTimeout` when it breaks off, and `ClientGone`.
        """
        while True:
            while self._pieces:
                piece = self._pieces.popleft()
                self._held_bytes -= len(piece)
                if self._held_bytes <= HIGH_WATER_BYTES // 4:
                    self._begun.resume()
                yield piece
            if self._error is not None:
                raise self._error
            if self._done:
                return
            await self._change()

    async def aclose(self) -> None:
        """Give the rest up: the server is made to stop. Without effect after the end."""
        self._begun.abort()
        self._pieces.clear()
        self._done = True
        self._wake()

    # --- the journey's side --------------------------------------------------------------------

    async def begin(self, trip: Trip) -> Reply:
        """Start the trip and wait for the head. Raises what failed before it."""
        self._trip = trip
        trip.start()
        try:
            while not self.status and self._error is None:
                await self._change()
        except asyncio.CancelledError:
            trip.abort()
            raise
        if self._error is not None and not self.status:
            raise self._error
        return self

    def leave(self) -> None:
        """The client has gone."""
        self._begun.abort()
        if not self._done and self._error is None:
            self.failed(ClientGone())

    def arrived(self, head: Head | None, body: bytes, done: bool) -> None:
        """Called by the trip."""
        if head is not None:
            self.status = head.status
            for name, value in head.headers:
                key, text = name.decode("latin-1"), value.decode("latin-1").strip()
                known = self.headers.get(key)
                self.headers[key] = text if known is None else f"{known}, {text}"
        if body:
            self._pieces.append(body)
            self._held_bytes += len(body)
            if self._held_bytes > HIGH_WATER_BYTES and not done:
                self._begun.pause()
        self._done = self._done or done
        self._wake()

    def failed(self, error: GatewayError) -> None:
        """Called by the trip."""
        self._error = error
        self._wake()

    def progressed(self, progress: Progress) -> None:
        """Whoever asked was told already, through `Ask.progress`."""

    async def _change(self) -> None:
        """Wait until something has arrived or failed. One reader at a time."""
        self._reader = asyncio.get_running_loop().create_future()
        await self._reader

    def _wake(self) -> None:
        reader, self._reader = self._reader, None
        if reader is not None and not reader.done():
            reader.set_result(None)

    @property
    def _begun(self) -> Trip:
        assert self._trip is not None
        return self._trip


class Journeys:
    """Sends requests on their way. Use from the event loop only, while `run` runs."""

    def __init__(
        self,
        admission: Admission,
        upstreams: Upstreams,
        sink: RequestSink,
        clock: Clock,
        limits: Limits | None = None,
        capture: CaptureRing | None = None,
    ) -> None:
        self.patience = Patience(clock)
        """Looks at everything of the gateway that must not take for ever."""
        upstreams.looked_at_by(self.patience)
        self.refusals = Refusals(sink, clock)
        """Takes note of requests that are refused before they travel."""
        self._group: asyncio.TaskGroup | None = None
        self.road = Road(
            admission=admission,
            upstreams=upstreams,
            sink=sink,
            clock=clock,
            patience=self.patience,
            limits=limits or Limits(),
            aftermath=Aftermath(sink),
            capture=capture,
            spawn=self.spawn,
        )

    def configure(self, limits: Limits) -> None:
        """Take other limits, for requests under way as well."""
        self.road.limits = limits

    async def run(self) -> None:
        """Keep deadlines and own the tasks of requests that wait; until cancelled.

        What is under way then ends with an error in the words of its surface.
        """
        upstreams = self.road.upstreams
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                await self.patience.run()
        finally:
            self._group = None
            self.patience.discard(upstreams)
            for watched in self.patience.watched():
                if isinstance(watched, Underway):
                    watched.stop()
            self.road.aftermath.settle()
            upstreams.close()

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run something beside; it must not raise."""
        if self._group is None:
            work.close()
            raise RuntimeError("the gateway is not running")
        return self._group.create_task(work)

    def trip(
        self,
        ask: Ask,
        dispatch: Callable[[Upstream], Dispatch],
        visit: Visit,
        consumer: Consumer,
    ) -> Trip:
        """A trip that its caller starts, and whose answer goes to `consumer` event by event."""
        road = self.road
        entry = Entry(ask.model, visit, road.sink, road.clock, road.capture)
        return Trip(road, ask, dispatch, visit, consumer, entry)

    async def travel(
        self, ask: Ask, dispatch: Callable[[Upstream], Dispatch], visit: Visit
    ) -> Reply:
        """Have it admitted, send it, and return once the answer's head is there, whatever its
        status. Fails over to another server once, before the first byte.

        `dispatch` is called for each server that is tried. Raises `GatewayError`s: what
        `Admission` raises, `UpstreamBroken`, `UpstreamTimeout`, and `ClientGone` once `visit.gone`
        is set. Cancelling it, or `visit.gone`, leaves the queue or makes the server stop. Every
        outcome is recorded.
        """
        reply = Reply()
        trip = self.trip(ask, dispatch, visit, reply)
        if visit.gone is not None:
            if visit.gone.is_set():
                raise ClientGone
            visit.gone.on_set = reply.leave
        return await reply.begin(trip)
