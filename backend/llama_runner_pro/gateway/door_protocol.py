"""A connection at a door: uvicorn's own protocol, which takes relayed requests itself and leaves
all others to an ASGI app. Parsing, keep-alive, pipelining and shutdown stay uvicorn's.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import httptools

from llama_runner_pro.core.errors import BadRequest, GatewayError
from llama_runner_pro.gateway.answer import Answer
from llama_runner_pro.gateway.crossing import Crossing
from llama_runner_pro.gateway.dispatch import STATE_GONE
from llama_runner_pro.gateway.door_apps import AppDoor, Cycle, preflight_app
from llama_runner_pro.gateway.door_head import DoorHead, too_long
from llama_runner_pro.gateway.express import Express
from llama_runner_pro.gateway.known_head import known_head
from llama_runner_pro.gateway.ports import Visitor
from llama_runner_pro.gateway.relay import arrival_of
from llama_runner_pro.gateway.road import Underway
from llama_runner_pro.gateway.routes import surface_of

if TYPE_CHECKING:
    import asyncio

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.endpoints.traffic import Surface
    from llama_runner_pro.gateway.known_head import KnownHead
    from llama_runner_pro.gateway.relay import Arrival, Relay

_log = logging.getLogger(__name__)
_NOBODY = Visitor()


class DoorProtocol(AppDoor, Underway):
    """One connection at a door."""

    def __init__(
        self, *args: Any, relay: Relay, surface: Surface, clock: Clock, **more: Any
    ) -> None:
        super().__init__(*args, **more)
        self.relay = relay
        self.wall_ms = clock.wall_ms
        self._surface: Surface = surface
        self.head = DoorHead(self)
        self.parser = self.head.new_parser()
        self._usual: tuple[KnownHead, Arrival, int | None] | None = None
        """How the last whole request began; for a usual one, by which rules it was let in."""
        self._express = Express(self)
        self._arrival: Arrival | None = None
        """The head that was read last, when nothing was wrong with it."""
        self._deaf = False
        """Nothing that still comes matters."""

    # --- called by asyncio ---------------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client has come."""
        super().connection_made(transport)
        self.relay.journeys.patience.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has gone: everything that was done for it stops."""
        self._slow_down()
        super().connection_lost(exc)
        self.relay.journeys.patience.discard(self)
        waiting = [cycle for cycle, _ in self.pipeline]
        self.pipeline.clear()
        for cycle in {self._active, self.cycle, *waiting}:
            if isinstance(cycle, Crossing):
                cycle.abandon()
            elif cycle is not None and not cycle.response_complete:
                cycle.disconnected = True
                cycle.message_event.set()
                cycle.scope["state"][STATE_GONE].set()

    def data_received(self, data: bytes) -> None:
        """Bytes of one or several requests."""
        if self._deaf:
            return
        self._slow_down()
        head, before = self.head, self.cycle
        fresh = not head.begun and (before is None or before.response_complete)
        if fresh and self._usual is not None and self._as_usual(data):
            return
        if head.open:
            head.received(len(data))
            if self._pace.state == "idle":
                self._pace.enter("head")
        rest = self._feed(data)
        while rest is not None and not self._deaf:
            rest = self._feed(rest)
        if head.runs_on and not self._deaf:
            self._break_off(too_long())
        elif fresh and not head.begun:
            self._learn(data)

    def _as_usual(self, data: bytes) -> bool:
        """Serve a request that needs no parsing. False when it is not whole, or another one."""
        assert self._usual is not None
        known, arrival, let_in = self._usual
        body = known.body_of(data)
        if body is None:
            return False
        edition, visitor, error = self.relay.access.edition, _NOBODY, None
        if edition == let_in and self._express.takes(arrival, body):
            return True
        try:
            visitor = self.relay.access.enter(arrival.headers)
        except GatewayError as refused:
            error = refused
        if visitor is not arrival.visitor:
            arrival = arrival._replace(visitor=visitor)
        elif error is None and let_in is not None:
            self._usual = known, arrival, edition
        self._pace.enter("served")
        if arrival.route is None and error is None:
            self.hand_over(arrival, body, None)
            return True
        crossing = self.cycle = self._active = Crossing(self, arrival)
        if error is not None:
            crossing.refuse(error)
        crossing.serve(body)
        return True

    def _learn(self, data: bytes) -> None:
        """The parser has taken these bytes for one whole request, or for several."""
        arrival, self._arrival, self._usual = self._arrival, None, None
        if arrival is not None and arrival.may_repeat:
            known = known_head(data)
            let_in = self.relay.access.edition if arrival.is_usual else None
            self._usual = None if known is None else (known, arrival, let_in)

    def pause_writing(self) -> None:
        """The client reads slowly."""
        super().pause_writing()
        self._slow_down()
        if isinstance(self._active, Crossing):
            self._active.pause()

    def shutdown(self) -> None:
        """The gateway ends: no other request on this connection."""
        self._slow_down()
        super().shutdown()

    def resume_writing(self) -> None:
        """It reads again."""
        super().resume_writing()
        if isinstance(self._active, Crossing):
            self._active.resume()

    def _slow_down(self) -> None:
        if self._express.running:
            self._express.slow_down()

    # --- called by the parser ------------------------------------------------------------------

    def on_headers_complete(self) -> None:
        """The head is complete: let the client in, and choose who serves it."""
        head = self.head
        head.open = False
        self._pace.enter("body")
        method = self.parser.get_method()
        if self._deaf or head.upgrades(self.parser, method):
            return
        path, query = head.target()
        route = self.relay.route(method, path)
        visitor, preflight = _NOBODY, None
        error: GatewayError | None = head.fault
        if error is None:
            try:
                if method == b"OPTIONS" and head.is_preflight():
                    preflight = self.relay.access.preflight(head.headers)
                else:
                    visitor = self.relay.access.enter(head.headers)
            except GatewayError as refused:
                error = refused
        surface = route.surface if route else surface_of(path.decode("latin-1"), self._surface)
        arrival = arrival_of(self.parser, head, (path, query), surface, route, visitor)
        self._arrival = arrival if head.fault is None else None
        if preflight is not None:
            self.to_app(arrival, preflight_app(preflight))
        elif route is None and error is None:
            self.to_app(arrival, self.config.loaded_app)
        else:
            self._to_relay(arrival, error)

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        if self._deaf or self.head.upgrading:
            return
        self._pace.body_bytes += len(body)
        if isinstance(self.cycle, Crossing):
            self.cycle.take(body)
        elif self.cycle is not None:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is complete."""
        if self._deaf or self.head.upgrading:
            return
        self._pace.enter("served")
        self.head.open, self.head.begun = True, False
        if isinstance(self.cycle, Crossing):
            self.cycle.complete()
        elif self.cycle is not None:
            super().on_message_complete()

    # --- who serves it -------------------------------------------------------------------------

    def _to_relay(self, arrival: Arrival, error: GatewayError | None) -> None:
        before, crossing = self.cycle, Crossing(self, arrival)
        self.cycle = crossing
        if error is not None:
            if error is self.head.fault:
                # Nobody knows where such a request ends.
                self._deaf = True
                crossing.keep_alive = False
            crossing.refuse(error)
        if before is None or before.response_complete:
            self._start_asgi_task(crossing, self.app)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((crossing, self.app))

    def crossed(self, crossing: Crossing) -> None:
        """A relayed request has been answered."""
        if not crossing.keep_alive:
            self._part(whole=crossing.whole)
        elif self.pipeline:
            # Not at once: a thousand that fail at once would be a thousand calls deep.
            self.loop.call_soon(self.on_response_complete)
        else:
            self.on_response_complete()

    # --- what goes wrong -----------------------------------------------------------------------

    def _feed(self, data: bytes) -> bytes | None:
        """What must be read again, because the parser stopped at a wish for another protocol."""
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            head = self.head.without_upgrade(self.parser.get_method())
            self.parser = self.head.new_parser()
            return head + data[upgrade.args[0] :]
        except httptools.HttpParserCallbackError as error:
            _log.error("a request could not be taken in", exc_info=error.__context__)
            self._break_off(GatewayError("something failed inside the gateway"))
        except httptools.HttpParserError as error:
            self._break_off(BadRequest(f"this is not HTTP ({error})", code="bad_http"))
        return None

    def _break_off(self, error: GatewayError) -> None:
        """Nothing more can be understood on this connection."""
        self._deaf = True
        read = self.cycle
        active = self._active
        if active is not None and not active.response_complete and self._was_read(active):
            # It is being answered: the connection ends with it.
            active.keep_alive = False
        elif isinstance(read, Crossing) and not read.response_complete:
            read.keep_alive = False
            read.refuse(error)
        elif read is None or read.response_complete:
            Answer(self.transport, self._surface, (), close=True, old=False).fail(error)
            self._part(whole=False)
        else:
            self.transport.close()

    def _part(self, *, whole: bool) -> None:
        """The last answer on this connection is written. `whole`: nothing more was on its way."""
        if whole or not self.transport.can_write_eof():
            self.transport.close()
        else:
            # Closing now would reset the connection, and the client would never see the answer.
            self._deaf = True
            self._pace.enter("linger")
            self.transport.write_eof()

    def _was_read(self, cycle: Cycle) -> bool:
        if cycle is not self.cycle:
            return True
        return cycle.whole if isinstance(cycle, Crossing) else not cycle.more_body

    def stop(self) -> None:
        """Called when the gateway ends."""
        if self._express.running:
            self._express.slow_down().stop()

    def look(self, now_s: float) -> None:
        """Called by `Patience`: a client that sends too slowly is sent away."""
        self._slow_down()
        verdict = self._pace.verdict(now_s, paused=self.flow.read_paused)
        if verdict == "close" or (verdict == "too_slow" and not self.head.raw_url):
            self.transport.close()
        elif verdict == "too_slow":
            reason = "the request came too slowly"
            self._break_off(BadRequest(reason, status=408, code="too_slow"))
