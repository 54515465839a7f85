"""What is free and what each endpoint holds, and where the gateway keeps what it learned of it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from llama_runner_pro.core.deadline import Deadline
from llama_runner_pro.engine.memory import available_bytes
from llama_runner_pro.gateway.memory import Learned, MemoryBook
from llama_runner_pro.gateway.shelf import Shelf, Shelved
from llama_runner_pro.wiring.kept import KeptFile

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.metrics.model import Snapshot

REFRESH_S = 1.0
"""How long a decision waits for a new sample; then it goes by the last one."""


class SampledMemory:
    """Satisfies `gateway.house.MemoryGauge`.

    Free main memory is asked of the kernel each time; graphics memory and what processes hold
    are as old as the last sample, or as `refresh`.
    """

    def __init__(
        self,
        latest: Callable[[], Snapshot | None],
        free: Callable[[], int | None] = available_bytes,
        sample: Callable[[], Awaitable[None]] | None = None,
        clock: Clock | None = None,
    ) -> None:
        """`sample` takes a new sample and waits for it, which `clock` bounds."""
        self._latest, self._free = latest, free
        self._sample, self._clock = sample, clock

    async def refresh(self) -> None:
        """Have a new sample taken where there is a graphics card; for a second at the most."""
        if self.free_gpu_bytes() is not None:
            await self._look()

    async def _look(self) -> None:
        if self._sample is None or self._clock is None:
            return
        with suppress(TimeoutError):
            async with Deadline(self._clock, REFRESH_S):
                await self._sample()

    def free_bytes(self) -> int | None:
        """Main memory that can be had without swapping, container limits included."""
        return self._free()

    def free_gpu_bytes(self) -> int | None:
        """Of all graphics cards together; None without one that tells."""
        snapshot = self._latest()
        if snapshot is None:
            return None
        free, index = None, 0
        while f"gpu{index}_memory_total_bytes" in snapshot.values:
            total = snapshot.values[f"gpu{index}_memory_total_bytes"]
            used = snapshot.values.get(f"gpu{index}_memory_used_bytes")
            if total is not None and used is not None:
                free = (free or 0) + max(0, int(total) - int(used))
            index += 1
        return free

    async def load_ratio(self, endpoint: str) -> float | None:
        """Share of its model that a starting server has taken in; None where nobody can tell."""
        await self._look()
        snapshot = self._latest()
        name = f"endpoint/{endpoint}/load_progress_ratio"
        ratio = None if snapshot is None else snapshot.values.get(name)
        return None if ratio is None else float(ratio)

    def held_bytes(self, endpoint: str) -> tuple[int | None, int | None]:
        """Resident memory of its process tree. What it holds of each card, nobody tells."""
        snapshot = self._latest()
        held = None if snapshot is None else snapshot.values.get(f"endpoint/{endpoint}/rss_bytes")
        return (None if held is None else int(held)), None


class MemoryFile(KeptFile[Learned]):
    """Keeps what each model was seen to hold."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, Learned)

    def book(self) -> MemoryBook:
        """What is known, ready to learn more. Blocking, for the start."""
        return MemoryBook(self.read(), self.keep)


class ShelfFile(KeptFile[Shelved]):
    """Keeps which models each server had."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, Shelved)

    def shelf(self) -> Shelf:
        """What is known, ready to learn more. Blocking, for the start."""
        return Shelf(self.read(), self.keep)
