"""What was learned while running, kept in a small file for the next sidecar."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Generic, TypeVar

import msgspec

from llama_runner_pro.config.files import read_or_set_aside, write_atomically

if TYPE_CHECKING:
    from pathlib import Path

_log = logging.getLogger(__name__)
V = TypeVar("V")


class KeptFile(Generic[V]):
    """Holds one value by name. `run` writes; nobody waits for the disk."""

    def __init__(self, path: Path, shape: type[V]) -> None:
        self._path, self._shape = path, shape
        self._unsaved: dict[str, V] | None = None
        self._changed = asyncio.Event()

    def read(self) -> dict[str, V]:
        """What the last sidecar kept. Blocking, for the start; a damaged file is set aside."""
        try:
            found = read_or_set_aside(self._path, dict[str, self._shape])  # type: ignore[name-defined]
        except OSError as error:
            _log.warning("%s cannot be read: %s", self._path.name, error)
            found = None
        return found or {}

    def keep(self, values: dict[str, V]) -> None:
        """Have these written. Never blocks."""
        self._unsaved = values
        self._changed.set()

    async def run(self) -> None:
        """Write each change until cancelled. A full disk costs only what was learned."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            content = msgspec.json.encode(self._unsaved)
            try:
                await asyncio.to_thread(write_atomically, self._path, content)
            except OSError as error:
                _log.warning("%s cannot be written: %s", self._path.name, error)
