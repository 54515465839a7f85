"""The one route table. OpenAPI, dispatching and tests all read it."""

from __future__ import annotations

from typing import Any

from llama_runner_pro.alerts.ports import Acknowledged, ChannelTest
from llama_runner_pro.api.alert_shapes import Alerts, AlertsQuery, AlertTest
from llama_runner_pro.api.bundle_shapes import Bundles
from llama_runner_pro.api.config_routes import CONFIG_ROUTES
from llama_runner_pro.api.fleet_routes import FLEET_ROUTES
from llama_runner_pro.api.gateway_routes import GATEWAY_ROUTES
from llama_runner_pro.api.history_routes import HISTORY_ROUTES
from llama_runner_pro.api.http import (
    ai_monitor,
    alerts,
    bundles,
    discover,
    endpoints,
    heal,
    incidents,
    logs,
    models,
    system,
)
from llama_runner_pro.api.route import ApiRoute
from llama_runner_pro.api.schemas import (
    DebugRequest,
    Endpoints,
    Envelope,
    HealReport,
    HealRequest,
    Health,
    HealWait,
    Incidents,
    IncidentsQuery,
    LogLines,
    LogsQuery,
    Models,
    ModelStatus,
    MonitoringSwitch,
    MonitorStatus,
    ShutdownRequest,
    ShuttingDown,
    Version,
)
from llama_runner_pro.endpoints.ports import EndpointView, Incident
from llama_runner_pro.supervision.discovery.findings import Discovery

METRICS_PATH = "/metrics"
LOG_STREAM_PATH = "/api/logs/stream"

_FAMILY = "/api/ai-monitor"
_MODEL = f"{_FAMILY}/models/{{name:path}}"


def _family(
    method: str, path: str, handler: Any, answer: Any, summary: str, **more: Any
) -> ApiRoute:
    return ApiRoute(
        method=method,
        path=_FAMILY + path,
        handler=handler,
        answer=Envelope[answer],
        summary=summary,
        **more,
    )


def _model_command(verb: str, handler: Any, summary: str) -> ApiRoute:
    return ApiRoute(
        method="POST",
        path=f"{_MODEL}/{verb}",
        handler=handler,
        answer=Envelope[ModelStatus],
        summary=summary,
        errors=(404, 409, 502),
    )


def _reading(path: str, handler: Any, answer: Any, summary: str, **more: Any) -> ApiRoute:
    return ApiRoute(
        method="GET", path=path, handler=handler, answer=answer, summary=summary, **more
    )


ROUTES: tuple[ApiRoute, ...] = (
    _family("GET", "/status", ai_monitor.status, MonitorStatus, "How everything is"),
    _family("GET", "/models", ai_monitor.models, Models, "All models by name"),
    _family("POST", "/start", ai_monitor.start, MonitoringSwitch, "Begin watching"),
    _family(
        "POST", "/stop", ai_monitor.stop, MonitoringSwitch, "Stop watching; the models keep running"
    ),
    _family(
        "POST",
        "/heal",
        heal.heal,
        HealReport,
        "Heal what is unhealthy, or one model",
        body=HealRequest,
        statuses=(200, 202),
        errors=(404, 409),
    ),
    _family(
        "POST",
        "/heal-now",
        heal.heal_now,
        HealReport,
        "Emergency: heal everything unhealthy at once, delays and budget ignored",
        body=HealRequest,
        statuses=(200, 202),
        errors=(404, 409),
    ),
    _family(
        "POST", "/debug", ai_monitor.debug, MonitoringSwitch, "Switch debug mode", body=DebugRequest
    ),
    _family(
        "GET", "/logs", logs.logs, LogLines, "The end of a log", query=LogsQuery, errors=(404,)
    ),
    _family("GET", "/config", ai_monitor.config, dict[str, Any], "The running configuration"),
    _model_command("enable", models.enable, "Watch a model again"),
    _model_command("disable", models.disable, "Stop a model and leave it alone"),
    _model_command("start", models.start, "Start a model"),
    _model_command("stop", models.stop, "Stop a model until it is started again"),
    _model_command("restart", models.restart, "Stop and start a model"),
    ApiRoute(
        method="POST",
        path=f"{_MODEL}/accept-proposal",
        handler=models.accept_proposal,
        answer=Envelope[ModelStatus],
        summary="Change a model's configuration as its card proposes",
        errors=(401, 404, 409, 429, 507),
        needs_token=True,
    ),
    ApiRoute(
        method="POST",
        path=f"{_MODEL}/heal",
        handler=heal.heal_one,
        answer=Envelope[HealReport],
        summary="Heal one model",
        body=HealWait,
        statuses=(200, 202),
        errors=(404, 409),
    ),
    _reading("/api/endpoints", endpoints.all_endpoints, Endpoints, "All endpoints in detail"),
    _reading(
        "/api/endpoints/{name:path}",
        endpoints.one_endpoint,
        EndpointView,
        "One endpoint in detail",
        errors=(404,),
    ),
    _reading(
        "/api/incidents",
        incidents.all_incidents,
        Incidents,
        "What broke and how it was mended, newest first",
        query=IncidentsQuery,
        errors=(404,),
    ),
    _reading(
        "/api/incidents/{id}", incidents.one_incident, Incident, "One incident", errors=(404,)
    ),
    _reading(
        "/api/operations/{id}", heal.operation, HealReport, "How far a heal is", errors=(404,)
    ),
    _reading(
        "/api/alerts",
        alerts.all_alerts,
        Alerts,
        "What is wrong now, who was told, and whether it arrived",
        query=AlertsQuery,
    ),
    ApiRoute(
        method="POST",
        path="/api/alerts/test",
        handler=alerts.try_channel,
        answer=ChannelTest,
        summary="Send a test message to one channel and say how it went",
        body=AlertTest,
        errors=(404,),
    ),
    ApiRoute(
        method="POST",
        path="/api/alerts/{id}/acknowledge",
        handler=alerts.acknowledge,
        answer=Acknowledged,
        summary="Note that somebody knows of an alert",
        errors=(404,),
    ),
    _reading("/api/bundles", bundles.all_bundles, Bundles, "Diagnostics bundles of incidents"),
    _reading(
        "/api/bundles/{name}",
        bundles.one_bundle,
        bytes,
        "One diagnostics bundle as .tar.gz, without secrets",
        media_type="application/gzip",
        errors=(404,),
    ),
    _reading("/api/discover", discover.discover, Discovery, "Model servers on this computer"),
    *CONFIG_ROUTES,
    *GATEWAY_ROUTES,
    *HISTORY_ROUTES,
    *FLEET_ROUTES,
    _reading("/api/health", system.health, Health, "The sidecar itself is alive"),
    ApiRoute(
        method="POST",
        path="/api/shutdown",
        handler=system.shutdown,
        answer=ShuttingDown,
        summary="End the sidecar",
        body=ShutdownRequest,
        statuses=(202,),
        errors=(401, 409, 429),
        needs_token=True,
    ),
    _reading("/api/version", system.version, Version, "Versions"),
    _reading("/api/openapi.json", system.openapi, dict[str, Any], "This API as OpenAPI 3.1"),
)
