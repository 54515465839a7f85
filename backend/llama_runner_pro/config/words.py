"""What each setting is called and means, for people: `Shape.field`, or `field` for all shapes."""

from __future__ import annotations

from llama_runner_pro.config.derived_words import DERIVED_WORDS
from llama_runner_pro.config.gateway_words import GATEWAY_WORDS

WORDS: dict[str, tuple[str, str]] = {
    # --- the whole ---
    "check_interval": (
        "Check interval",
        "Time between two health checks of an endpoint that does not set its own.",
    ),
    "debug_mode": ("Debug mode", "Log more, and try the extra repairs."),
    "endpoints": ("Endpoints", "The model servers to watch."),
    "alerts": ("Alarms", "What somebody is told of, and how."),
    "history": ("History", "How long measurements are kept, and where they are read from."),
    "otlp": ("OpenTelemetry", "Push measurements to a collector; needs the extra [otlp]."),
    # --- an endpoint ---
    "name": ("Name", "Shown everywhere; each name once."),
    "EndpointSpec.url": (
        "Address",
        "Where it listens, as in http://127.0.0.1:8080. With a port alone, this computer is meant.",
    ),
    "EndpointSpec.kind": ("Kind", "The family of the server; auto finds out."),
    "EndpointSpec.enabled": ("Enabled", "Off: it is not watched; its process keeps running."),
    "health_endpoint": ("Health path", "Path of the health check; the kind's own when empty."),
    "process_name": (
        "Process name",
        "Program by which a server that runs already is recognised on its port.",
    ),
    "start_command": (
        "Start command",
        "A list, not a line for a shell. ${PORT}, ${MODEL} and ${HOME} are filled in. Without "
        "one the endpoint is watched but not started.",
    ),
    "stop_command": ("Stop command", "A list; a signal is sent when there is none."),
    "port": ("Port", "Where it listens; the kind's usual one when empty."),
    "expected_response": ("Expected answer", "Text that a healthy answer contains."),
    "timeout": ("Check timeout", "Longest time for one check, whatever the checks say themselves."),
    "restart_delay": ("Restart delay", "Time before the second and later attempts."),
    "max_restart_attempts": ("Restart attempts", "How many restarts follow a start."),
    "env": ("Environment", "Variables for its process. Values of secret names stay hidden."),
    "cwd": ("Working folder", "Folder that its process starts in."),
    "headers": ("Headers", "Sent with every check, for servers that want a key. Always hidden."),
    "probes": ("Checks", "When and how it is checked."),
    "restart": ("Restarts", "How often and how fast it is started again."),
    "stop": ("Stop", "How its process is asked to end."),
    "temp_paths": ("Left-over files", "Files to remove before a repair; whole paths, * allowed."),
    "depends_on": ("Depends on", "Endpoints that must be ready before it."),
    "on_exit": ("On exit", "keep leaves it running when the sidecar stops."),
    "on_demand": (
        "On demand",
        "Not started before a request of the gateway, or somebody, asks for it.",
    ),
    "limits": ("Limits", "Upper bounds for its process."),
    "model": ("Model name", "As the server calls it."),
    "model_path": ("Model file", "The .gguf file for the embedded engine and llama.cpp."),
    "parameters": ("Parameters", 'Options of the engine without dashes, as in "ctx-size": 4096.'),
    # --- its parts ---
    "startup": ("Startup", "Repeated after a start until it passes once."),
    "readiness": ("Readiness", "Whether it may get requests."),
    "liveness": ("Liveness", "Whether it must be restarted."),
    "inference": ("Inference", "One generated token: before a repair and after a start."),
    "startup_budget_s": ("Startup time", "Longest time that a start may take."),
    "stall_s": ("Stall time", "How long busy slots may make no progress."),
    "ProbeSpec.enabled": ("Enabled", "Make this check."),
    "path": ("Path", "Path of this check; the endpoint's own when empty."),
    "period_s": ("Period", "Time from one check to the next."),
    "timeout_s": ("Timeout", "Longest time for one check."),
    "failures": ("Failures", "Failed checks in a row before it counts."),
    "policy": ("Policy", "always, after a failure only, or never."),
    "backoff_initial_s": ("First delay", "Before the second attempt; doubles from there."),
    "backoff_max_s": ("Longest delay", "Between two attempts."),
    "jitter": ("Jitter", "Share by which each delay varies, both ways."),
    "budget": ("Budget", "Failed starts or deaths before giving up."),
    "budget_window_s": ("Budget window", "Deaths within this time count."),
    "stable_after_s": ("Stable after", "Time online after which delays begin anew."),
    "grace_s": ("Grace", "Time to end politely before it is forced."),
    "signal": ("Signal", "The polite request."),
    "memory_bytes": ("Memory limit", "Most memory for its processes."),
    # --- alarms ---
    "enabled": ("Enabled", "Off: this is left out."),
    "desktop": ("Desktop", "Show alarms as notifications where the dashboard is open."),
    "endpoint_failed": ("Endpoint failed", "One gave up, or does not answer."),
    "endpoint_flapping": ("Endpoint flapping", "One breaks again and again."),
    "breaker_open": (
        "Breaker open",
        "The gateway holds requests back, because too many of them failed.",
    ),
    "process_memory": ("Process memory", "An endpoint uses more memory than it should."),
    "system_memory": ("System memory", "The computer's memory is nearly full."),
    "gpu_memory": ("Graphics memory", "A graphics card's memory is nearly full."),
    "endpoint_gpu_memory": (
        "Graphics memory of an endpoint",
        "An endpoint uses more memory of graphics cards than it should.",
    ),
    "gpu_temperature": ("Graphics temperature", "A graphics card is too hot."),
    "channels": ("Channels", "Ways to reach somebody."),
    "offline_for_s": ("Silent for", "How long one that we cannot start must be silent."),
    "clear_for_s": ("Clear for", "How long it must be well before the alarm ends."),
    "for_s": ("For", "How long it must last before it is an alarm."),
    "incidents": ("Incidents", "How many within the window."),
    "window_s": ("Window", "Time in which they count."),
    "above_limit_pct": ("Above", "Share of the endpoint's own limit that is an alarm."),
    "above_bytes": ("Above", "The limit where the endpoint has none of its own."),
    "above_pct": ("Above", "Share in use that is an alarm."),
    "above_c": ("Above", "Temperature that is an alarm."),
    "clear_below_pct": ("Clear below", "Share at which the alarm ends."),
    "clear_below_c": ("Clear below", "Temperature at which the alarm ends."),
    "ChannelSpec.kind": ("Kind", "What the address leads to."),
    "ChannelSpec.url": ("Address", "With its keys. Always hidden."),
    "min_severity": ("From", "Milder alarms are not sent here."),
    # --- history ---
    "HistorySpec.enabled": ("Keep history", "Off: nothing is recorded; what is there stays."),
    "backend": (
        "Read from",
        "embedded: a file on this computer. prometheus: a store that holds every host.",
    ),
    "max_bytes": (
        "Largest size",
        "When the file reaches it, the oldest goes first, in every resolution that reaches so far.",
    ),
    "tiers": ("Resolutions", "Finest first; each step a multiple of the one before."),
    "step_s": ("Step", "Time that one point stands for; its least, mean and most are kept."),
    "keep_s": ("Reaches back", "How long points of this resolution are kept."),
    "prometheus": ("Prometheus", "Any store with Prometheus' interface for queries."),
    "PrometheusSpec.url": ("Address", "As in http://127.0.0.1:9090, with a path if it has one."),
    "PrometheusSpec.headers": ("Headers", "Sent with every query. Always hidden."),
    "PrometheusSpec.timeout_s": ("Timeout", "Longest time for one query."),
    "host_label": ("Host label", "The label that tells one host from another."),
    "selector": ("Selector", 'Further label matchers, as in job="llama-runner".'),
    "OtlpSpec.enabled": ("Push", "Off: nothing is sent."),
    "endpoint": ("Collector", "As in http://127.0.0.1:4318; /v1/metrics is added."),
    "OtlpSpec.headers": ("Headers", "Sent with every push. Always hidden."),
    "interval_s": ("Interval", "Time from one push to the next."),
    **GATEWAY_WORDS,
    **DERIVED_WORDS,
}

SECRET_FIELDS = frozenset(
    {
        "EndpointSpec.headers",
        "EndpointSpec.env",
        "ChannelSpec.url",
        "PrometheusSpec.headers",
        "OtlpSpec.headers",
        "KeySpec.secret",
    }
)
"""Where the stored value, or a part of it, is shown as `•••`."""

_UNITS = {"_s": "s", "_bytes": "bytes", "_pct": "%", "_c": "°C"}
_SECONDS = frozenset({"check_interval", "timeout", "restart_delay"})
"""Older names without their unit."""


def words_for(shape: str, field: str) -> tuple[str, str]:
    """Label and description. Raises KeyError for a field that nobody has described."""
    return WORDS.get(f"{shape}.{field}") or WORDS[field]


def unit_of(field: str) -> str:
    """The unit of a number; empty for everything else."""
    if field in _SECONDS:
        return "s"
    return next((unit for suffix, unit in _UNITS.items() if field.endswith(suffix)), "")
