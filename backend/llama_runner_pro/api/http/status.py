"""Endpoint views in the words of the `/api/ai-monitor` family. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from llama_runner_pro.api.envelope import iso_or_none, iso_time
from llama_runner_pro.api.schemas import ModelStatus, MonitorStatus
from llama_runner_pro.endpoints.states import SERVING, State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llama_runner_pro.api.ports import Supervising
    from llama_runner_pro.endpoints.ports import EndpointView

STATUS_WORDS: dict[State, str] = {
    State.DISABLED: "disabled",
    State.STOPPED: "stopped",
    State.STARTING: "loading",
    State.LOADING: "loading",
    State.ONLINE: "online",
    State.DEGRADED: "degraded",
    State.OFFLINE: "offline",
    State.HEALING: "recovering",
    State.BACKOFF: "recovering",
    State.FAILED: "failed",
    State.STOPPING: "stopped",
}
"""State → the family's own word."""

_ON_PURPOSE = frozenset({State.DISABLED, State.STOPPED, State.STOPPING})
_COMING = frozenset({State.STARTING, State.LOADING})


def overall_status(
    views: Sequence[EndpointView],
) -> Literal["healthy", "degraded", "critical"]:
    """critical: nothing serves that should; degraded: something that should serve does not.

    Endpoints that are off on purpose do not count; one that is still loading is only degraded.
    """
    states = [view.state for view in views if view.state not in _ON_PURPOSE]
    if all(state is State.ONLINE for state in states):
        return "healthy"
    if any(state in SERVING or state in _COMING for state in states):
        return "degraded"
    return "critical"


def model_status(view: EndpointView) -> ModelStatus:
    """One endpoint."""
    return ModelStatus(
        status=STATUS_WORDS[view.state],
        state=view.state.value,
        since=iso_time(view.since_ms),
        step=view.step,
        next_attempt_at=iso_or_none(view.next_attempt_at_ms),
        last_check=iso_or_none(view.last_check_ms),
        last_success=iso_or_none(view.last_success_ms),
        restart_count=view.restart_count,
        error_message=view.error_message,
        response_time=view.response_ms,
        process_id=view.pid,
        breaker=None,
        uptime_24h=view.uptime_24h_pct,
        enabled=view.enabled,
        kind=view.kind,
        url=view.url,
        port=view.port,
    )


def model_statuses(views: Sequence[EndpointView]) -> dict[str, ModelStatus]:
    """All of them, by name."""
    return {view.name: model_status(view) for view in views}


def monitor_status(supervisor: Supervising) -> MonitorStatus:
    """The whole picture."""
    views = supervisor.views()
    return MonitorStatus(
        overall_status=overall_status(views),
        online_models=sum(view.state in SERVING for view in views),
        total_models=len(views),
        monitoring_active=supervisor.monitoring_active,
        debug_mode=supervisor.debug_mode,
        last_check=iso_or_none(supervisor.last_check_ms),
        models=model_statuses(views),
    )
