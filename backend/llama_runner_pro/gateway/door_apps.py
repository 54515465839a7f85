"""What a door puts around the ASGI app behind it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from llama_runner_pro.gateway.crossing import Crossing
from llama_runner_pro.gateway.dispatch import STATE_GONE, STATE_SPOOLED, STATE_VISITOR, Gone
from llama_runner_pro.gateway.pace import ClientPace

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from llama_runner_pro.gateway.body import Spooled
    from llama_runner_pro.gateway.door_head import DoorHead
    from llama_runner_pro.gateway.ports import Visitor
    from llama_runner_pro.gateway.relay import Arrival

Cycle = Crossing | RequestResponseCycle
_INFORMATIONAL = b"HTTP/1.1 1"


class AppDoor(HttpToolsProtocol):
    """uvicorn's protocol, as far as it serves requests by an ASGI app."""

    cycle: Any
    """The request that is being read: uvicorn's cycle, or a `Crossing`."""
    pipeline: Any
    head: DoorHead

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._active: Cycle | None = None
        """The one whose turn it is to be answered; `cycle` is the one that is being read."""
        self._pace = ClientPace()

    def to_app(self, arrival: Arrival, app: ASGIApp) -> None:
        """Have uvicorn make its cycle, as if it had read the head itself."""
        super().on_message_begin()
        self.url, self.headers = self.head.raw_url, arrival.headers
        self.expect_100_continue = arrival.expects_continue
        self.scope["headers"] = arrival.headers
        self._admit(self.scope, arrival)
        own, self.app = self.app, leaving(app, arrival.visitor)
        try:
            super().on_headers_complete()
        finally:
            self.app = own
        if isinstance(self.cycle, RequestResponseCycle):
            self.cycle.default_headers = self._default_headers(arrival)
            HeadJoiner(self.cycle, self.loop)

    def hand_over(self, arrival: Arrival, body: bytes | Spooled, before: Crossing | None) -> None:
        """Leave a request that was read already to the app, in the place of `before`."""
        super().on_message_begin()
        scope: Any = self.scope
        scope.update(
            method=arrival.method,
            path=unquote(arrival.path) if "%" in arrival.path else arrival.path,
            raw_path=arrival.path.encode("ascii"),
            query_string=arrival.query.encode("ascii"),
            headers=arrival.headers,
        )
        self._admit(scope, arrival)
        if not isinstance(body, bytes):
            scope["state"][STATE_SPOOLED] = body
            body = b""
        cycle = read_cycle(self, scope, self._default_headers(arrival), body)
        cycle.keep_alive = arrival.keep_alive if before is None else before.keep_alive
        if before is None or self.cycle is before:
            self.cycle = cycle
        app: Any = leaving(self.app, arrival.visitor)
        self._start_asgi_task(cycle, app)

    def on_response_complete(self) -> None:
        """uvicorn's own, but without its timer: `look` closes idle connections."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        elif self._pace.state == "served":
            self._pace.enter("idle")

    def _start_asgi_task(self, cycle: Cycle, app: Any) -> None:
        self._active = cycle
        if isinstance(cycle, Crossing):
            cycle.begin()
        else:
            super()._start_asgi_task(cycle, app)

    def take_over(self, cycle: Cycle) -> None:
        """Its turn to be answered has come, and its body was read."""
        self.cycle = self._active = cycle
        self._pace.enter("served")

    def answered(self) -> None:
        """A request that had no cycle was answered."""
        self.server_state.total_requests += 1
        self.cycle = self._active = None
        self._pace.enter("idle")

    def _admit(self, scope: Any, arrival: Arrival) -> None:
        scope["state"] |= {STATE_GONE: Gone(), STATE_VISITOR: arrival.visitor}

    def _default_headers(self, arrival: Arrival) -> list[tuple[bytes, bytes]]:
        return [*self.server_state.default_headers, *arrival.visitor.answer_headers]


class HeadJoiner:
    """Stands between uvicorn's cycle and the transport until the first piece of the body comes, so
    that it leaves together with the head. uvloop writes at once: apart, they are two system calls.
    """

    def __init__(self, cycle: RequestResponseCycle, loop: asyncio.AbstractEventLoop) -> None:
        self._cycle, self._loop, self._transport = cycle, loop, cycle.transport
        self._head = b""
        cycle.transport = self  # type: ignore[assignment]

    def write(self, piece: bytes) -> None:
        """The first one is held for a turn of the loop, the next one takes it along."""
        if piece.startswith(_INFORMATIONAL):
            self._transport.write(piece)
        elif self._head:
            head, self._head = self._head, b""
            self._cycle.transport = self._transport
            self._transport.write(head + piece)
        else:
            self._head = piece
            self._loop.call_soon(self._release)

    def is_closing(self) -> bool:
        """As the transport."""
        return self._transport.is_closing()

    def close(self) -> None:
        """What is held goes out first."""
        self._release()
        self._transport.close()

    def _release(self) -> None:
        head, self._head = self._head, b""
        if head:
            self._cycle.transport = self._transport
            if not self._transport.is_closing():
                self._transport.write(head)


def leaving(app: ASGIApp, visitor: Visitor) -> ASGIApp:
    """The app, after whose end the visitor's key has one request less."""
    leave = visitor.leave
    if leave is None:
        return app

    async def until_the_end(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await app(scope, receive, send)
        finally:
            leave()

    return until_the_end


def preflight_app(headers: tuple[tuple[bytes, bytes], ...]) -> ASGIApp:
    """Answers a CORS preflight."""

    async def answer(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": list(headers)})
        await send({"type": "http.response.body", "body": b""})

    return answer


def read_cycle(
    door: HttpToolsProtocol, scope: Any, headers: list[tuple[bytes, bytes]], body: bytes
) -> RequestResponseCycle:
    """uvicorn's cycle of a request whose body was read already. `headers` go on its answer."""
    cycle = RequestResponseCycle(
        scope=scope,
        transport=door.transport,
        flow=door.flow,
        logger=door.logger,
        access_logger=door.access_logger,
        access_log=door.access_log,
        default_headers=headers,
        message_event=asyncio.Event(),
        expect_100_continue=False,
        keep_alive=True,
        on_response=door.on_response_complete,
    )
    cycle.body += body
    cycle.more_body = False
    cycle.message_event.set()
    HeadJoiner(cycle, door.loop)
    return cycle
