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


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """A start of an endpoint, noted before its process exists."""

    nonce: str
    """Drawn for this start alone; the process and all that it starts carry it."""
    port: int | None = None
    incarnation: int = 0
    restarts: int = 0
    began_ms: int = 0
    """When it was started, Unix milliseconds."""


class ProcessRecord(Start, frozen=True, kw_only=True):
    """One running process of ours."""

    identity: Identity


def became(start: Start, identity: Identity) -> ProcessRecord:
    """What is recorded once that start has a process."""
    return ProcessRecord(identity=identity, **msgspec.structs.asdict(start))


class Noted(msgspec.Struct, frozen=True, kw_only=True):
    """What the file holds, by endpoint name."""

    processes: dict[str, ProcessRecord] = {}
    starting: dict[str, Start] = {}
    """Starts whose process was not recorded; usually none."""


class _Document(Noted, frozen=True, kw_only=True):
    format: int = 1
    boot: str = ""


class StateFile:
    """`run/processes.json`: endpoint name → process. One writer; every write is atomic."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> dict[str, ProcessRecord]:
        """The recorded processes alone; see `read`."""
        return self.read().processes

    def read(self) -> Noted:
        """What was noted; nothing when there is no file.

        A damaged file is set aside and logged, and counts as empty. What is from before the last
        boot is dropped: none of those processes can be running. Blocking file access.
        """
        document = read_or_set_aside(self._path, _Document)
        if document is None:
            return Noted()
        if document.boot != boot_id():
            _log.info("the machine was restarted since: recorded processes are forgotten")
            return Noted()
        return Noted(processes=document.processes, starting=document.starting)

    def save(
        self,
        records: Mapping[str, ProcessRecord],
        starting: Mapping[str, Start] | None = None,
        *,
        lasting: bool = True,
    ) -> None:
        """Replace the file, on disk before this returns. Blocking; raises `OSError`.

        Without `lasting` it outlives us, but not a power cut, as the processes themselves.
        """
        document = _Document(boot=boot_id(), processes=dict(records), starting=dict(starting or {}))
        content = msgspec.json.format(msgspec.json.encode(document))
        write_atomically(self._path, content, lasting=lasting)
