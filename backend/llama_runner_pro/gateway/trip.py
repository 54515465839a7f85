"""One request from admission to the end of its answer: events, and a task only where it waits."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from llama_runner_pro.core.errors import (
    ClientGone,
    ConnectRefused,
    DeadlineExceeded,
    GatewayError,
    NotReady,
)
from llama_runner_pro.gateway.dialects import error_answer
from llama_runner_pro.gateway.endings import ending_of, error_of, retry_after_s, silence
from llama_runner_pro.gateway.headers import request_head
from llama_runner_pro.gateway.road import NOBODY, Underway, guarded
from llama_runner_pro.gateway.tap import Tap
from llama_runner_pro.gateway.upstream_connection import STREAMS, Breakdown

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from llama_runner_pro.endpoints.traffic import Ending
    from llama_runner_pro.gateway.dispatch import Dispatch, Visit
    from llama_runner_pro.gateway.journal import Entry
    from llama_runner_pro.gateway.ports import Ask, Lease, Progress, Upstream
    from llama_runner_pro.gateway.road import Consumer, Road
    from llama_runner_pro.gateway.upstream_connection import Head, UpstreamConnection


@dataclass(slots=True, eq=False)
class Trip(Underway):
    """Start it once. It ends with `arrived(done)`, with `failed`, or after `abort` with neither."""

    _road: Road
    _ask: Ask
    _make: Callable[[Upstream], Dispatch]
    _visit: Visit
    _consumer: Consumer
    entry: Entry
    _connection: UpstreamConnection | None = None
    _lease: Lease | None = None
    _dispatch: Dispatch | None = None
    _failed_over: bool = False
    _whole: bool = False
    """The answer has come completely."""
    _over: bool = False
    """Everything was given back."""
    _heard_s: float = 0.0
    _paused_s: float | None = None
    _retry_after_s: float | None = None
    _task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Have it admitted and send it; without delay when nothing needs waiting."""
        try:
            self._road.aftermath.settle()
            lease = self._road.admission.admit_now(self._ask)
        except GatewayError as error:
            self._fail(error, "never_started")
            return
        if lease is None:
            self.entry.waits("queued")
            self._spawn(self._admit(None))
        else:
            self.go(lease)

    def take_over(
        self, lease: Lease, dispatch: Dispatch, connection: UpstreamConnection, sent_s: float
    ) -> None:
        """Go on with a request that was sent already, instead of starting one."""
        self.entry.lease = self._lease = lease
        self._dispatch, self._connection, self._heard_s = dispatch, connection, sent_s
        self._road.patience.add(self)
        self.entry.sent(sent_s, dispatch.body)

    def abort(self) -> None:
        """The client is gone: leave the queue, or make the server stop."""
        if not self._whole:
            task = self._task
            self._end("client_gone", None)
            if task is not None:
                task.cancel()

    def stop(self) -> None:
        """The gateway ends. Without effect on a trip that is over."""
        if not self._whole:
            self._fail(NotReady("the gateway is stopping"), "client_gone")

    def pause(self) -> None:
        """The client reads too slowly: have the server wait."""
        if self._connection is not None and self._paused_s is None:
            self._paused_s = self._road.clock.monotonic()
            self._connection.pause()

    def resume(self) -> None:
        """Go on."""
        if self._paused_s is not None:
            self._paused_s = None
            self._heard_s = self._road.clock.monotonic()
            if self._connection is not None:
                self._connection.resume()

    async def _admit(self, before: GatewayError | None) -> None:
        """`before` is what went wrong with the first server; it says more than the second's."""
        ask = replace(self._ask, progress=self._progressed)
        try:
            lease = await self._road.admission.admit(ask)
        except GatewayError as error:
            self._fail(before or error, "never_started" if before is None else "connect_failed")
            return
        self.go(lease)

    def _progressed(self, progress: Progress) -> None:
        if self._over:
            return
        self.entry.waits(progress.phase, progress.position, progress.ratio)
        if self._ask.progress is not None:
            self._ask.progress(progress)
        self._consumer.progressed(progress)

    def go(self, lease: Lease) -> None:
        """Send it to the server of that lease."""
        self.entry.lease = self._lease = lease
        if self._over:
            self._lease = None
            lease.end("client_gone")
            return
        try:
            upstream = lease.upstream
            dispatch = self._dispatch = self._make(upstream)
            common = self._road.upstreams.common_lines(upstream)
        except GatewayError as error:
            self._fail(error, "never_started")
            return
        whole = isinstance(dispatch.body, bytes)
        connection = self._road.upstreams.take_idle(upstream.origin) if whole else None
        if connection is None:
            self._spawn(self._dial(upstream, dispatch))
        else:
            self._send(upstream, common, dispatch, connection)

    def _send(
        self, upstream: Upstream, common: bytes, dispatch: Dispatch, connection: UpstreamConnection
    ) -> None:
        body = dispatch.body
        size_bytes = len(body) if isinstance(body, bytes) else body.size_bytes
        path = upstream.base_path + dispatch.path
        head = request_head(dispatch.method, path, common, dispatch.lines, size_bytes)
        self._connection, self._heard_s = connection, self._road.clock.monotonic()
        self._road.patience.add(self)
        if isinstance(body, bytes):
            connection.send(self, head + body)
        else:
            connection.send(self, head, whole=False)
        self.entry.sent(self._heard_s, body)

    async def _dial(self, upstream: Upstream, dispatch: Dispatch) -> None:
        limit_s = self._road.limits.connect_timeout_s
        try:
            if not isinstance(dispatch.body, bytes):
                await dispatch.body.prepare()
            connection = await self._road.upstreams.dial(upstream.origin, limit_s)
        except (ConnectRefused, DeadlineExceeded) as error:
            self._fail_over(Breakdown("connect_failed", str(error)))
            return
        common = self._road.upstreams.common_lines(upstream)
        self._send(upstream, common, dispatch, connection)
        if not isinstance(dispatch.body, bytes):
            await connection.write_rest(dispatch.body.pieces())

    def heard(self, head: Head | None, body: bytes, done: bool) -> None:
        """Called by the connection."""
        self._heard_s = self._road.clock.monotonic()
        entry = self.entry
        if head is not None:
            entry.status = head.status
            entry.tap = Tap(streaming=head.kind.startswith(STREAMS))
            if head.status in {429, 503}:
                self._retry_after_s = retry_after_s(head.headers)
        if done:
            self._release()
            # What was written so far leaves at the end of this turn of the loop: count after that.
            asyncio.get_running_loop().call_soon(self._settle, body)
            self._consumer.arrived(head, body, True)
        else:
            self._consumer.arrived(head, body, False)
            if body:
                self._observe(body)

    def _observe(self, body: bytes) -> None:
        if not self._over and self.entry.tap is not None:
            self.entry.passed(self.entry.tap, body, self._heard_s)

    def _settle(self, body: bytes) -> None:
        """The answer has come whole, and `body` was its last piece."""
        if body:
            self._observe(body)
        status, tap = self.entry.status or 0, self.entry.tap
        if tap is not None:
            self._end(ending_of(status, tap.tail) if status >= 400 else "ok", None)

    def broke(self, breakdown: Breakdown) -> None:
        """Called by the connection."""
        connection, self._connection = self._connection, None
        self._road.patience.discard(self)
        if breakdown.ending != "connect_failed":
            self._give_up(breakdown)
        elif connection is not None and connection.served and self._lease is not None:
            # It was kept alive and the server has closed it meanwhile; a new one has served none.
            assert self._dispatch is not None
            self._spawn(self._dial(self._lease.upstream, self._dispatch))
        else:
            self._fail_over(breakdown)

    def look(self, now_s: float) -> None:
        """Called by `Patience`."""
        self.entry.tell_news()
        limits, tap = self._road.limits, self.entry.tap
        if self._paused_s is not None:
            if now_s - self._paused_s > limits.stall_timeout_s:
                self._fail(ClientGone(), "client_gone")
            return
        began = tap is not None and tap.bytes_out > 0
        breakdown = silence(now_s - self._heard_s, limits, began=began)
        if breakdown is not None:
            self._give_up(breakdown)

    def _fail_over(self, breakdown: Breakdown) -> None:
        """Nothing has come from the server yet: another one may do better, once."""
        lease = self._lease
        if lease is None or self._failed_over or self._over:
            self._give_up(breakdown)
            return
        self._failed_over = True
        self._lease = None
        lease.end("connect_failed")
        error = error_of(lease.upstream.endpoint, breakdown)
        self._ask = replace(self._ask, avoid=self._ask.avoid | {lease.upstream.endpoint})
        try:
            other = self._road.admission.admit_now(self._ask)
        except GatewayError:
            self._fail(error, "connect_failed")
            return
        if other is None:
            self._spawn(self._admit(error))
        else:
            self.go(other)

    def _give_up(self, breakdown: Breakdown) -> None:
        lease = self.entry.lease
        endpoint = "the server" if lease is None else lease.upstream.endpoint
        self._fail(error_of(endpoint, breakdown), breakdown.ending)

    def _fail(self, error: GatewayError, ending: Ending = "never_started") -> None:
        if self._over:
            return
        if self.entry.status is None and ending != "client_gone":
            self.entry.status = error_answer(self._visit.surface, error).status
        consumer = self._consumer
        self._end(ending, str(error) or None)
        consumer.failed(error)

    def _end(self, ending: Ending, error: str | None) -> None:
        """Exactly once: whatever is still held is given back."""
        if self._over:
            return
        self._over = True
        # Both know this trip: with both ways its body would stay until garbage is searched for.
        self._consumer = NOBODY
        if self._visit.gone is not None:
            self._visit.gone.on_set = None
        self._road.patience.discard(self)
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
        if ending == "ok" and self.entry.failed_inside():
            ending = "server_error"
        if self._lease is not None:
            self._lease.end(ending, retry_after_s=self._retry_after_s)
            self._lease = None
        self.entry.end(ending, error)

    def _release(self) -> None:
        """The answer is whole: its connection can serve the next request."""
        self._whole = True
        self._road.patience.discard(self)
        connection, self._connection = self._connection, None
        if connection is not None and self._lease is not None:
            if self._paused_s is not None:
                connection.resume()
            self._road.upstreams.give_back(self._lease.upstream.origin, connection, self._heard_s)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        self._task = self._road.spawn(guarded(work, self.stop, self._fail))
