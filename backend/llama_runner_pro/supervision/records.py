"""The processes we started, on disk for the next sidecar. One writer: this object."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from llama_runner_pro.core.saving import Saving

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.supervision.process.state_file import ProcessRecord, Start, StateFile


class Records:
    """Endpoint name → process, kept in step with the state file."""

    def __init__(self, file: StateFile, clock: Clock) -> None:
        self._file = file
        noted = file.read()
        self._records, self._starting = dict(noted.processes), dict(noted.starting)
        self._saving = Saving(
            clock,
            lost="running processes cannot be recorded (%s); "
            "after a crash of the sidecar they would not be recognised",
            kept_again="running processes are recorded again",
        )
        self._listeners: list[Callable[[], None]] = []

    def get(self, name: str) -> ProcessRecord | None:
        """What is recorded for an endpoint."""
        return self._records.get(name)

    def all(self) -> Mapping[str, ProcessRecord]:
        """What is recorded, by endpoint; also of those that the configuration has no more."""
        return dict(self._records)

    def starting(self) -> Mapping[str, Start]:
        """Starts that were begun and neither recorded nor given up, by endpoint."""
        return dict(self._starting)

    def listen(self, changed: Callable[[], None]) -> None:
        """Call `changed` whenever a start or a process is noted or forgotten; it must not block."""
        self._listeners.append(changed)

    async def begin(self, name: str, start: Start) -> None:
        """Note a start before there is a process.

        Whoever is killed between the start and `put` leaves a process that the next sidecar
        finds by this note. Nobody waits for the disk: a power cut ends the process as well.
        """
        self._starting[name] = start
        self._tell()
        await self._saving.save(partial(self._snapshot, lasting=False))

    def give_up(self, name: str) -> None:
        """That start has no process. Forgotten on disk with the next change: it does no harm."""
        self._starting.pop(name, None)
        self._tell()

    async def put(self, name: str, record: ProcessRecord) -> None:
        """Record a process; on disk when this returns, unless the disk refused."""
        self._starting.pop(name, None)
        self._records[name] = record
        self._tell()
        await self._saving.save(self._snapshot)

    async def drop(self, name: str) -> None:
        """Forget an endpoint's process; no effect when none is recorded."""
        if self._records.pop(name, None) is not None:
            self._tell()
            await self._saving.save(self._snapshot)

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()

    async def keep_saved(self) -> None:
        """Save again, every 2 s, what a full or broken disk refused; runs until cancelled."""
        await self._saving.keep_saved(self._snapshot)

    def _snapshot(self, *, lasting: bool = True) -> Callable[[], None]:
        noted = dict(self._records), dict(self._starting)
        return partial(self._file.save, *noted, lasting=lasting)
