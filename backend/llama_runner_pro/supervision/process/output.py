"""What an endpoint's process writes: a file it appends to by itself, watched from here.

The file is rotated by copying its end aside and cutting it to nothing. That is safe because the
child opened it with O_APPEND; lines written between copy and cut are lost, which a log can bear.
"""

from __future__ import annotations

import logging
import os
import re
import threading
from typing import TYPE_CHECKING

from llama_runner_pro.core.ring import Ring
from llama_runner_pro.core.secrets import without_secrets

if TYPE_CHECKING:
    from pathlib import Path

_log = logging.getLogger(__name__)

ROTATE_AT_BYTES = 10_000_000
KEEP_FILES = 3
_CHUNK_BYTES = 256 * 1024
# Colours and cursor moves that programs write for terminals, and other control characters.
_CONTROL = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|[\x00-\x08\x0b-\x1f\x7f]"
)


class LogTail:
    """The last lines of a growing file, kept in memory.

    Reading is incremental. What was appended since the last reading and exceeds 256 KiB is
    skipped but for its end, so that a log that never stops costs a bounded effort per reading.
    Any thread may use it at any time.
    """

    def __init__(self, path: Path, *, lines: int = 400, line_bytes: int = 4_096) -> None:
        self._path = path
        self._keep = lines
        self._lines: Ring[str] = Ring(lines)
        self._line_bytes = line_bytes
        self._offset = 0
        self._partial = b""
        self._turn = threading.RLock()
        self.skipped_bytes = 0
        """Bytes that were passed over because too many came at once."""

    def last(self, count: int) -> list[str]:
        """The newest lines, oldest first, as of the last reading; secrets are hidden."""
        with self._turn:
            lines = self._lines.last(count)
            if self._partial and count > 0:
                lines = [*lines, self._clean(self._partial)][-count:]
            return [without_secrets(line) for line in lines]

    def start_at_end(self) -> None:
        """Forget everything and begin at the present end of the file: a new process starts."""
        with self._turn:
            self._lines = Ring(self._keep)
            self._partial = b""
            self._offset = self._size()

    def begin_anew(self) -> None:
        """The file was cut: go on at its start; what was read is kept."""
        with self._turn:
            self._offset = 0

    def read_new(self) -> list[str]:
        """Read what was appended; returns the lines that became complete, oldest first.

        Blocking file access. A file that is missing or cannot be read gives no lines.
        """
        with self._turn:
            return self._read_new()

    def _read_new(self) -> list[str]:
        size = self._size()
        if size < self._offset:
            self.begin_anew()
        if size == self._offset:
            return []
        fresh = self._read(size)
        *complete, self._partial = self._bounded((self._partial + fresh).split(b"\n"))
        lines = [self._clean(line) for line in complete]
        for line in lines:
            self._lines.append(line)
        return lines

    def _read(self, size: int) -> bytes:
        start = max(self._offset, size - _CHUNK_BYTES)
        try:
            with self._path.open("rb") as file:
                file.seek(start)
                fresh = file.read(size - start)
        except OSError:
            return b""
        if start > self._offset:
            self.skipped_bytes += start - self._offset
            self._partial = b""
            # Begin with a whole line; where the end holds none, its bytes are all there is.
            fresh = fresh.partition(b"\n")[2] or fresh
        self._offset = start + (size - start)
        return fresh

    def _bounded(self, pieces: list[bytes]) -> list[bytes]:
        return [piece[: self._line_bytes] for piece in pieces]

    def _clean(self, line: bytes) -> str:
        return _CONTROL.sub("", line.decode("utf-8", "replace").rstrip("\r"))

    def _size(self) -> int:
        try:
            return self._path.stat().st_size
        except OSError:
            return 0


class EndpointOutput:
    """The output file of one endpoint: its tail, and its rotation."""

    def __init__(self, path: Path, *, rotate_at_bytes: int = ROTATE_AT_BYTES) -> None:
        self.path = path
        self.tail = LogTail(path)
        self._rotate_at_bytes = rotate_at_bytes
        self._turn = threading.Lock()

    def refresh(self) -> list[str]:
        """Read new lines, then rotate when the file has grown too large. Blocking file access."""
        with self._turn:
            return self._refresh()

    def _refresh(self) -> list[str]:
        lines = self.tail.read_new()
        try:
            if self.path.stat().st_size >= self._rotate_at_bytes:
                self._rotate()
        except FileNotFoundError:
            return lines
        except OSError as error:
            _log.warning("the log %s cannot be rotated: %s", self.path.name, error)
        return lines

    def _rotate(self) -> None:
        """Keep the file's last bytes as `.1`, older ones as `.2` and `.3`, and cut it."""
        numbered = [self.path.with_name(f"{self.path.name}.{n}") for n in range(1, KEEP_FILES + 1)]
        try:
            for older, newer in zip(reversed(numbered), reversed(numbered[:-1]), strict=False):
                if newer.exists():
                    newer.replace(older)
            self._copy_end(numbered[0])
        finally:
            # Also when the copy failed, on a full disk: the log must not be what fills it.
            os.truncate(self.path, 0)
            self.tail.begin_anew()

    def _copy_end(self, target: Path) -> None:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with self.path.open("rb") as source, os.fdopen(descriptor, "wb") as copy:
            source.seek(max(0, os.fstat(source.fileno()).st_size - self._rotate_at_bytes))
            left = self._rotate_at_bytes
            while left > 0 and (chunk := source.read(min(left, _CHUNK_BYTES))):
                copy.write(chunk)
                left -= len(chunk)
