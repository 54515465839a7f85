"""What a line of a log says about itself: its level and its time. Pure.

Understands Python's logging (`2026-01-31 12:00:00,123 WARNING …`), the JSON lines of the recovery
log, and the one-letter levels of llama.cpp (`0.00.123.456 W …`). Anything else is text without
level and time.
"""

from __future__ import annotations

import re
from datetime import datetime

import msgspec

from llama_runner_pro.api.schemas import LogLevel, LogLine
from llama_runner_pro.core.value_object import ValueObject

RANK: dict[LogLevel, int] = {"debug": 10, "info": 20, "warning": 30, "error": 40, "critical": 50}

_WORDS: dict[str, LogLevel] = {
    "DEBUG": "debug",
    "INFO": "info",
    "WARN": "warning",
    "WARNING": "warning",
    "ERROR": "error",
    "CRITICAL": "critical",
    "FATAL": "critical",
    "D": "debug",
    "I": "info",
    "W": "warning",
    "E": "error",
}
_STAMP = re.compile(
    r"\s*(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,6}))?\s*(Z|[+-]\d\d:?\d\d)?"
)
_LEVEL_WORD = re.compile(r"\b(DEBUG|INFO|WARN|WARNING|ERROR|CRITICAL|FATAL)\b")
_LLAMA = re.compile(r"\s*\d+(?:\.\d+){2,3} ([DIWE]) ")
_HEAD_CHARS = 120


class _RecoveryEntry(msgspec.Struct):
    """The keys of a recovery-log line that matter here."""

    t_ms: int | None = None
    ok: bool | None = None


_recovery = msgspec.json.Decoder(_RecoveryEntry)


def parse_line(source: str, text: str) -> LogLine:
    """One line as written, with what can be told about it."""
    if source == "recovery" and text.startswith("{"):
        try:
            entry = _recovery.decode(text)
        except msgspec.DecodeError:
            return LogLine(source=source, t_ms=None, level=None, text=text)
        level: LogLevel = "warning" if entry.ok is False else "info"
        return LogLine(source=source, t_ms=entry.t_ms, level=level, text=text)
    return LogLine(source=source, t_ms=_time_ms(text), level=_level(text), text=text)


def continues(source: str, text: str) -> bool:
    """A further line of the record above it, as our own log writes them."""
    return source == "monitor" and text.startswith("    ")


def continued(head: LogLine, text: str) -> LogLine:
    """A further line of the record that `head` begins: its level and time are the record's."""
    return LogLine(source=head.source, t_ms=head.t_ms, level=head.level, text=text)


def _level(text: str) -> LogLevel | None:
    found = _LLAMA.match(text) or _LEVEL_WORD.search(text[:_HEAD_CHARS])
    return _WORDS[found.group(1)] if found else None


def _time_ms(text: str) -> int | None:
    found = _STAMP.match(text)
    if not found:
        return None
    day, time, fraction, zone = found.groups()
    try:
        moment = datetime.fromisoformat(f"{day}T{time}{zone or ''}")
    except ValueError:
        return None
    # A stamp without zone is local time, which is what `timestamp()` takes it for.
    return int(moment.timestamp() * 1000) + int((fraction or "0")[:3].ljust(3, "0"))


class LogFilter(ValueObject, frozen=True):
    """Which lines pass. A line without a level counts as info."""

    level: LogLevel | None = None
    """This one and worse."""
    text: str = ""
    """Contained, whatever the case."""

    def passes(self, line: LogLine) -> bool:
        """The line is wanted."""
        if self.level is not None and RANK[line.level or "info"] < RANK[self.level]:
            return False
        return self.text.casefold() in line.text.casefold() if self.text else True
