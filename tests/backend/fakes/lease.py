"""A lease that remembers what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llama_runner_pro.endpoints.traffic import Ending
    from llama_runner_pro.gateway.ports import Upstream


@dataclass
class FakeLease:
    """Remembers its ends."""

    upstream: Upstream
    queue_ms: float = 0.0
    load_ms: float = 0.0
    ends: list[tuple[Ending, float | None]] = field(default_factory=list)
    begun: int = 0

    def began(self) -> None:
        """As `ports.Lease`, but counts every call."""
        self.begun += 1

    def end(self, ending: Ending, *, retry_after_s: float | None = None) -> None:
        """As `ports.Lease`, but counts every call."""
        self.ends.append((ending, retry_after_s))
