"""What the next sidecar must know of the processes that this one started."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import msgspec

from llama_runner_pro.config.files import read_or_set_aside, write_atomically
from llama_runner_pro.supervision.process.identity import Identity, boot_id

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_log = logging.getLogger(__name__)


class ProcessRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One running process of ours."""

    identity: Identity
    nonce: str
    port: int | None = None
    incarnation: int = 0
    restarts: int = 0
    began_ms: int = 0
    """When it was started, Unix milliseconds."""


class _Document(msgspec.Struct, frozen=True, kw_only=True):
    format: int = 1
    boot: str = ""
    processes: dict[str, ProcessRecord] = {}


class StateFile:
    """`run/processes.json`: endpoint name → process. One writer; every write is atomic."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> dict[str, ProcessRecord]:
        """What was recorded; empty when there is no file.

        A damaged file is set aside and logged, and counts as empty. Records from before the
        last boot are dropped: none of those processes can be running. Blocking file access.
        """
        document = read_or_set_aside(self._path, _Document)
        if document is None:
            return {}
        if document.boot != boot_id():
            _log.info("the machine was restarted since: recorded processes are forgotten")
            return {}
        return dict(document.processes)

    def save(self, records: Mapping[str, ProcessRecord]) -> None:
        """Replace the file, on disk before this returns. Blocking; raises `OSError`."""
        document = _Document(boot=boot_id(), processes=dict(records))
        write_atomically(self._path, msgspec.json.format(msgspec.json.encode(document)))
