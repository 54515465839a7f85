"""Watches an answer pass without holding it up: when things came, and its two ends."""

from __future__ import annotations

import re
from typing import NamedTuple

HEAD_BYTES = 2_048
TAIL_BYTES = 4_096
"""What a server counted stands in its last few hundred bytes."""
_TAIL_LIMIT_BYTES = 2 * TAIL_BYTES
_FINE = 16
"""Steps into which each power of two is divided: gaps are known to 3 %."""

# Generated text in the words of every API: a string with something in it, or a tool call.
_GENERATED = re.compile(
    # Told apart by the first letter: that takes a quarter off the dearest step of each chunk.
    rb'"(?=[acdfprt])(?:'
    rb"(?:content|reasoning_content|reasoning|thinking|text|delta|arguments|partial_json|response)"
    rb'"\s*:\s*"[^"]|(?:tool_calls|function_call)"\s*:\s*[\[{]\s*[^\]}\s])'
)


class Gaps(NamedTuple):
    """The distances between pieces of generated text; None when there were no two."""

    p50_ms: float | None
    p95_ms: float | None


class Tap:
    """One answer. Memory does not grow with its length."""

    __slots__ = (
        "_gaps",
        "_tail",
        "bytes_out",
        "first_s",
        "head",
        "last_s",
        "pieces",
        "streaming",
    )

    def __init__(self, *, streaming: bool) -> None:
        self.streaming = streaming
        self.bytes_out = 0
        self.first_s: float | None = None
        """When the first generated text came, monotonic; None for an answer in one piece."""
        self.last_s: float | None = None
        self.pieces = 0
        """How many pieces of generated text a stream had. Not the same as tokens."""
        self.head = b""
        self._tail: bytes | bytearray = b""
        self._gaps: dict[int, int] = {}

    def observe(self, piece: bytes, now_s: float) -> None:
        """A piece of the body, as it came from the server."""
        if not self.bytes_out:
            # Most answers that are no streams come in one piece: nothing is copied for them.
            self.head, self._tail = piece[:HEAD_BYTES], piece[-TAIL_BYTES:]
        else:
            self._extend(piece)
        self.bytes_out += len(piece)
        if not self.streaming:
            return
        count = 1 if _is_usual(piece) else len(_GENERATED.findall(piece))
        if not count:
            return
        self.pieces += count
        if self.last_s is None:
            self.first_s = now_s
        else:
            step = _step(int((now_s - self.last_s) * 1e6))
            self._gaps[step] = self._gaps.get(step, 0) + 1
        self.last_s = now_s

    def _extend(self, piece: bytes) -> None:
        if len(self.head) < HEAD_BYTES:
            self.head += piece[: HEAD_BYTES - len(self.head)]
        tail = self._tail
        if isinstance(tail, bytes):
            tail = self._tail = bytearray(tail)
        tail += piece[-TAIL_BYTES:]
        if len(tail) > _TAIL_LIMIT_BYTES:
            del tail[:-TAIL_BYTES]

    @property
    def tail(self) -> bytes:
        """The last bytes of the body."""
        return bytes(self._tail)

    def gaps(self) -> Gaps:
        """Median and 95th percentile of the time between two pieces of generated text."""
        return Gaps(self._percentile(0.5), self._percentile(0.95))

    def _percentile(self, share: float) -> float | None:
        wanted = share * sum(self._gaps.values())
        for step in sorted(self._gaps):
            wanted -= self._gaps[step]
            if wanted <= 0:
                return _middle_us(step) / 1000
        return None


def _is_usual(piece: bytes) -> bool:
    """One event with text in the words of OpenAI's chat, as nearly all are."""
    return b'"content":"' in piece and b'"content":""' not in piece and piece.count(b"data:") == 1


def _step(gap_us: int) -> int:
    """The number of the step a gap falls on: exact below 32 µs, then 16 to each power of two."""
    if gap_us < 2 * _FINE:
        return max(gap_us, 0)
    power = gap_us.bit_length() - 5
    return power * _FINE + (gap_us >> power)


def _middle_us(step: int) -> float:
    """The gap in the middle of a step."""
    if step < 2 * _FINE:
        return float(step)
    power = step // _FINE - 1
    return float(((step - power * _FINE) << power) + (1 << power) / 2)
