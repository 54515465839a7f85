"""What is configured, after everything was checked. Immutable."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from llama_runner_pro.config.alerts import AlertsSpec
from llama_runner_pro.config.gateway import GatewaySpec
from llama_runner_pro.config.monitoring import HistorySpec, OtlpSpec
from llama_runner_pro.endpoints.spec import EndpointSpec

Interval = Annotated[float, Meta(gt=0, le=3_600)]


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The whole configuration of one sidecar."""

    check_interval: Interval = 5.0
    """Seconds between two health checks of an endpoint that does not set its own period."""
    debug_mode: bool = False
    endpoints: tuple[EndpointSpec, ...] = ()
    alerts: AlertsSpec = AlertsSpec()
    gateway: GatewaySpec = GatewaySpec()
    history: HistorySpec = HistorySpec()
    otlp: OtlpSpec = OtlpSpec()
