"""What a monitor needs done in the world; the real ones live in `host` and `probes`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from llama_runner_pro.core.value_object import ValueObject

if TYPE_CHECKING:
    from collections.abc import Callable

    from llama_runner_pro.endpoints.ports import Evidence
    from llama_runner_pro.supervision.events import Exited, Purpose
    from llama_runner_pro.supervision.probes.result import ProbeResult
    from llama_runner_pro.supervision.probes.slots import Slots
    from llama_runner_pro.supervision.process.tree import StopResult, StopStep


class StepReport(ValueObject, frozen=True):
    """One part of a stop or a start, as it begins or ends.

    `graceful_stop` and `forced_stop`; `port`, `temp_cleanup` and `start`.
    """

    step: str
    ended: bool
    ok: bool = True
    detail: str = ""


class Ended(ValueObject, frozen=True):
    """How a stop went. `ok`: nothing of the process tree is left."""

    ok: bool
    detail: str


def reported(step: StopStep) -> StepReport:
    """A step of ending a process tree, for whoever hears of the repair."""
    return StepReport(step.step, step.ok is not None, step.ok is not False, step.detail)


def ended(result: StopResult) -> Ended:
    """How ending a process tree went."""
    if result.survivors:
        pids = ", ".join(str(identity.pid) for identity in result.survivors)
        return Ended(False, f"pid {pids} survived being killed")
    return Ended(True, result.steps[-1].detail if result.steps else "nothing was running")


class Recalled(ValueObject, frozen=True):
    """What an earlier sidecar wrote down of an endpoint's process."""

    incarnation: int
    restarts: int


class Effort(ValueObject, frozen=True):
    """What a process tree works; None: not known."""

    cpu_s: float | None = None
    """Processor time so far, in seconds."""
    gpu_pct: float | None = None
    """Share of a graphics card, lately."""


class ProcessHost(Protocol):
    """The one process of one endpoint. At most one exists at a time."""

    @property
    def pid(self) -> int | None:
        """Process id of the running process, or None."""
        ...

    async def start(
        self,
        incarnation: int,
        report: Callable[[StepReport], None] = ...,
        *,
        restarts: int = 0,
    ) -> int:
        """Clear the way, start the process, return its pid. Raises StartFailed.

        `report` hears of each part; `restarts` is written down for the next sidecar.
        """
        ...

    def recall(self) -> Recalled | None:
        """What is written down of the process last started; None when nothing is."""
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

    async def effort(self) -> Effort:
        """What its whole process tree works."""
        ...


class Prober(Protocol):
    """Runs checks against one endpoint."""

    async def check(self, purpose: Purpose) -> ProbeResult:
        """One check under its own deadline; never raises for a sick endpoint."""
        ...

    async def slots(self) -> Slots | None:
        """The requests in flight; None when the endpoint does not tell."""
        ...
