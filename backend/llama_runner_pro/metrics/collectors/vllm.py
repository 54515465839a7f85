"""Requests, cache and token rates of a vLLM server, from its `/metrics`."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from msgspec import Struct, field

from llama_runner_pro.core.errors import ProtocolBroken
from llama_runner_pro.metrics.collectors.model_watch import ModelWatch
from llama_runner_pro.metrics.collectors.prometheus_text import samples
from llama_runner_pro.metrics.rates import Rates

if TYPE_CHECKING:
    from llama_runner_pro.endpoints.ports import MetricTarget
    from llama_runner_pro.metrics.collectors.model_watch import Found
    from llama_runner_pro.metrics.collectors.sensor import Parts
    from llama_runner_pro.metrics.model import Value
    from llama_runner_pro.transport.client import HttpClient

_CACHE = ("kv_cache_usage_perc", "gpu_cache_usage_perc")
"""Newer and older name; a share between 0 and 1 despite the name."""
_NOT_TOLD = "this vLLM does not tell it"
_LIMIT = "no request has been answered yet"


class VllmMetrics(Struct):
    """Sums over all engines and models by name, and the fullest cache."""

    sums: dict[str, float] = field(default_factory=dict)
    cache_ratio: float | None = None


def parse_metrics(text: str) -> VllmMetrics:
    """What lines starting with `vllm:` say, histograms' buckets left out.

    Raises `ProtocolBroken` when there is none (vLLM, docs/usage/metrics).
    """
    found = VllmMetrics()
    for name, value in samples(text, "vllm:"):
        if name in _CACHE:
            found.cache_ratio = max(value, found.cache_ratio or 0.0)
        elif not name.endswith(("_bucket", "_created")):
            found.sums[name] = found.sums.get(name, 0.0) + value
    if not found.sums:
        raise ProtocolBroken("the answer holds no vLLM metrics")
    return found


class VllmWatch(ModelWatch):
    """One vLLM server. Its page is long, so it is read every other second."""

    min_interval_s = 2.0
    parts: ClassVar[Parts] = {
        "generation_tokens_per_s": ("per_s", "Tokens generated per second", "gauge"),
        "prompt_tokens_per_s": ("per_s", "Prompt tokens per second", "gauge"),
        "requests_processing": ("count", "Requests running", "gauge"),
        "requests_deferred": ("count", "Requests waiting", "gauge"),
        "kv_cache_usage_pct": ("pct", "KV cache used", "gauge"),
        "server_ttft_ms": ("ms", "First token after, as the server counts", "gauge"),
        "generated_tokens_total": ("total", "Tokens generated", "counter"),
        "prompt_tokens_total": ("total", "Prompt tokens", "counter"),
        "served_requests_total": ("total", "Requests served", "counter"),
    }

    def __init__(self, http: HttpClient) -> None:
        super().__init__(http)
        self._rates = Rates()
        self._ttft: tuple[float, float] | None = None
        self._ttft_ms: float | None = None

    async def _look(self, target: MetricTarget, now_s: float) -> Found:
        page = await self._get(target, "/metrics", "this vLLM does not offer /metrics")
        metrics = parse_metrics(page.body.decode())
        sums = metrics.sums
        generated, prompt = sums.get("generation_tokens_total"), sums.get("prompt_tokens_total")
        cache = metrics.cache_ratio
        values: dict[str, Value] = {
            "generation_tokens_per_s": self._rate("generated", generated, now_s),
            "prompt_tokens_per_s": self._rate("prompt", prompt, now_s),
            "requests_processing": sums.get("num_requests_running"),
            "requests_deferred": sums.get("num_requests_waiting"),
            "kv_cache_usage_pct": None if cache is None else 100.0 * cache,
            "server_ttft_ms": self._mean_ttft_ms(sums),
            "generated_tokens_total": generated,
            "prompt_tokens_total": prompt,
            "served_requests_total": sums.get("request_success_total"),
        }
        missing = {} if cache is not None else {"kv_cache_usage_pct": _NOT_TOLD}
        if values["server_ttft_ms"] is None:
            missing["server_ttft_ms"] = _LIMIT
        return values, missing

    def _forget(self) -> None:
        self._rates = Rates()
        self._ttft = None

    def _rate(self, name: str, total: float | None, now_s: float) -> float | None:
        return None if total is None else self._rates.per_second(name, total, now_s)

    def _mean_ttft_ms(self, sums: dict[str, float]) -> float | None:
        """The mean over the requests since the look before, held while there are none."""
        spent_s = sums.get("time_to_first_token_seconds_sum")
        count = sums.get("time_to_first_token_seconds_count")
        if spent_s is None or count is None:
            return None
        before, self._ttft = self._ttft, (spent_s, count)
        if before is not None and count > before[1] and spent_s >= before[0]:
            self._ttft_ms = 1000.0 * (spent_s - before[0]) / (count - before[1])
        return self._ttft_ms
