"""The processes we started, on disk for the next sidecar. One writer: this object."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llama_runner_pro.supervision.process.state_file import ProcessRecord, StateFile

_log = logging.getLogger(__name__)


class Records:
    """Endpoint name → process, kept in step with the state file."""

    def __init__(self, file: StateFile) -> None:
        self._file = file
        self._records = file.load()
        self._writing = asyncio.Lock()

    def get(self, name: str) -> ProcessRecord | None:
        """What is recorded for an endpoint."""
        return self._records.get(name)

    async def put(self, name: str, record: ProcessRecord) -> None:
        """Record a process; on disk when this returns."""
        self._records[name] = record
        await self._save()

    async def drop(self, name: str) -> None:
        """Forget an endpoint's process; no effect when none is recorded."""
        if self._records.pop(name, None) is not None:
            await self._save()

    async def _save(self) -> None:
        async with self._writing:
            try:
                await asyncio.to_thread(self._file.save, dict(self._records))
            except OSError as error:
                _log.warning(
                    "running processes cannot be recorded (%s); "
                    "after a crash of the sidecar they would not be recognised",
                    error,
                )
