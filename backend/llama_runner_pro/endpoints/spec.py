"""What the user says about one endpoint. Immutable; every number carries its unit.

A superset of an entry of the older `ai_monitor_config.json`, whose keys keep their names and
meaning, so that such a file loads as it is.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Kind = Literal[
    "auto",
    "ollama",
    "lmstudio",
    "localai",
    "llamacpp",
    "vllm",
    "openai",
    "embedded",
    "custom",
]

Seconds = Annotated[float, Meta(ge=0, le=86_400)]
PositiveSeconds = Annotated[float, Meta(gt=0, le=86_400)]
Port = Annotated[int, Meta(ge=1, le=65_535)]
Name = Annotated[str, Meta(min_length=1, max_length=100)]


class ProbeSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """When and how one kind of check runs."""

    enabled: bool = True
    path: str | None = None
    """Path below the endpoint's URL; the kind's own when absent."""
    period_s: PositiveSeconds = 5.0
    timeout_s: PositiveSeconds = 2.0
    failures: Annotated[int, Meta(ge=1, le=1000)] = 3
    """Failures in a row before it counts."""


class ProbesSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The four checks, in the words Kubernetes made common."""

    startup: ProbeSpec = ProbeSpec(period_s=0.1, timeout_s=2.0, failures=1)
    """Polled until it passes once; `startup_budget_s` bounds the whole wait."""
    readiness: ProbeSpec = ProbeSpec(failures=1)
    liveness: ProbeSpec = ProbeSpec(failures=3)
    inference: ProbeSpec = ProbeSpec(timeout_s=30.0, failures=1)
    """One generated token: the last word before a repair and after a start."""
    startup_budget_s: PositiveSeconds = 120.0
    stall_s: PositiveSeconds = 60.0
    """Time without any progress after which a request that is in flight counts as stuck."""


class RestartSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How often and how fast a dead endpoint is started again."""

    policy: Literal["always", "on-failure", "never"] = "always"
    backoff_initial_s: Seconds = 1.0
    """Delay of the second attempt; the first is made at once. Doubles from there."""
    backoff_max_s: Seconds = 60.0
    jitter: Annotated[float, Meta(ge=0, le=1)] = 0.2
    """Share by which each delay varies, both ways."""
    budget: Annotated[int, Meta(ge=0, le=1000)] = 5
    """Failed starts in a row, or deaths within the window, before giving up."""
    budget_window_s: PositiveSeconds = 600.0
    stable_after_s: PositiveSeconds = 60.0
    """Time online after which delays start from the beginning."""


class StopSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How the process is asked to end before it is forced."""

    grace_s: Seconds = 10.0
    signal: Literal["TERM", "INT", "HUP", "QUIT"] = "TERM"


class LimitsSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Upper bounds for the endpoint's process."""

    memory_bytes: Annotated[int, Meta(gt=0)] | None = None


class EndpointSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One model server. Commands are argv lists and never pass through a shell."""

    name: Name
    url: str = ""
    """Base URL, absolute. May be left out when `port` is given: loopback is assumed."""
    kind: Kind = "auto"
    enabled: bool = True
    health_endpoint: str | None = None
    """Path of the health check; the kind's own when absent."""
    process_name: str | None = None
    start_command: tuple[str, ...] | None = None
    stop_command: tuple[str, ...] | None = None
    port: Port | None = None
    expected_response: str | None = None
    """Text that a healthy answer contains."""
    timeout: PositiveSeconds | None = None
    """Seconds one health check may take; overrides the probes' own timeouts."""
    restart_delay: Seconds | None = None
    """Seconds before the second and later attempts (older configs)."""
    max_restart_attempts: Annotated[int, Meta(ge=0, le=1000)] | None = None
    """Budget of attempts (older configs)."""
    env: dict[str, str] = {}
    cwd: str | None = None
    headers: dict[str, str] = {}
    """Sent with every probe. Secret: never shown or logged."""
    probes: ProbesSpec = ProbesSpec()
    restart: RestartSpec = RestartSpec()
    stop: StopSpec = StopSpec()
    temp_paths: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    on_exit: Literal["stop", "keep"] = "stop"
    on_demand: bool = False
    """Started when a request of the gateway, or somebody, asks for it, and not before."""
    limits: LimitsSpec = LimitsSpec()
    model: str | None = None
    model_path: str | None = None
    parameters: dict[str, str | int | float | bool] = {}
    """Engine parameters by their long option name without dashes, e.g. `{"ctx-size": 4096}`."""
