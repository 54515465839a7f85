"""What can happen to an endpoint (facts), what the healer orders (actions), what others hear."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from llama_runner_pro.endpoints.ports import (
        Cause,
        EndpointView,
        Heartbeat,
        Incident,
        Outcome,
    )
    from llama_runner_pro.supervision.probes.result import Verdict

Purpose = Literal["first", "startup", "liveness", "verify", "verify_ready"]
CommandName = Literal[
    "enable",
    "disable",
    "start",
    "stop",
    "restart",
    "heal",
    "heal_now",
    "watch",
    "unwatch",
]


# --- facts: put into a monitor's mailbox ---------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Due:
    """The time the healer asked to be woken at has come."""


@dataclass(frozen=True, slots=True)
class Command:
    """Somebody asked for something."""

    name: CommandName


@dataclass(frozen=True, slots=True)
class Spawned:
    """The process exists. `token` names the order this answers."""

    token: int
    pid: int


@dataclass(frozen=True, slots=True)
class SpawnFailed:
    """The process could not be created. `final`: trying again cannot help."""

    token: int
    reason: str
    hint: str | None = None
    final: bool = False


@dataclass(frozen=True, slots=True)
class Adopted:
    """A process that we did not start was proven to be this endpoint's."""

    incarnation: int
    pid: int


@dataclass(frozen=True, slots=True)
class Exited:
    """The process of this incarnation ended."""

    incarnation: int
    code: int | None
    signal: str | None
    last_line: str | None = None
    """What it said last, when it is known to say why it ends."""

    @property
    def words(self) -> str:
        """How it ended, for people."""
        if self.signal:
            how = f"killed by {self.signal}"
        elif self.code is None:
            how = "ended"
        else:
            how = f"exited with code {self.code}"
        return f"{how}: {self.last_line}" if self.last_line else how


@dataclass(frozen=True, slots=True)
class Probed:
    """A check ended. `progress`: log or memory moved since the check before."""

    token: int
    purpose: Purpose
    verdict: Verdict
    reason: str
    response_ms: float | None = None
    progress: bool = False


@dataclass(frozen=True, slots=True)
class StopEnded:
    """A stop was carried through. `ok`: nothing of the process tree is left."""

    token: int
    ok: bool
    detail: str


Fact = Due | Command | Spawned | SpawnFailed | Adopted | Exited | Probed | StopEnded


# --- actions: ordered by the healer, carried out by the monitor ----------------------------------


@dataclass(frozen=True, slots=True)
class Spawn:
    """Start the process; answer with Spawned or SpawnFailed."""

    token: int
    incarnation: int


@dataclass(frozen=True, slots=True)
class StopProcess:
    """Graceful, then forced stop of the whole tree; answer with StopEnded."""

    token: int


@dataclass(frozen=True, slots=True)
class Probe:
    """Run one check; answer with Probed."""

    token: int
    purpose: Purpose


@dataclass(frozen=True, slots=True)
class OpenIncident:
    """Write down the fault and its evidence, durably, before anything is touched."""

    cause: Cause
    summary: str
    exited: Exited | None = None


@dataclass(frozen=True, slots=True)
class BeginStep:
    """A repair step starts; the one before it counts as done."""

    step: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class FailStep:
    """The running repair step did not succeed."""

    detail: str


@dataclass(frozen=True, slots=True)
class CloseIncident:
    """The repair is over."""

    outcome: Outcome
    detail: str


Action = Spawn | StopProcess | Probe | OpenIncident | BeginStep | FailStep | CloseIncident


# --- news: published by the supervisor -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EndpointChanged:
    """State, step or settings of an endpoint changed."""

    view: EndpointView


@dataclass(frozen=True, slots=True)
class EndpointRemoved:
    """An endpoint left the configuration."""

    name: str


@dataclass(frozen=True, slots=True)
class IncidentChanged:
    """An incident was opened, advanced or closed."""

    incident: Incident


@dataclass(frozen=True, slots=True)
class HeartbeatSeen:
    """A health check ended."""

    name: str
    heartbeat: Heartbeat


@dataclass(frozen=True, slots=True)
class MonitoringChanged:
    """Watching or debug mode was switched."""

    active: bool
    debug_mode: bool


SupervisionEvent = (
    EndpointChanged | EndpointRemoved | IncidentChanged | HeartbeatSeen | MonitoringChanged
)
