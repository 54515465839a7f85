"""`/api/alerts`: what is wrong now, who was told, and whether it arrived."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.api.alert_shapes import Alerts, AlertsQuery, AlertTest
from llama_runner_pro.api.problems import ApiProblem
from llama_runner_pro.api.route import Reply

if TYPE_CHECKING:
    from llama_runner_pro.api.route import Call


async def all_alerts(call: Call) -> Reply:
    """Alarms, deliveries and channels."""
    limit = call.query_as(AlertsQuery).limit
    alerts = call.deps.alerts
    return Reply(
        Alerts(
            active=list(alerts.active()),
            recent=list(alerts.recent(limit)),
            deliveries=list(alerts.deliveries(limit)),
            channels=list(alerts.channels()),
        )
    )


async def try_channel(call: Call) -> Reply:
    """Send a test message now, and say how it went."""
    wanted = call.body_as(AlertTest).channel
    known = [channel.name for channel in call.deps.alerts.channels()]
    if wanted not in known:
        raise ApiProblem(
            404,
            "unknown_channel",
            "No such channel",
            f"no alert channel is named {wanted!r}",
            hint=f"known are: {', '.join(known)}",
        )
    return Reply(await call.deps.alerts.try_channel(wanted))


async def acknowledge(call: Call) -> Reply:
    """Note that somebody knows."""
    wanted = call.path["id"]
    found = await call.deps.alerts.acknowledge(wanted)
    if found is None:
        raise ApiProblem(
            404,
            "unknown_alert",
            "No such alert",
            f"there is no alert {wanted!r}",
            hint="GET /api/alerts lists the ones that are remembered",
        )
    return Reply(found)
