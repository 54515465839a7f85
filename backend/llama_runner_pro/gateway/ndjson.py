"""Cutting a stream of JSON documents, one a line, into lines."""

from __future__ import annotations

from llama_runner_pro.core.errors import UpstreamBroken

LONGEST_LINE_BYTES = 16_000_000


class LineSplitter:
    """Bytes in, whole lines out, without their ends. Blank lines are left out."""

    def __init__(self, limit_bytes: int = LONGEST_LINE_BYTES) -> None:
        self._limit_bytes = limit_bytes
        self._rest = b""

    def feed(self, piece: bytes) -> list[bytes]:
        """The lines that `piece` completes.

        Raises `UpstreamBroken` when a line is longer than the limit.
        """
        *lines, self._rest = (self._rest + piece).split(b"\n")
        if len(self._rest) > self._limit_bytes:
            raise UpstreamBroken(f"a line is longer than {self._limit_bytes} bytes")
        return [line for line in map(bytes.strip, lines) if line]

    def end(self) -> list[bytes]:
        """The last line, when the stream ended without a line feed."""
        last, self._rest = self._rest.strip(), b""
        return [last] if last else []
