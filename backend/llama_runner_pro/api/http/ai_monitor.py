"""`/api/ai-monitor`: the older family's status, watching, debug mode and configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.api.envelope import envelope, unless_kept
from llama_runner_pro.api.http.status import model_statuses, monitor_status
from llama_runner_pro.api.route import Reply
from llama_runner_pro.api.schemas import DebugRequest, Models, MonitoringSwitch

if TYPE_CHECKING:
    from llama_runner_pro.api.ports import Supervising
    from llama_runner_pro.api.route import Call


async def status(call: Call) -> Reply:
    """How everything is."""
    found = monitor_status(call.deps.supervisor)
    message = f"{found.online_models} of {found.total_models} models online"
    return Reply(envelope(call.deps.clock, message, found))


async def models(call: Call) -> Reply:
    """All models by name."""
    found = model_statuses(call.deps.supervisor.views())
    return Reply(envelope(call.deps.clock, _counted(len(found)), Models(models=found)))


def _counted(count: int) -> str:
    if count == 0:
        return "no models are configured"
    return f"{count} model{'' if count == 1 else 's'}"


async def start(call: Call) -> Reply:
    """Begin watching; a warning when it was running already."""
    started = await call.deps.supervisor.start_monitoring()
    message = "monitoring started" if started else "monitoring is already running"
    return _switched(call, message, changed=started)


async def stop(call: Call) -> Reply:
    """Stop watching. The models themselves keep running."""
    stopped = await call.deps.supervisor.stop_monitoring()
    message = (
        "monitoring stopped; the models keep running" if stopped else "monitoring was not running"
    )
    return _switched(call, message, changed=stopped)


async def debug(call: Call) -> Reply:
    """Switch debug mode; without `enabled` it is toggled."""
    supervisor = call.deps.supervisor
    wanted = call.body_as(DebugRequest).enabled
    if wanted is None:
        wanted = not supervisor.debug_mode
    await supervisor.set_debug(wanted)
    why = supervisor.unkept
    message = unless_kept(f"debug mode is {'on' if wanted else 'off'}", why)
    return _switched(call, message, changed=why is None)


def _switched(call: Call, message: str, *, changed: bool) -> Reply:
    supervisor: Supervising = call.deps.supervisor
    now = MonitoringSwitch(
        monitoring_active=supervisor.monitoring_active, debug_mode=supervisor.debug_mode
    )
    return Reply(envelope(call.deps.clock, message, now, "success" if changed else "warning"))


async def config(call: Call) -> Reply:
    """The running configuration; secrets are not in it."""
    document = call.deps.supervisor.config_document()
    return Reply(envelope(call.deps.clock, "the running configuration", document))
