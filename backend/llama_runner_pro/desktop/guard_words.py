"""What the sidecar tells its guard, one JSON object a line."""

from __future__ import annotations

import msgspec

from llama_runner_pro.supervision.process.identity import Identity
from llama_runner_pro.supervision.process.state_file import ProcessRecord, Start

SUCCESSOR_WITHIN_S = 15.0
"""A window that lives starts the next sidecar within a second or two, unless it gave up."""


class Begin(msgspec.Struct, frozen=True, kw_only=True, tag="begin"):
    """The first line: whose guard it is."""

    instance: str
    """The sidecar's, as its presence file says it."""
    window: Identity
    """The process of the window."""
    presence_file: str
    """Where the next sidecar of the same data folder says that it runs."""
    keep_models: bool
    successor_within_s: float
    """How long the next sidecar may take to come, while the window lives."""


class Guarded(msgspec.Struct, frozen=True, kw_only=True, tag="guarded"):
    """This process of ours must not outlive sidecar and window."""

    name: str
    record: ProcessRecord


class Starting(msgspec.Struct, frozen=True, kw_only=True, tag="starting"):
    """A process is about to be started: whatever carries this nonce must not outlive us either."""

    name: str
    start: Start


class Dropped(msgspec.Struct, frozen=True, kw_only=True, tag="dropped"):
    """This one ended, never came to be, or may go on without us."""

    name: str


class Farewell(msgspec.Struct, frozen=True, kw_only=True, tag="farewell"):
    """The sidecar ends as it should, and the guard with it; `leave`: what runs goes on."""

    leave: bool


Word = Begin | Guarded | Starting | Dropped | Farewell


def encoded(word: Word) -> bytes:
    """As a line."""
    return msgspec.json.encode(word) + b"\n"


def decoded(line: bytes) -> Word:
    """Raises `msgspec.DecodeError`, also for a line that is not UTF-8."""
    try:
        word: Word = msgspec.json.decode(line, type=Word)
    except UnicodeDecodeError as error:
        raise msgspec.DecodeError(str(error)) from error
    return word
