"""What passes through the gateway, as numbers: all of it, and per endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

from llama_runner_pro.endpoints.traffic import FAILURES, Ending
from llama_runner_pro.metrics.model import Field, Reading
from llama_runner_pro.metrics.rates import Rates

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from llama_runner_pro.endpoints.traffic import BreakerView, ModelTraffic, Traffic
    from llama_runner_pro.metrics.model import FieldKind, Unit, Value

ENDINGS: tuple[Ending, ...] = get_args(Ending)
_OUTCOMES = ("ok", "failed", "cancelled")
_BREAKERS: dict[str, int] = {"closed": 0, "half_open": 1, "open": 2}

_WHOLE = (
    Field("gateway_requests_total", "total", "Requests", "gateway", "counter"),
    Field("gateway_requests_per_s", "per_s", "Requests per second", "gateway"),
    Field("gateway_in_flight", "count", "Requests under way", "gateway"),
    Field("gateway_waiting", "count", "Requests that wait", "gateway"),
    Field("gateway_failures_per_s", "per_s", "Failures per second", "gateway"),
    Field("gateway_failures_total", "total", "Failures of model servers", "gateway", "counter"),
    Field("gateway_breakers_open", "count", "Open circuit breakers", "gateway"),
    *(
        Field(f"gateway_ended_{ending}_total", "total", "Requests that ended", "gateway", "counter")
        for ending in ENDINGS
    ),
)
_PARTS: dict[str, tuple[Unit, str, FieldKind]] = {
    "requests_ok_total": ("total", "Requests that went well", "counter"),
    "requests_failed_total": ("total", "Requests that failed", "counter"),
    "requests_cancelled_total": ("total", "Requests whose client went away", "counter"),
    "in_flight": ("count", "Requests under way", "gauge"),
    "waiting": ("count", "Requests that wait", "gauge"),
    "ttft_ms": ("ms", "Time to first token", "gauge"),
    "queue_ms": ("ms", "Time in the queue", "gauge"),
    "inter_token_p50_ms": ("ms", "Time between tokens, median", "gauge"),
    "inter_token_p95_ms": ("ms", "Time between tokens, slowest 5 %", "gauge"),
    "request_prompt_tokens_per_s": ("per_s", "Prompt tokens per second of requests", "gauge"),
    "request_generation_tokens_per_s": ("per_s", "Tokens per second of requests", "gauge"),
    "gateway_prompt_tokens_total": ("total", "Prompt tokens of requests", "counter"),
    "gateway_generated_tokens_total": ("total", "Generated tokens of requests", "counter"),
    "breaker_state": ("count", "Circuit breaker: 0 closed, 1 half-open, 2 open", "state"),
}
_IDLE = "no request ended in the last minute"
_UNTOLD = "the server's answers do not tell"


class TrafficCollector:
    """Copies the gateway's sums; runs on the event loop and measures nothing itself."""

    name = "gateway"
    lane: Literal["fast"] = "fast"
    deadline_s = 1.0

    def __init__(
        self, traffic: Callable[[], Traffic], breakers: Callable[[], Sequence[BreakerView]]
    ) -> None:
        self._traffic, self._breakers = traffic, breakers
        self._rates = Rates()
        self._names: tuple[str, ...] = ()
        self._fields: tuple[Field, ...] = _WHOLE

    def fields(self) -> Sequence[Field]:
        """Those of the whole, and of each endpoint that ever got a request."""
        names = tuple(model.endpoint for model in self._traffic().models)
        if names != self._names:
            self._names = names
            self._fields = (*_WHOLE, *(field for name in names for field in _fields_of(name)))
        return self._fields

    async def collect(self, now_s: float) -> Reading:
        """Sums and medians of now."""
        traffic, breakers = self._traffic(), self._breakers()
        total = sum(traffic.ended.values())
        failures = sum(traffic.ended.get(ending, 0) for ending in FAILURES)
        values: dict[str, Value] = {
            "gateway_requests_total": total,
            "gateway_requests_per_s": self._rates.per_second("requests", total, now_s),
            "gateway_in_flight": traffic.in_flight,
            "gateway_waiting": traffic.waiting,
            "gateway_failures_per_s": self._rates.per_second("failures", failures, now_s),
            "gateway_failures_total": failures,
            "gateway_breakers_open": sum(breaker.state == "open" for breaker in breakers),
            **{f"gateway_ended_{ending}_total": traffic.ended.get(ending, 0) for ending in ENDINGS},
        }
        absent: dict[str, str] = {}
        worst = _worst(breakers)
        for model in traffic.models:
            for part, value in _numbers(model, worst).items():
                name = f"model/{model.endpoint}/{part}"
                values[name] = value
                if value is None:
                    absent[name] = _UNTOLD if model.requests_60s else _IDLE
        return Reading(values, absent)


def _fields_of(endpoint: str) -> list[Field]:
    return [
        Field(f"model/{endpoint}/{part}", unit, label, "model", kind)
        for part, (unit, label, kind) in _PARTS.items()
    ]


def _numbers(model: ModelTraffic, worst: Mapping[str, int]) -> dict[str, Value]:
    outcomes = dict.fromkeys(_OUTCOMES, 0)
    for ending, count in model.ended.items():
        outcomes[{"ok": "ok", "client_gone": "cancelled"}.get(ending, "failed")] += count
    return {
        **{f"requests_{outcome}_total": count for outcome, count in outcomes.items()},
        "in_flight": model.in_flight,
        "waiting": model.waiting,
        "ttft_ms": model.ttft_ms,
        "queue_ms": model.queue_ms,
        "inter_token_p50_ms": model.inter_token_p50_ms,
        "inter_token_p95_ms": model.inter_token_p95_ms,
        "request_prompt_tokens_per_s": model.prompt_tokens_per_s,
        "request_generation_tokens_per_s": model.generation_tokens_per_s,
        "gateway_prompt_tokens_total": model.prompt_tokens_total,
        "gateway_generated_tokens_total": model.generated_tokens_total,
        "breaker_state": worst.get(model.endpoint, 0),
    }


def _worst(breakers: Sequence[BreakerView]) -> dict[str, int]:
    """Per endpoint, the state of its worst breaker."""
    found: dict[str, int] = {}
    for breaker in breakers:
        found[breaker.endpoint] = max(found.get(breaker.endpoint, 0), _BREAKERS[breaker.state])
    return found
