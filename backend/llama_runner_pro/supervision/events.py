"""What can happen to an endpoint (facts), what the healer orders (actions), what others hear."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from llama_runner_pro.core.value_object import ValueObject

if TYPE_CHECKING:
    from llama_runner_pro.endpoints.ports import (
        Cause,
        EndpointView,
        Heartbeat,
        Incident,
        Outcome,
        Proposal,
    )
    from llama_runner_pro.supervision.probes.result import Verdict

Purpose = Literal["first", "startup", "liveness", "verify", "verify_ready"]
Activity = Literal["unknown", "idle", "moving", "stuck"]
"""What the work in flight does: there is none, it goes on, or nothing of it has moved."""
CommandName = Literal[
    "enable",
    "disable",
    "start",
    "stop",
    "restart",
    "heal",
    "heal_now",
    "unload",
    "watch",
    "unwatch",
]


# --- facts: put into a monitor's mailbox ---------------------------------------------------------


class Due(ValueObject, frozen=True):
    """The time the healer asked to be woken at has come."""


class Command(ValueObject, frozen=True):
    """Somebody asked for something."""

    name: CommandName
    why: str = ""
    """Shown on its card after an unload."""


class Spawned(ValueObject, frozen=True):
    """The process exists. `token` names the order this answers."""

    token: int
    pid: int


class SpawnFailed(ValueObject, frozen=True):
    """The process could not be created. `final`: trying again cannot help."""

    token: int
    reason: str
    hint: str | None = None
    final: bool = False
    proposal: Proposal | None = None


class Adopted(ValueObject, frozen=True):
    """A process that we did not start was proven to be this endpoint's."""

    incarnation: int
    pid: int
    restarts: int = 0
    """Restarts that an earlier sidecar had counted."""


class Missed(ValueObject, frozen=True):
    """The process that an earlier sidecar recorded ended while nobody watched."""

    incarnation: int
    restarts: int


class ParentChanged(ValueObject, frozen=True):
    """An endpoint that this one depends on went down (its name), or all are ready (None)."""

    waiting_for: str | None


class CompletionsFailed(ValueObject, frozen=True):
    """So many requests of real clients failed in a row."""

    count: int


class Exited(ValueObject, frozen=True):
    """The process of this incarnation ended."""

    incarnation: int
    code: int | None
    signal: str | None
    last_line: str | None = None
    """What it said last, when it is known to say why it ends."""
    oom: str | None = None
    """What shows that it ran out of memory, in words."""

    @property
    def words(self) -> str:
        """How it ended, for people."""
        if self.signal:
            how = f"killed by {self.signal}"
        elif self.code is None:
            how = "ended"
        else:
            how = f"exited with code {self.code}"
        if self.oom:
            return f"{how}, out of memory: {self.oom}"
        return f"{how}: {self.last_line}" if self.last_line else how


class Probed(ValueObject, frozen=True):
    """A check ended. `progress`: log or memory moved since the check before.

    `doubtful`: the machine slept or our clocks jumped meanwhile, so that silence proves nothing.
    """

    token: int
    purpose: Purpose
    verdict: Verdict
    reason: str
    response_ms: float | None = None
    progress: bool = False
    activity: Activity = "unknown"
    doubtful: bool = False


class StopEnded(ValueObject, frozen=True):
    """A stop was carried through. `ok`: nothing of the process tree is left."""

    token: int
    ok: bool
    detail: str


Answer = Spawned | SpawnFailed | Probed | StopEnded
Fact = Due | Command | Adopted | Missed | ParentChanged | CompletionsFailed | Exited | Answer


# --- actions: ordered by the healer, carried out by the monitor ----------------------------------


class Spawn(ValueObject, frozen=True):
    """Start the process; answer with Spawned or SpawnFailed."""

    token: int
    incarnation: int
    restarts: int = 0
    """Restarts so far, this one included; the next sidecar counts on from there."""


class StopProcess(ValueObject, frozen=True):
    """Graceful, then forced stop of the whole tree; answer with StopEnded."""

    token: int


class Probe(ValueObject, frozen=True):
    """Run one check; answer with Probed."""

    token: int
    purpose: Purpose


class OpenIncident(ValueObject, frozen=True):
    """Write down the fault and its evidence, durably, before anything is touched."""

    cause: Cause
    summary: str
    exited: Exited | None = None


class BeginStep(ValueObject, frozen=True):
    """A repair step starts; the one before it counts as done."""

    step: str
    detail: str = ""


class FailStep(ValueObject, frozen=True):
    """The running repair step did not succeed."""

    detail: str


class CloseIncident(ValueObject, frozen=True):
    """The repair is over."""

    outcome: Outcome
    detail: str


Action = Spawn | StopProcess | Probe | OpenIncident | BeginStep | FailStep | CloseIncident


# --- news: published by the supervisor -----------------------------------------------------------


class EndpointChanged(ValueObject, frozen=True):
    """State, step or settings of an endpoint changed."""

    view: EndpointView


class EndpointRemoved(ValueObject, frozen=True):
    """An endpoint left the configuration."""

    name: str


class IncidentChanged(ValueObject, frozen=True):
    """An incident was opened, advanced or closed."""

    incident: Incident


class HeartbeatSeen(ValueObject, frozen=True):
    """A health check ended."""

    name: str
    heartbeat: Heartbeat


class MonitoringChanged(ValueObject, frozen=True):
    """Watching or debug mode was switched."""

    active: bool
    debug_mode: bool


SupervisionEvent = (
    EndpointChanged | EndpointRemoved | IncidentChanged | HeartbeatSeen | MonitoringChanged
)
