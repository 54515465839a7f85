"""The record of one request while it is being made."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Literal

from llama_runner_pro.endpoints.traffic import RequestRecord
from llama_runner_pro.gateway.capture import EACH_LIMIT_BYTES
from llama_runner_pro.gateway.tap_numbers import Numbers, numbers_of, said_error

if TYPE_CHECKING:
    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.endpoints.traffic import Ending, RequestSink
    from llama_runner_pro.gateway.body import Spooled
    from llama_runner_pro.gateway.capture import CaptureRing, Recording
    from llama_runner_pro.gateway.dispatch import Visit
    from llama_runner_pro.gateway.lifted import Woven
    from llama_runner_pro.gateway.ports import Lease
    from llama_runner_pro.gateway.tap import Tap

    Phase = Literal["queued", "loading", "sent", "streaming", "done"]

LONGEST_CLIENT = 100
request_numbers = itertools.count(1)
"""One for each record."""


def id_of(t_ms: int, number: int) -> str:
    """Of the record of a request that came at that time (wall clock)."""
    return f"{t_ms:x}-{number:x}"


class Entry:
    """Collects what becomes known of a request, and tells the sink. Holds no text of it."""

    __slots__ = (
        "_began_s",
        "_capture",
        "_clock",
        "_ended_s",
        "_final",
        "_model",
        "_news",
        "_number",
        "_position",
        "_ratio",
        "_recording",
        "_sent_s",
        "_sink",
        "_visit",
        "lease",
        "phase",
        "status",
        "t_ms",
        "tap",
    )

    def __init__(
        self,
        model: str,
        visit: Visit,
        sink: RequestSink,
        clock: Clock,
        capture: CaptureRing | None = None,
        began: tuple[int, float] | None = None,
    ) -> None:
        """`began`: wall and monotonic time, when that was not just now."""
        self._capture = capture
        self._recording: Recording | None = None
        self._model, self._visit, self._sink, self._clock = model, visit, sink, clock
        self.t_ms, self._began_s = began or (clock.wall_ms(), clock.monotonic())
        self._number = next(request_numbers)
        self._sent_s: float | None = None
        self._ended_s: float | None = None
        self._position: int | None = None
        self._ratio: float | None = None
        self._final: RequestRecord | None = None
        self._news = False
        self.phase: Phase = "queued"
        self.lease: Lease | None = None
        """The last one, also after its end."""
        self.status: int | None = None
        self.tap: Tap | None = None

    def began(self, t_ms: int, began_s: float) -> None:
        """It is older than this entry."""
        self.t_ms, self._began_s = t_ms, began_s

    @property
    def id(self) -> str:
        """Of its record."""
        return id_of(self.t_ms, self._number)

    def waits(
        self,
        what: Literal["queued", "evicting", "loading"],
        position: int | None = None,
        ratio: float | None = None,
    ) -> None:
        """It waits for its turn, or for the model, of which that share is loaded."""
        phase: Phase = "queued" if what == "queued" else "loading"
        if position is None or (phase, position, ratio) != (
            self.phase,
            self._position,
            self._ratio,
        ):
            self.phase, self._position, self._ratio = phase, position, ratio
            self._tell()

    def sent(self, now_s: float, body: bytes | Spooled | Woven) -> None:
        """It is on its way to the server of `lease`."""
        capture = self._capture
        if capture is not None and capture.enabled and self._recording is None:
            text = body if isinstance(body, bytes) else body.beginning(EACH_LIMIT_BYTES)
            self._recording = capture.record(self.id, self.t_ms, text)
        self.phase, self._position, self._ratio = "sent", None, None
        self._sent_s = now_s
        self._news = True

    def passed(self, tap: Tap, body: bytes, now_s: float) -> None:
        """A part of the answer's body."""
        if self._recording is not None:
            self._recording.received(body)
        tap.observe(body, now_s)
        if tap.pieces and self.phase == "sent":
            self.phase = "streaming"
            self._news = True
            if self.lease is not None:
                self.lease.began()

    def tell_news(self) -> None:
        """Tell the sink that it was sent, or streams. Later than it happened: most requests are
        over before anybody could look, and making a record costs as much as sending one.
        """
        if self._news:
            self._tell()

    def end(self, ending: Ending, error: str | None, ended_s: float | None = None) -> None:
        """It is over, since `ended_s` when that was not just now."""
        self._ended_s = self._clock.monotonic() if ended_s is None else ended_s
        if self._recording is not None:
            self._recording.end()
        self.phase, self._position, self._ratio = "done", None, None
        self._final = self._record(ending, error)
        self._sink.requested(self._final)

    def failed_inside(self) -> bool:
        """A stream that came whole, but carried an error of the server."""
        return self.tap is not None and said_error(self.tap)

    def record(self) -> RequestRecord:
        """What is known by now."""
        return self._final or self._record(None, None)

    def _tell(self) -> None:
        self._news = False
        self._sink.requested(self._record(None, None, counted=False))

    def _record(
        self, ending: Ending | None, error: str | None, *, counted: bool = True
    ) -> RequestRecord:
        visit, lease, tap = self._visit, self.lease, self.tap
        numbers = Numbers() if tap is None or not counted else numbers_of(tap)
        gaps = (None, None) if tap is None or not counted or not tap.pieces else tap.gaps()
        ttft_ms = numbers.ttft_ms
        if tap is not None and tap.first_s is not None and self._sent_s is not None:
            ttft_ms = (tap.first_s - self._sent_s) * 1000
        return RequestRecord(
            id=self.id,
            t_ms=self.t_ms,
            surface=visit.surface,
            operation=visit.operation,
            path=visit.path,
            model=self._model,
            endpoint=None if lease is None else lease.upstream.endpoint,
            stream=visit.stream,
            key=visit.key,
            client=visit.client and visit.client[:LONGEST_CLIENT],
            status=self.status,
            ending=ending,
            error=error,
            phase=self.phase,
            position=self._position,
            load_ratio=self._ratio,
            queue_ms=None if lease is None else lease.queue_ms,
            load_ms=None if lease is None else lease.load_ms,
            ttft_ms=ttft_ms,
            duration_ms=None if self._ended_s is None else (self._ended_s - self._began_s) * 1000,
            prompt_tokens=numbers.prompt_tokens,
            cached_tokens=numbers.cached_tokens,
            generated_tokens=numbers.generated_tokens,
            prompt_tokens_per_s=numbers.prompt_tokens_per_s,
            generation_tokens_per_s=numbers.generation_tokens_per_s,
            inter_token_p50_ms=gaps[0],
            inter_token_p95_ms=gaps[1],
            finish_reason=numbers.finish_reason,
            token_source=numbers.source,
            bytes_in=visit.bytes_in,
            bytes_out=0 if tap is None else tap.bytes_out,
        )
