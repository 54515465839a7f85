"""What other layers may see of an endpoint: values and protocols, no behaviour."""

from __future__ import annotations

from typing import Literal

import msgspec

from llama_runner_pro.endpoints.states import State

Outcome = Literal["healed", "failed", "stopped", "false_alarm"]
Cause = Literal["exit", "unresponsive", "stalled", "start_failed", "manual", "emergency"]


class Heartbeat(msgspec.Struct, frozen=True, kw_only=True):
    """The result of one health check."""

    t_ms: int
    ok: bool
    state: State
    response_ms: float | None = None
    reason: str | None = None


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """A change of the configuration that would mend a failed endpoint; a click applies it."""

    kind: Literal["port", "parameters"]
    summary: str
    """What would change, in words: `use port 8587`."""
    port: int | None = None
    parameters: dict[str, str | int | float | bool] = {}
    """Those that would change, with their new values."""


class EndpointView(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a viewer needs to know about one endpoint at one moment."""

    name: str
    kind: str
    url: str
    port: int | None
    model: str | None
    enabled: bool
    startable: bool
    """We know a command (or an engine) that starts it."""
    state: State
    since_ms: int
    reason: str | None = None
    """Why it is in this state, in words, when that is not plain from the state."""
    hint: str | None = None
    """What the user can do about it."""
    step: str | None = None
    """The repair step that is running, while healing."""
    step_since_ms: int | None = None
    next_step: str | None = None
    """What follows when the running step succeeds."""
    next_attempt_at_ms: int | None = None
    attempt: int = 0
    """Start attempts in the present run of failures."""
    attempts_max: int = 0
    incarnation: int = 0
    pid: int | None = None
    restart_count: int = 0
    response_ms: float | None = None
    last_check_ms: int | None = None
    last_success_ms: int | None = None
    error_message: str | None = None
    uptime_24h_pct: float | None = None
    """Share of the watched part of the last 24 h in which it was ready."""
    incident_id: str | None = None
    heartbeats: tuple[Heartbeat, ...] = ()
    """The last checks, oldest first, at most 60."""
    actions: tuple[str, ...] = ()
    """Which of enable, disable, start, stop, restart, heal make sense now."""
    proposal: Proposal | None = None
    """A change that would mend it; `accept-proposal` applies it."""
    depends_on: tuple[str, ...] = ()
    waiting_for: str | None = None
    """The endpoint it depends on and that is down; until that is ready, nothing is healed here."""


class IncidentStep(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a repair."""

    step: str
    """detected, evidence, diagnostics, verify, graceful_stop, forced_stop, port, temp_cleanup,
    backoff, start, wait_ready, verify_ready, close."""
    t_ms: int
    ok: bool | None
    """None while it runs."""
    duration_ms: float | None = None
    detail: str = ""


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What was known about the fault before anything was touched."""

    pid: int | None = None
    exit_code: int | None = None
    signal: str | None = None
    rss_bytes: int | None = None
    port_holder: str | None = None
    oom: str | None = None
    """What shows that memory ran out, in words; None when nothing does."""
    log_tail: tuple[str, ...] = ()


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the recovery log, from detection to outcome."""

    id: str
    endpoint: str
    cause: Cause
    summary: str
    opened_ms: int
    closed_ms: int | None = None
    outcome: Outcome | None = None
    duration_ms: float | None = None
    steps: tuple[IncidentStep, ...] = ()
    evidence: Evidence = Evidence()


class MetricTarget(msgspec.Struct, frozen=True, kw_only=True):
    """What the metric collectors need to know of an endpoint."""

    name: str
    kind: str
    url: str
    pid: int | None
    """Root of its process tree, when we know it."""
    ready: bool
    """It answers requests, so that its own metrics may be asked for."""
    model: str | None = None
    headers: dict[str, str] = {}
    view: EndpointView | None = None
