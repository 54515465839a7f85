"""Reading logs from their end, and following them, without ever loading a whole file."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from llama_runner_pro.api.log_lines import LogFilter, continued, continues, parse_line
from llama_runner_pro.core.secrets import without_secrets
from llama_runner_pro.core.value_object import ValueObject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from llama_runner_pro.api.schemas import LogLine

__all__ = ["LogFilter", "LogFollower", "LogReader", "LogTail", "UnknownLogSource"]

LINE_LIMIT_BYTES = 8 * 1024
"""A longer line is shown up to here."""
RECORD_LINES = 500
"""How many further lines of one record are kept together."""
ROTATED_FILES = 5
SCAN_LIMIT_BYTES = 16 * 1024 * 1024
"""How far back a search goes."""
FOLLOW_LIMIT_BYTES = 256 * 1024
"""How much one round of following hands over; what is beyond is skipped and counted."""
_BLOCK_BYTES = 64 * 1024


@dataclass(repr=False)
class UnknownLogSource(Exception):
    """No log has this name."""

    source: str
    known: list[str]

    def __str__(self) -> str:
        """Names what was asked for and what exists."""
        return f"no log named {self.source!r} (known: {', '.join(self.known)})"


class LogTail(ValueObject, frozen=True):
    """The newest matching lines, oldest first. `truncated`: there is more before them."""

    lines: list[LogLine]
    truncated: bool


class LogReader:
    """The sidecar's two logs and one per endpoint, by name. Blocking: call from a thread."""

    def __init__(
        self,
        *,
        monitor: Path,
        recovery: Path,
        endpoint_log: Callable[[str], Path],
        endpoint_names: Callable[[], Sequence[str]],
    ) -> None:
        self._own = {"monitor": monitor, "recovery": recovery}
        self._endpoint_log = endpoint_log
        self._endpoint_names = endpoint_names

    def sources(self) -> list[str]:
        """Every name that can be asked for."""
        return [*self._own, *self._endpoint_names()]

    def path(self, source: str) -> Path:
        """The file of a log; raises UnknownLogSource. It need not exist yet."""
        if source in self._own:
            return self._own[source]
        if source in self._endpoint_names():
            return self._endpoint_log(source)
        raise UnknownLogSource(source, self.sources())

    def tail(self, source: str, count: int, wanted: LogFilter) -> LogTail:
        """The newest `count` lines that pass, reaching into rotated files when needed.

        Raises UnknownLogSource. A missing or unreadable file has no lines.
        """
        path = self.path(source)
        files = [path, *(path.with_name(f"{path.name}.{n}") for n in range(1, ROTATED_FILES + 1))]
        found: list[LogLine] = []
        for line in _parsed(source, _chained(files)):
            if line is None:
                return LogTail(found[::-1], truncated=True)
            if not wanted.passes(line):
                continue
            if len(found) == count:
                return LogTail(found[::-1], truncated=True)
            found.append(line)
        return LogTail(found[::-1], truncated=False)

    def follow(self, source: str, wanted: LogFilter) -> LogFollower:
        """A follower that starts at the present end; raises UnknownLogSource."""
        return LogFollower(source, self.path(source), wanted)


def _chained(files: Sequence[Path]) -> Iterator[bytes | None]:
    """Lines of several files from the end of the first; None when the search went far enough."""
    budget = SCAN_LIMIT_BYTES
    for file in files:
        for raw in lines_backwards(file, budget):
            budget -= len(raw) + 1
            yield raw
        if budget <= 0:
            yield None
            return


def _parsed(source: str, raws: Iterator[bytes | None]) -> Iterator[LogLine | None]:
    """Lines from the end, with the further lines of a record under the level of its head."""
    further: list[str] = []
    for raw in raws:
        if raw is None:
            yield None
            return
        text = shown(raw)
        if continues(source, text) and len(further) < RECORD_LINES:
            further.append(text)
            continue
        head = parse_line(source, text)
        yield from (continued(head, more) for more in further)
        yield head
        further.clear()


def shown(raw: bytes) -> str:
    """A line as text: cut when too long, bad bytes marked, secrets hidden, no line ends."""
    more = len(raw) - LINE_LIMIT_BYTES
    text = raw[:LINE_LIMIT_BYTES].decode(errors="replace").rstrip("\r\n")
    text = without_secrets(text)
    return f"{text} … ({more} more bytes)" if more > 0 else text


def lines_backwards(path: Path, limit_bytes: int) -> Iterator[bytes]:
    """Complete and last lines of a file from its end, reading at most `limit_bytes`.

    A line longer than a block arrives cut, so that memory stays bounded.
    """
    try:
        file = path.open("rb")
    except OSError:
        return
    with file:
        position = file.seek(0, os.SEEK_END)
        start = max(0, position - limit_bytes)
        carry = b""
        at_end = True
        while position > start:
            size = min(_BLOCK_BYTES, position - start)
            position -= size
            file.seek(position)
            parts = (file.read(size) + carry).split(b"\n")
            if at_end and parts[-1] == b"":
                parts.pop()  # the file ends with a line end; nothing follows it
            at_end = False
            carry = parts.pop(0)[: 2 * LINE_LIMIT_BYTES] if parts else b""
            yield from reversed(parts)
        if position == 0 and (carry or not at_end):
            yield carry


class LogFollower:
    """What is appended to one log from now on. Blocking: call `read` from a thread, one at a time.

    Survives rotation by rename, by copy-and-truncate, and a file that does not exist yet.
    """

    def __init__(self, source: str, path: Path, wanted: LogFilter) -> None:
        self._source = source
        self._path = path
        self._wanted = wanted
        self._partial = b""
        self._head = parse_line(source, "")
        self._inode, self._offset = self._look()

    def _look(self) -> tuple[int, int]:
        try:
            found = self._path.stat()
        except OSError:
            return 0, 0
        return found.st_ino, found.st_size

    def read(self) -> tuple[list[LogLine], int]:
        """Lines completed since the last call that pass, and how many bytes were skipped."""
        inode, size = self._look()
        if inode != self._inode or size < self._offset:
            self._inode, self._offset, self._partial = inode, 0, b""
        skipped = max(0, size - self._offset - FOLLOW_LIMIT_BYTES)
        if skipped:
            self._offset += skipped
            self._partial = b""
        if size <= self._offset:
            return [], skipped
        try:
            with self._path.open("rb") as file:
                file.seek(self._offset)
                fresh = file.read(size - self._offset)
        except OSError:
            return [], skipped
        self._offset += len(fresh)
        *complete, rest = (self._partial + fresh).split(b"\n")
        self._partial = rest[:LINE_LIMIT_BYTES]
        lines = [self._line(shown(raw)) for raw in complete]
        return [line for line in lines if self._wanted.passes(line)], skipped

    def _line(self, text: str) -> LogLine:
        if continues(self._source, text):
            return continued(self._head, text)
        self._head = parse_line(self._source, text)
        return self._head
