"""What viewers see of an endpoint: its condition in wall time, its heartbeats, its uptime."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from llama_runner_pro.core.ring import Ring
from llama_runner_pro.core.value_object import ValueObject
from llama_runner_pro.endpoints.kind import base_url, port_of
from llama_runner_pro.endpoints.kinds import profile_of
from llama_runner_pro.endpoints.ports import EndpointView, Heartbeat
from llama_runner_pro.endpoints.states import State
from llama_runner_pro.supervision.commands import available
from llama_runner_pro.supervision.ladder import next_step
from llama_runner_pro.supervision.uptime import Uptime

if TYPE_CHECKING:
    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.endpoints.ports import IncidentStep
    from llama_runner_pro.endpoints.spec import EndpointSpec
    from llama_runner_pro.supervision.condition import Condition, Policy
    from llama_runner_pro.supervision.events import Exited, Probed

_HEARTBEATS = 60
_COUNTED = frozenset(
    {State.ONLINE, State.DEGRADED, State.OFFLINE, State.HEALING, State.BACKOFF, State.FAILED}
)
"""States that count for uptime: being off on purpose, or starting up, counts neither way."""


class Repair(ValueObject, frozen=True):
    """The incident that is open, and the step that runs now."""

    incident_id: str
    step: IncidentStep | None


class _WallStamp:
    """The wall time of a moment, kept as first read: later clock changes do not move the past."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._moment_s: float | None = None
        self._ms = 0

    def of(self, moment_s: float) -> int:
        if moment_s != self._moment_s:
            away_ms = (moment_s - self._clock.monotonic()) * 1000
            self._moment_s, self._ms = moment_s, self._clock.wall_ms() + round(away_ms)
        return self._ms


def without_heartbeats(view: EndpointView) -> EndpointView:
    """The view without what every check changes; viewers learn that from heartbeats."""
    return msgspec.structs.replace(
        view,
        heartbeats=(),
        last_check_ms=None,
        last_success_ms=None,
        response_ms=None,
        uptime_24h_pct=None,
    )


class Portrait:
    """Collects what is shown; decides nothing."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._beats: Ring[Heartbeat] = Ring(_HEARTBEATS)
        self._uptime = Uptime(clock)
        self._since, self._next_attempt = _WallStamp(clock), _WallStamp(clock)
        self._state = State.STOPPED
        self._response_ms: float | None = None
        self._last_check_ms: int | None = None
        self._last_success_ms: int | None = None
        self._error: str | None = None

    @property
    def last_check_ms(self) -> int | None:
        """When the endpoint was last checked, Unix milliseconds."""
        return self._last_check_ms

    def saw(self, condition: Condition) -> None:
        """Note the condition that holds from now on."""
        self._state = condition.state
        self._uptime.note(
            watched=condition.watching and condition.state in _COUNTED, up=condition.serving
        )

    def checked(self, probed: Probed) -> Heartbeat:
        """Note the result of a check."""
        now_ms = self._clock.wall_ms()
        ok = probed.verdict == "ok"
        self._last_check_ms = now_ms
        if ok:
            self._last_success_ms, self._error = now_ms, None
            if probed.purpose in ("first", "startup", "liveness"):
                self._response_ms = probed.response_ms
        else:
            self._error = probed.reason
        return self._beat(now_ms, ok, probed.response_ms, None if ok else probed.reason)

    def died(self, exited: Exited) -> Heartbeat:
        """Note that the process ended."""
        self._error = exited.words
        return self._beat(self._clock.wall_ms(), False, None, exited.words)

    def _beat(self, t_ms: int, ok: bool, response_ms: float | None, why: str | None) -> Heartbeat:
        beat = Heartbeat(t_ms=t_ms, ok=ok, state=self._state, response_ms=response_ms, reason=why)
        self._beats.append(beat)
        return beat

    def paint(
        self,
        spec: EndpointSpec,
        policy: Policy,
        c: Condition,
        pid: int | None,
        repair: Repair | None,
    ) -> EndpointView:
        """Everything a viewer needs, in wall time."""
        profile = profile_of(spec)
        step = repair.step if repair else None
        at_s = c.next_attempt_at_s
        return EndpointView(
            name=spec.name,
            kind=profile.kind,
            url=base_url(spec, profile),
            port=port_of(spec, profile),
            model=spec.model,
            enabled=c.enabled,
            startable=policy.startable,
            state=c.state,
            since_ms=self._since.of(c.since_s),
            reason=c.reason,
            hint=c.hint,
            step=step.step if step else None,
            step_since_ms=step.t_ms if step else None,
            next_step=_after(step.step, spec, policy) if step else None,
            next_attempt_at_ms=None if at_s is None else self._next_attempt.of(at_s),
            attempt=max(c.failed_starts, c.restarts_in_run),
            attempts_max=policy.budget,
            incarnation=c.incarnation,
            pid=pid,
            restart_count=c.restarts_total,
            response_ms=self._response_ms if c.serving else None,
            last_check_ms=self._last_check_ms,
            last_success_ms=self._last_success_ms,
            error_message=self._error,
            uptime_24h_pct=self._uptime.pct(),
            incident_id=repair.incident_id if repair else None,
            heartbeats=tuple(self._beats),
            actions=available(policy, c),
            proposal=c.proposal,
            depends_on=spec.depends_on,
            waiting_for=c.waiting_for,
        )


def _after(step: str, spec: EndpointSpec, policy: Policy) -> str | None:
    return next_step(
        step,
        port=port_of(spec, profile_of(spec)) is not None,
        temp_paths=bool(spec.temp_paths),
        inference=policy.inference,
    )
