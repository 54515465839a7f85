"""What a monitor needs done in the world; the real ones live in `host` and `probes`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from llama_runner_pro.endpoints.ports import Evidence
    from llama_runner_pro.supervision.events import Exited, Purpose
    from llama_runner_pro.supervision.probes.result import ProbeResult


@dataclass(frozen=True, slots=True)
class StepReport:
    """One part of a stop: `graceful_stop` or `forced_stop`, as it begins or ends."""

    step: str
    ended: bool
    ok: bool = True
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a stop went. `ok`: nothing of the process tree is left."""

    ok: bool
    detail: str


class ProcessHost(Protocol):
    """The one process of one endpoint. At most one exists at a time."""

    @property
    def pid(self) -> int | None:
        """Process id of the running process, or None."""
        ...

    async def start(self, incarnation: int) -> int:
        """Start the process and return its pid. Raises StartFailed."""
        ...

    async def adopt(self, incarnation: int) -> int | None:
        """Find a running process that is provably this endpoint's; returns its pid or None."""
        ...

    async def wait(self) -> Exited:
        """Wait until the present process ended. Cancelling is safe."""
        ...

    async def stop(self, report: Callable[[StepReport], None]) -> Ended:
        """Graceful, then forced stop of the whole tree, or the user's own stop command."""
        ...

    async def evidence(self, exited: Exited | None) -> Evidence:
        """What can be known about a fault now; never raises, bounded in time."""
        ...

    async def progress(self) -> tuple[int, int]:
        """Bytes written to the log and resident bytes: what moves while a model loads."""
        ...


class Prober(Protocol):
    """Runs checks against one endpoint."""

    async def check(self, purpose: Purpose) -> ProbeResult:
        """One check under its own deadline; never raises for a sick endpoint."""
        ...
