"""News of endpoints, in the words of alerts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.supervision.events import EndpointChanged, EndpointRemoved, IncidentChanged

if TYPE_CHECKING:
    from llama_runner_pro.alerts.service import Alerts
    from llama_runner_pro.supervision.events import SupervisionEvent


def tell_alerts(alerts: Alerts, news: SupervisionEvent) -> None:
    """Hand on what can raise or end an alarm."""
    if isinstance(news, EndpointChanged):
        alerts.endpoint_seen(news.view)
    elif isinstance(news, EndpointRemoved):
        alerts.endpoint_gone(news.name)
    elif isinstance(news, IncidentChanged):
        alerts.incident_seen(news.incident)
