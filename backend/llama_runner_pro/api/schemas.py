"""Shapes of the REST API: they validate what comes in; OpenAPI and `types.ts` derive from them."""

from __future__ import annotations

from typing import Annotated, Generic, Literal, TypeVar

from msgspec import Meta, Struct

from llama_runner_pro.endpoints.ports import EndpointView, Incident
from llama_runner_pro.metrics.otlp.push import OtlpStatus

T = TypeVar("T")


class Envelope(Struct, Generic[T], frozen=True, kw_only=True):
    """How the `/api/ai-monitor` family answers."""

    status: Literal["success", "warning", "error"]
    message: str
    data: T
    timestamp: str
    """ISO 8601 with offset."""


class ModelStatus(Struct, frozen=True, kw_only=True):
    """One endpoint as `GET /status` and `GET /models` show it."""

    status: str
    """online, offline, recovering, loading, failed, disabled, stopped or degraded."""
    state: str
    since: str
    step: str | None
    next_attempt_at: str | None
    last_check: str | None
    last_success: str | None
    restart_count: int
    error_message: str | None
    response_time: float | None
    """Milliseconds."""
    process_id: int | None
    breaker: str | None
    """None until requests pass through our gateway."""
    uptime_24h: float | None
    enabled: bool
    kind: str
    url: str
    port: int | None


class MonitorStatus(Struct, frozen=True, kw_only=True):
    """`GET /api/ai-monitor/status`."""

    overall_status: Literal["healthy", "degraded", "critical"]
    online_models: int
    total_models: int
    monitoring_active: bool
    debug_mode: bool
    last_check: str | None
    models: dict[str, ModelStatus]


class HealRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of heal and heal-now; all may be left out."""

    model: str | None = None
    wait: bool = True
    """Answer when done; otherwise at once with an operation id."""


class HealWait(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of healing one model; may be left out."""

    wait: bool = True
    """Answer when done; otherwise at once with an operation id."""


class DebugRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of `POST /debug`; toggles when `enabled` is left out."""

    enabled: bool | None = None


class NoQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An address that takes no query parameters."""


class NoBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A command that takes no parameters: an empty object, or no body at all."""


class HealResult(Struct, frozen=True, kw_only=True):
    """What one heal did to one endpoint."""

    name: str
    before: str
    after: str
    healed: bool
    duration_ms: float
    detail: str
    incident_id: str | None = None


class Models(Struct, frozen=True, kw_only=True):
    """`GET /api/ai-monitor/models`, by name."""

    models: dict[str, ModelStatus]


class MonitoringSwitch(Struct, frozen=True, kw_only=True):
    """Result of start, stop and debug: how things stand now."""

    monitoring_active: bool
    debug_mode: bool


class HealReport(Struct, frozen=True, kw_only=True):
    """Result of heal and heal-now. `results` is empty while the operation still runs."""

    operation_id: str
    finished: bool
    results: list[HealResult]


class Endpoints(Struct, frozen=True, kw_only=True):
    """`GET /api/endpoints`, in the configuration's order."""

    endpoints: list[EndpointView]


class Incidents(Struct, frozen=True, kw_only=True):
    """`GET /api/incidents`, newest first."""

    incidents: list[Incident]


class IncidentsQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which incidents."""

    limit: Annotated[int, Meta(ge=1, le=500)] = 50
    endpoint: str | None = None


LogLevel = Literal["debug", "info", "warning", "error", "critical"]


class LogsQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which log lines: the newest `lines` that match."""

    source: str = "monitor"
    """monitor, recovery, or an endpoint's name."""
    lines: Annotated[int, Meta(ge=0, le=5000)] = 200
    level: LogLevel | None = None
    """This level and worse."""
    q: Annotated[str, Meta(max_length=200)] = ""
    """Text that a line contains; case does not matter."""


class LogStreamQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which log to follow, and how many of its newest lines come first."""

    source: str = "monitor"
    lines: Annotated[int, Meta(ge=0, le=1000)] = 100
    level: LogLevel | None = None
    q: Annotated[str, Meta(max_length=200)] = ""


class LogLine(Struct, frozen=True, kw_only=True):
    """One line of a log, as written."""

    source: str
    """monitor, recovery, or an endpoint's name."""
    t_ms: int | None
    level: LogLevel | None
    text: str


class LogLines(Struct, frozen=True, kw_only=True):
    """`GET /api/ai-monitor/logs`."""

    source: str
    lines: list[LogLine]
    truncated: bool


class LogBatch(Struct, frozen=True, kw_only=True, tag="lines", tag_field="type"):
    """One message of the log stream: what was written since the message before."""

    lines: list[LogLine]
    skipped_bytes: int = 0
    """Written faster than this reader takes it, and left out."""


class Health(Struct, frozen=True, kw_only=True):
    """`GET /api/health`: the sidecar itself."""

    status: Literal["ok"]
    instance: str
    uptime_s: float
    pid: int
    otlp: OtlpStatus
    """How pushing to an OpenTelemetry collector goes."""


class ShutdownRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`POST /api/shutdown`."""

    instance: str | None = None
    """The one that is meant, as `/api/health` tells it; any other refuses."""
    keep_models: bool | None = None
    """Models go on. Left out: as the sidecar was started."""


class ShuttingDown(Struct, frozen=True, kw_only=True):
    """The sidecar ends now."""

    instance: str
    pid: int
    within_s: float


class Version(Struct, frozen=True, kw_only=True):
    """`GET /api/version`."""

    version: str
    wire_version: int
    python: str


class ConfigProblem(Struct, frozen=True, kw_only=True):
    """One thing wrong with a configuration: where, what, and what to do."""

    path: str
    """As in `endpoints[0].port`."""
    message: str
    hint: str


class ProblemDetails(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """RFC 9457 problem+json with a stable `code` and a `hint` what to do."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    hint: str = ""
    known: list[str] = []
    """Names that exist, when one was asked for that does not."""
    problems: list[ConfigProblem] = []
    """Everything wrong with a configuration that was refused."""
    version: str = ""
    """The present version, when a change was based on another one."""
    step: str = ""
    """Where applying a change failed; everything is as it was before."""
