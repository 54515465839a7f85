"""A viewer that speaks a subprotocol: deltas, events that are never lost, resuming."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

from llama_runner_pro.api.codec import MalformedFrame
from llama_runner_pro.api.frames import Ack, Bye, Gap, Resume, Subscribe, Visible
from llama_runner_pro.api.ws.conversation import PROTOCOL_BROKEN, TOO_BIG, TOO_MUCH, Leave
from llama_runner_pro.api.ws.viewer import Viewer

if TYPE_CHECKING:
    from llama_runner_pro.api.codec import Codec, Wire
    from llama_runner_pro.api.frames import ClientFrame, Event, Hello
    from llama_runner_pro.api.ws.events import EventLog
    from llama_runner_pro.api.ws.picture import Picture
    from llama_runner_pro.api.ws.socket import Socket
    from llama_runner_pro.api.ws.tick import Groups, SharedFrame, SharedTick
    from llama_runner_pro.core.clock import Clock

FRAME_LIMIT_BYTES = 4096
"""Of what a client may say at once."""
NOTHING_SENT = -1
PATIENCE = 4_000.0
"""What a client may ask for at once, in units of work; so much comes back every 10 s."""
_REFILL_PER_S = PATIENCE / 10
_WORK: dict[type, float] = {Ack: 1, Visible: 10, Subscribe: 40, Resume: 800}
"""A resumed session costs a whole picture; acknowledging next to nothing."""


class Feed(Protocol):
    """The hub as its sessions see it."""

    @property
    def picture(self) -> Picture:
        """The newest tick and the catalogue."""
        ...

    @property
    def events(self) -> EventLog:
        """What happened, by sequence number."""
        ...

    def hello(self) -> Hello:
        """The first frame."""
        ...

    def snapshot(self, codec: Codec, groups: Groups | None, since_ms: int) -> Wire:
        """The whole picture as of now, encoded."""
        ...

    def demand_changed(self) -> None:
        """A session wants another pace, or was hidden or shown."""
        ...


class Session(Viewer):
    """One rich client. Frames after `hello` and `snapshot` build on what was sent before."""

    def __init__(
        self, feed: Feed, codec: Codec, socket: Socket, clock: Clock, interval_s: float
    ) -> None:
        super().__init__(socket, clock, interval_s)
        self._feed = feed
        self._codec = codec
        self._groups: Groups | None = None
        self._base_seq = NOTHING_SENT
        """The tick that the client's values are of."""
        self._event_seq = 0
        """The newest event that the client was sent."""
        self._fields_version = 0
        self._resume: Resume | None = None
        self.acked_seq = 0
        """The newest event that the client says it has handled."""
        self._patience = PATIENCE
        self._patience_at_s = clock.monotonic()

    # --- what the client says --------------------------------------------------------------------

    async def _read(self) -> None:
        while True:
            message = await self._socket.receive()
            if len(message) > FRAME_LIMIT_BYTES:
                raise Leave(TOO_BIG, f"a frame may have at most {FRAME_LIMIT_BYTES} bytes")
            try:
                frame = self._codec.decode(message)
            except MalformedFrame as error:
                raise Leave(PROTOCOL_BROKEN, f"malformed frame: {error}") from error
            self._bear(frame)
            self._apply(frame)

    def _bear(self, frame: ClientFrame) -> None:
        """Send a client away that asks for more than anybody needs: others wait for it."""
        now_s = self._clock.monotonic()
        gained = (now_s - self._patience_at_s) * _REFILL_PER_S
        self._patience = min(PATIENCE, self._patience + gained) - _WORK[type(frame)]
        self._patience_at_s = now_s
        if self._patience < 0:
            raise Leave(TOO_MUCH, "too many frames in a short time")

    def _apply(self, frame: ClientFrame) -> None:
        if isinstance(frame, Ack):
            self.acked_seq = max(self.acked_seq, min(frame.seq, self._event_seq))
        elif isinstance(frame, Resume):
            self._resume = frame
            self._wake.set()
        elif isinstance(frame, Subscribe):
            self._subscribe(frame)
        else:
            self._show(frame.visible)

    def _subscribe(self, frame: Subscribe) -> None:
        self._groups = None if frame.groups is None else frozenset(frame.groups)
        if frame.interval_ms is not None:
            self.interval_s = frame.interval_ms / 1000
        self._base_seq = NOTHING_SENT
        self._offer_newest()
        self._feed.demand_changed()

    def _show(self, visible: bool) -> None:
        if visible == self.visible:
            return
        self.visible = visible
        if visible:
            self._offer_newest()
        else:
            self.slot.clear()
        self._feed.demand_changed()

    def _offer_newest(self) -> None:
        """Do not let the client wait for the next tick."""
        newest = self._feed.picture.tick
        if newest is None or not self.visible:
            return
        self.slot.clear()
        if self._base_seq != NOTHING_SENT:
            self.slot.miss(self._base_seq + 1, newest.seq - 1)
        if newest.seq != self._base_seq:
            self.offer(newest)

    # --- what is due -----------------------------------------------------------------------------

    async def _write(self) -> None:
        self._fields_version = self._feed.picture.fields_version
        await self._send(self._codec.encode(self._feed.hello()))
        await self._send(self._whole(0))
        while True:
            self._wake.clear()
            while due := self._next_due():
                for message in due:
                    await self._send(message)
            await self._wake.wait()

    def _next_due(self) -> list[Wire]:
        """The most urgent thing there is to send; empty when all is said."""
        if self._resume is not None:
            resume, self._resume = self._resume, None
            return self._resumed(resume)
        if event := self._next_event():
            return event
        if taken := self.slot.take():
            return self._ticked(*taken)
        return []

    def _whole(self, since_ms: int) -> Wire:
        """A snapshot; from here on ticks and events build on it."""
        newest = self._feed.picture.tick
        self.slot.clear()
        self._base_seq = newest.seq if newest else 0
        self._event_seq = self._feed.events.newest_seq
        return self._feed.snapshot(self._codec, self._groups, since_ms)

    def _resumed(self, resume: Resume) -> list[Wire]:
        """Missed events, or the gap that they left, and the picture as it is now."""
        messages: list[Wire] = []
        if resume.seq < self._feed.events.newest_seq:
            self._event_seq = resume.seq
            while event := self._next_event():
                messages += event
        return [*messages, self._whole(resume.since_ms)]

    def _next_event(self) -> list[Wire]:
        gap, event = self._feed.events.after(self._event_seq)
        if event is None:
            return []
        self._event_seq = event.frame.seq
        return [*self._gap_frame("event", gap), self._encoded(event)]

    def _encoded(self, event: SharedFrame[Event]) -> Wire:
        return event.encoded(self._codec)

    def _ticked(self, tick: SharedTick, gap: tuple[int, int] | None) -> list[Wire]:
        messages = self._gap_frame("tick", gap)
        if tick.fields_version != self._fields_version:
            self._fields_version = self._feed.picture.fields_version
            messages.append(self._feed.picture.fields.encoded(self._codec))
        full = tick.previous_seq != self._base_seq
        self._base_seq = tick.seq
        return [*messages, tick.encoded(self._codec, self._groups, full=full)]

    def _gap_frame(
        self, stream: Literal["tick", "event"], gap: tuple[int, int] | None
    ) -> list[Wire]:
        if gap is None:
            return []
        return [self._codec.encode(Gap(stream=stream, from_seq=gap[0], to_seq=gap[1]))]

    def _bye(self, leave: Leave) -> Wire | None:
        return self._codec.encode(Bye(code=leave.code, reason=leave.reason))
