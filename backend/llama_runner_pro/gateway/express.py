"""The usual request, from a head that is known to an answer in one piece, with the least work.

Whatever is not usual on the way (a stream, an error, a part of an answer, more bytes of the client,
a client that leaves or reads slowly, a long wait) makes a `Crossing` and a `Trip` of it at that
point, and these go on as if they had been there from the beginning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.core.errors import GatewayError
from llama_runner_pro.gateway.aftermath import Passed
from llama_runner_pro.gateway.crossing import Crossing
from llama_runner_pro.gateway.dispatch import Dispatch
from llama_runner_pro.gateway.envelope import edited, edits, read_envelope
from llama_runner_pro.gateway.headers import request_start
from llama_runner_pro.gateway.speech import REQUEST_LINES, START

if TYPE_CHECKING:
    from llama_runner_pro.gateway.door_protocol import DoorProtocol
    from llama_runner_pro.gateway.envelope import Envelope
    from llama_runner_pro.gateway.ports import Lease, Upstream
    from llama_runner_pro.gateway.relay import Arrival
    from llama_runner_pro.gateway.routes import Route
    from llama_runner_pro.gateway.speech import Speech
    from llama_runner_pro.gateway.trip import Trip
    from llama_runner_pro.gateway.upstream_connection import Breakdown, Head, UpstreamConnection


class Express:
    """Serves one connection of a client, one request after the other; nothing is made anew."""

    __slots__ = (
        "_aimed", "_arrival", "_body", "_connection", "_door", "_envelope", "_lease", "_relay",
        "_road", "_sent_s", "_speech", "_spoken", "_start", "_t_ms", "_text", "running",
    )  # fmt: skip

    def __init__(self, door: DoorProtocol) -> None:
        self._door, self._relay = door, door.relay
        self._road = door.relay.journeys.road
        self._aimed: tuple[Upstream | None, Arrival | None] = (None, None)
        """For whom `_start` was made."""
        self._start = b""
        """The head of requests, up to the digits of the length."""
        self.running = False
        """A request is on its way."""
        self._arrival: Arrival | None = None
        self._lease: Lease | None = None
        self._connection: UpstreamConnection | None = None
        self._envelope: Envelope | None = None
        self._speech: Speech | None = None
        self._spoken: tuple[Arrival | None, Arrival | None] = (None, None)
        """An arrival at an address of a surface, and how it is listed and sent."""
        self._body = self._text = b""
        """As the client sent it, and as the server gets it."""
        self._sent_s, self._t_ms = 0.0, 0

    def takes(self, arrival: Arrival, body: bytes) -> bool:
        """Send a request of a usual kind. False, and nothing has happened, when it must wait, is
        refused, or is none; whoever takes it then says why.
        """
        relay, road, capture = self._relay, self._road, self._road.capture
        if len(body) > relay.settings.body_limit_bytes or (capture is not None and capture.enabled):
            return False
        route, speech, keep_alive_s = arrival.route, None, None
        if route is None:
            interpreter = relay.interpreters.get((arrival.surface, arrival.path))
            speech = None if interpreter is None else interpreter.speech(body)
            if interpreter is None or speech is None:
                return False
            route, keep_alive_s = interpreter.route, speech.keep_alive_s
            arrival = self._as_spoken(arrival, route)
        try:
            envelope = read_envelope(body)
            if not envelope.model or envelope.stream:
                return False
            if speech is None and route.kinds and not relay.is_native(route, envelope.model):
                return False
            lease = road.admission.again(envelope.model, route.operation, keep_alive_s)
            if lease is None:
                lease = self._admitted(arrival, route, envelope, speech)
        except GatewayError:
            return False
        if lease is None:
            return False
        self._speech = speech
        return self._send(arrival, body, envelope, lease)

    def _admitted(
        self, arrival: Arrival, route: Route, envelope: Envelope, speech: Speech | None
    ) -> Lease | None:
        road, model = self._road, envelope.model or ""
        if speech is None and not self._relay.is_native(route, model):
            return None
        keep_alive_s = None if speech is None else speech.keep_alive_s
        ask = self._relay.ask_of(route, arrival.visitor, envelope, model, keep_alive_s)
        lease = road.admission.admit_now(ask)
        if lease is None:
            # What has been answered may still hold a slot.
            road.aftermath.settle()
            lease = road.admission.admit_now(ask)
        return lease

    def _as_spoken(self, arrival: Arrival, route: Route) -> Arrival:
        if self._spoken[0] is not arrival:
            spoken = arrival._replace(surface=route.surface, route=route, lines=REQUEST_LINES)
            self._spoken = arrival, spoken
        assert self._spoken[1] is not None
        return self._spoken[1]

    def _send(self, arrival: Arrival, body: bytes, envelope: Envelope, lease: Lease) -> bool:
        road, upstream = self._road, lease.upstream
        try:
            if self._aimed[0] is not upstream or self._aimed[1] is not arrival:
                self._aim(upstream, arrival)
            if self._speech is not None:
                text = self._speech.request(upstream)
            elif envelope.model == upstream.model:
                text = body
            else:
                text = edited(body, edits(envelope, upstream.model, add_usage=False))
        except GatewayError:
            lease.end("never_started")
            return False
        connection = road.upstreams.take_idle(upstream.origin)
        if connection is not None:
            # First of all: what is noted here is needed when the answer comes.
            connection.send(self, b"%b%d\r\n\r\n%b" % (self._start, len(text), text))
            self.running = True
        self._arrival, self._lease, self._envelope = arrival, lease, envelope
        self._body, self._text, self._connection = body, text, connection
        self._sent_s, self._t_ms = road.clock.monotonic(), road.clock.wall_ms()
        if connection is None:
            self.slow_down().go(lease)
        return True

    def _aim(self, upstream: Upstream, arrival: Arrival) -> None:
        assert arrival.route is not None
        common = self._road.upstreams.common_lines(upstream)
        path = upstream.base_path + arrival.route.path
        self._start = request_start(path, common, arrival.lines)
        self._aimed = upstream, arrival

    # --- called by the connection --------------------------------------------------------------

    def heard(self, head: Head | None, body: bytes, done: bool) -> None:
        """The answer, or a part of it."""
        door, connection, lease = self._door, self._connection, self._lease
        start, answer = b"", None
        if done and head is not None and head.start and not door.transport.is_closing():
            start, answer = (head.start, body) if self._speech is None else self._spoken_in(body)
        if answer is None:
            self.slow_down().heard(head, body, done)
            return
        self.running = False
        door.transport.write(b"%b%d\r\n\r\n%b" % (start, len(answer), answer))
        # The client has it; from here on time matters less.
        assert head is not None
        assert connection is not None
        assert lease is not None
        assert self._arrival is not None
        road, arrival, envelope = self._road, self._arrival, self._envelope
        now_s = road.clock.monotonic()
        door.answered()
        road.upstreams.give_back(lease.upstream.origin, connection, now_s)
        assert envelope is not None
        road.aftermath.add(
            Passed(
                arrival, envelope.model or "", lease, head.status, len(self._body), body,
                (self._t_ms, self._sent_s), now_s,
            )
        )  # fmt: skip
        self._connection = self._lease = self._envelope = self._speech = None
        self._body = self._text = b""

    def _spoken_in(self, body: bytes) -> tuple[bytes, bytes | None]:
        assert self._speech is not None
        try:
            return START, self._speech.whole(body)
        except GatewayError:
            return START, None

    def broke(self, breakdown: Breakdown) -> None:
        """There is no answer."""
        self.slow_down().broke(breakdown)

    # --- when it is not so usual ---------------------------------------------------------------

    def slow_down(self) -> Trip:
        """Leave the request to a crossing and a trip."""
        arrival, lease, envelope = self._arrival, self._lease, self._envelope
        assert arrival is not None
        assert arrival.route is not None
        assert lease is not None
        assert envelope is not None
        self.running = False
        door, connection = self._door, self._connection
        crossing = Crossing(door, arrival)
        door.take_over(crossing)
        trip = crossing.take_over(self._body, envelope, envelope.model or "", self._speech)
        if connection is not None:
            dispatch = Dispatch("POST", arrival.route.path, arrival.lines, self._text)
            trip.take_over(lease, dispatch, connection, self._sent_s)
            connection.hand_over(self, trip)
        trip.entry.began(self._t_ms, self._sent_s)
        self._connection = self._lease = self._envelope = self._speech = None
        self._body = self._text = b""
        return trip
