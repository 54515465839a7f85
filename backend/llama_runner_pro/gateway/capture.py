"""Texts of requests, kept in memory while the user has switched that on. Off by default."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from llama_runner_pro.core.secrets import without_secrets
from llama_runner_pro.endpoints.traffic import Captured

if TYPE_CHECKING:
    from llama_runner_pro.config.gateway import CaptureSpec

EACH_LIMIT_BYTES = 256_000
"""Of either direction of one request; what lies beyond is counted, not kept."""


class Recording:
    """One request while it runs."""

    def __init__(self, ring: CaptureRing, request_id: str, t_ms: int, body: bytes) -> None:
        self._ring = ring
        self._id, self._t_ms = request_id, t_ms
        self._sent = body[:EACH_LIMIT_BYTES]
        self._sent_bytes = len(body)
        self._received = bytearray()
        self._received_bytes = 0

    def received(self, chunk: bytes | memoryview) -> None:
        """More of the answer."""
        room = EACH_LIMIT_BYTES - len(self._received)
        if room > 0:
            self._received += chunk[:room]
        self._received_bytes += len(chunk)

    def end(self) -> None:
        """The request is over; only now it can be looked at."""
        self._ring.keep(
            Captured(
                id=self._id,
                t_ms=self._t_ms,
                request=_text(self._sent),
                request_bytes=self._sent_bytes,
                response=_text(bytes(self._received)),
                response_bytes=self._received_bytes,
            )
        )


class CaptureRing:
    """The newest texts, at most `max_bytes` of them; empty and deaf while switched off."""

    def __init__(self, spec: CaptureSpec) -> None:
        self._kept: deque[Captured] = deque()
        self.bytes = 0
        self.configure(spec)

    @property
    def max_bytes(self) -> int:
        """How much is kept in all."""
        return self._spec.max_bytes

    def configure(self, spec: CaptureSpec) -> None:
        """Take other settings; switching it off forgets everything."""
        self._spec = spec
        self.enabled = spec.enabled
        """Requests are recorded. Asked for each of them."""
        if not spec.enabled:
            self.clear()
        self._trim()

    def record(self, request_id: str, t_ms: int, body: bytes) -> Recording | None:
        """Begin to record a request; None while switched off."""
        return Recording(self, request_id, t_ms, body) if self._spec.enabled else None

    def keep(self, captured: Captured) -> None:
        """Keep what was recorded; the oldest make room. Nothing after it was switched off."""
        if self._spec.enabled:
            self._kept.append(captured)
            self.bytes += _size(captured)
            self._trim()

    def all(self) -> list[Captured]:
        """What is kept, newest first."""
        return list(reversed(self._kept))

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()
        self.bytes = 0

    def _trim(self) -> None:
        while self._kept and self.bytes > self._spec.max_bytes:
            self.bytes -= _size(self._kept.popleft())


def _text(content: bytes) -> str:
    return without_secrets(content.decode("utf-8", "replace"))


def _size(captured: Captured) -> int:
    return len(captured.request) + len(captured.response)
