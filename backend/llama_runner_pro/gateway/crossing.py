"""A relayed request as its client sees it: the body taken in, the answer written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.core.errors import BadRequest, GatewayError
from llama_runner_pro.gateway.answer import Answer
from llama_runner_pro.gateway.body import SPOOL_BYTES, Spooled, too_large
from llama_runner_pro.gateway.dispatch import NOBODY_WAITS
from llama_runner_pro.gateway.headers import find
from llama_runner_pro.gateway.relay import Passenger
from llama_runner_pro.gateway.speech import Interpreted

if TYPE_CHECKING:
    from llama_runner_pro.gateway.door_protocol import DoorProtocol
    from llama_runner_pro.gateway.envelope import Envelope
    from llama_runner_pro.gateway.ports import Progress
    from llama_runner_pro.gateway.relay import Arrival
    from llama_runner_pro.gateway.speech import Speech
    from llama_runner_pro.gateway.trip import Trip
    from llama_runner_pro.gateway.upstream_connection import Head

_BATCH_BYTES = 1_000_000
_DISCARDED_BYTES = 1_000_000
"""After a refusal, more than this of the body is not waited for."""


class Crossing:
    """One request at a door. To uvicorn it looks like one of its own cycles."""

    __slots__ = (
        "_answer",
        "_door",
        "_error",
        "_filling",
        "_inside",
        "_passenger",
        "_pieces",
        "_size_bytes",
        "_spooled",
        "_strips",
        "_trip",
        "_turn",
        "arrival",
        "disconnected",
        "whole",
    )
    message_event = NOBODY_WAITS

    def __init__(self, door: DoorProtocol, arrival: Arrival) -> None:
        self._door = door
        self.arrival = arrival
        self._answer = Answer(
            door.transport,
            arrival.surface,
            arrival.visitor.answer_headers,
            close=not arrival.keep_alive,
            old=arrival.old,
        )
        self._pieces: list[bytes] = []
        self._size_bytes = 0
        self._spooled: Spooled | None = None
        self._filling = False
        self._turn = False
        self._inside = True
        """The visitor's key counts this request."""
        self._error: GatewayError | None = None
        self._trip: Trip | None = None
        self._passenger: Passenger | None = None
        self._strips: bool | None = None
        self.whole = False
        """The body has arrived completely."""
        self.disconnected = False

    @property
    def response_complete(self) -> bool:
        """uvicorn's word for the end."""
        return self._answer.done

    @property
    def keep_alive(self) -> bool:
        """Another request may follow on the connection."""
        return not self._answer.close

    @keep_alive.setter
    def keep_alive(self, wanted: bool) -> None:
        self._answer.close = not wanted

    # --- the request ---------------------------------------------------------------------------

    def begin(self) -> None:
        """Its turn to answer has come."""
        self._turn = True
        if self._error is not None:
            self._refuse(self._error)
        elif self.whole:
            self._depart()
        elif self.arrival.expects_continue:
            self._door.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def serve(self, body: bytes) -> None:
        """Its turn has come, and its body has arrived in one piece."""
        self._turn = self.whole = True
        self._size_bytes = len(body)
        limit_bytes = self._door.relay.settings.body_limit_bytes
        if self._error is not None:
            self._refuse(self._error)
        elif self._size_bytes > limit_bytes:
            self.refuse(too_large(limit_bytes))
        else:
            self._leave_with(body, body)

    def take_over(self, body: bytes, envelope: Envelope, model: str, speech: Speech | None) -> Trip:
        """It was read, and is on its way. Its trip, which has not begun."""
        self._turn = self.whole = True
        self._size_bytes = len(body)
        route = self.arrival.route
        assert route is not None
        passenger = Passenger(self.arrival, route, body, envelope, self._size_bytes, speech)
        self._passenger, self._strips = passenger, False
        interpreted = None if speech is None else Interpreted(self, speech)
        trip = self._trip = self._door.relay.board(passenger, model, interpreted or self)
        if interpreted is not None:
            interpreted.stop = trip.abort
        return trip

    def take(self, piece: bytes) -> None:
        """A part of the body."""
        if self._error is not None or self._answer.done:
            return
        limit_bytes = self._door.relay.settings.body_limit_bytes
        self._size_bytes += len(piece)
        if self._size_bytes > limit_bytes:
            self.refuse(too_large(limit_bytes))
            return
        self._pieces.append(piece)
        if self._size_bytes > SPOOL_BYTES and not self._filling:
            self._spool()

    def complete(self) -> None:
        """The body has ended."""
        self.whole = True
        if self._turn and self._error is None and not self._filling:
            self._depart()

    def refuse(self, error: GatewayError) -> None:
        """Answer with an error, now or when its turn has come. The body is not kept."""
        if self._error is None:
            self._error = error
            self._pieces.clear()
            if self._turn:
                self._refuse(error)

    def abandon(self) -> None:
        """The client has gone."""
        self.disconnected = True
        if self._trip is not None:
            self._trip.abort()
        self._let_go()
        self._leave()

    def pause(self) -> None:
        """The client does not read."""
        if self._trip is not None:
            self._trip.pause()

    def resume(self) -> None:
        """It reads again."""
        if self._trip is not None:
            self._trip.resume()

    # --- called by the trip --------------------------------------------------------------------

    def arrived(self, head: Head | None, body: bytes, done: bool) -> None:
        """A part of the answer."""
        if self.disconnected:
            return
        passenger, trip = self._passenger, self._trip
        if self._strips is None and passenger is not None and trip is not None and trip.entry.lease:
            upstream = trip.entry.lease.upstream
            self._strips = self._door.relay.strips_usage(passenger, upstream)
        self._answer.pass_on(head, body, done, strip_usage=self._strips is True)
        if done:
            self._finish()

    def failed(self, error: GatewayError) -> None:
        """There is no answer, or no more of it."""
        if not self.disconnected:
            self._answer.fail(error)
            self._finish()

    def progressed(self, progress: Progress) -> None:
        """It waits for its model."""
        passenger, door = self._passenger, self._door
        if passenger is not None and not self.disconnected:
            event = door.relay.words_while_waiting(passenger, progress, door.wall_ms())
            if event is not None:
                self._answer.tell(event)

    # --- inside --------------------------------------------------------------------------------

    def _depart(self) -> None:
        if self._spooled is None:
            pieces, self._pieces = self._pieces, []
            body = pieces[0] if len(pieces) == 1 else b"".join(pieces)
            self._leave_with(body, body)
        else:
            self._spool()

    def _leave_with(self, body: bytes | Spooled, text: bytes | memoryview) -> None:
        relay, arrival = self._door.relay, self.arrival
        route = arrival.route
        assert route is not None
        try:
            envelope = relay.envelope_of(route, arrival.query, text)
            model = relay.model_of(route, envelope)
            relay.check_allowed(arrival.visitor, model)
            native = relay.is_native(route, model)
            if not native and route.only_native:
                reason = f"the server of {model!r} does not know {route.path}"
                raise BadRequest(reason, status=501, code="not_supported")
        except GatewayError as error:
            self.refuse(error)
            return
        if not native:
            self._hand_over(body)
            return
        self._passenger = Passenger(arrival, route, body, envelope, self._size_bytes)
        if not envelope.stream:
            self._strips = False
        trip = self._trip = relay.board(self._passenger, model, self)
        trip.start()

    def _hand_over(self, body: bytes | Spooled) -> None:
        self._inside = False
        self._spooled = None  # it is the surface's now
        self._door.hand_over(self.arrival, body, self)

    def _spool(self) -> None:
        """Bring what is held to disk; nothing more is read from the client meanwhile."""
        self._filling = True
        self._door.flow.pause_reading()
        self._door.relay.journeys.spawn(self._fill())

    async def _fill(self) -> None:
        try:
            if self._spooled is None:
                self._spooled = Spooled(self._door.relay.settings.spool_folder)
            while self._pieces:
                batch, self._pieces = b"".join(self._pieces), []
                await self._spooled.append(batch)
        except OSError as error:
            reason = f"the request could not be kept on disk ({error.strerror})"
            self._filling = False
            # Whoever only sends would never come to hear of it.
            self._door.flow.resume_reading()
            self.refuse(BadRequest(reason, status=507, code="no_space"))
            return
        finally:
            self._filling = False
            if self.disconnected:
                self._let_go()
        if self.disconnected:
            return
        self._door.flow.resume_reading()
        if self.whole and self._turn and self._error is None:
            self._leave_with(self._spooled, memoryview(self._spooled.view()))

    def _refuse(self, error: GatewayError) -> None:
        self._door.relay.refused(self.arrival, self._size_bytes, error)
        length = find(self.arrival.headers, b"content-length")
        if not self.whole:
            endless = length is None or int(length) - self._size_bytes > _DISCARDED_BYTES
            self._answer.close = self._answer.close or endless
        self._answer.fail(error)
        self._finish()

    def _finish(self) -> None:
        self._let_go()
        self._leave()
        self._door.crossed(self)

    def _leave(self) -> None:
        # The connection keeps this until its next request; body and trip need not stay so long.
        self._trip = self._passenger = None
        leave = self.arrival.visitor.leave
        if self._inside and leave is not None:
            leave()
        self._inside = False

    def _let_go(self) -> None:
        spooled, self._spooled = self._spooled, None
        if spooled is not None and not self._filling:
            spooled.close()
        elif spooled is not None:
            self._spooled = spooled
        self._pieces.clear()
