"""Token rates, slots and queues of llama.cpp servers, from their own `/metrics` and `/slots`."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from llama_runner_pro.metrics.collectors.llamacpp_answers import parse_metrics, parse_slots
from llama_runner_pro.metrics.collectors.model_watch import (
    SWITCHED_OFF_RETRY_S,
    ModelWatch,
    SwitchedOff,
)
from llama_runner_pro.metrics.collectors.token_flow import TokenFlow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llama_runner_pro.endpoints.ports import MetricTarget
    from llama_runner_pro.metrics.collectors.llamacpp_answers import Slot
    from llama_runner_pro.metrics.collectors.model_watch import Found
    from llama_runner_pro.metrics.collectors.sensor import Parts
    from llama_runner_pro.metrics.model import Value
    from llama_runner_pro.transport.client import HttpClient

QUIET_RECHECK_S = 10.0
_SLOT_PARTS = ("slots_busy", "slots_total", "context_usage_pct", "context_tokens")
_NO_CACHE = "this server tells the context of its slots instead"
_OFF = "the server does not offer {} (start it with {})"


class LlamacppWatch(ModelWatch):
    """One llama.cpp server."""

    parts: ClassVar[Parts] = {
        "generation_tokens_per_s": ("per_s", "Tokens generated per second", "gauge"),
        "prompt_tokens_per_s": ("per_s", "Prompt tokens per second", "gauge"),
        "slots_busy": ("count", "Slots busy", "gauge"),
        "slots_total": ("count", "Slots", "gauge"),
        "requests_processing": ("count", "Requests running", "gauge"),
        "requests_deferred": ("count", "Requests waiting", "gauge"),
        "context_usage_pct": ("pct", "Context used (fullest slot)", "gauge"),
        "context_tokens": ("count", "Context of a slot", "gauge"),
        "kv_cache_usage_pct": ("pct", "KV cache used", "gauge"),
        "generated_tokens_total": ("total", "Tokens generated", "counter"),
        "prompt_tokens_total": ("total", "Prompt tokens", "counter"),
    }

    def __init__(self, http: HttpClient) -> None:
        super().__init__(http)
        self._flow = TokenFlow()
        self._slots_not_before_s = float("-inf")
        self._slots_reason = ""
        self._counters: Mapping[str, float] = {}
        self._quiet: list[Slot] | None = None
        """The slots when nothing was running and `_counters` were up to date."""
        self._quiet_until_s = float("-inf")

    async def _look(self, target: MetricTarget, now_s: float) -> Found:
        return self._shape(await self._up_to_date(target, now_s), now_s)

    def _forget(self) -> None:
        self._quiet = None

    async def _up_to_date(self, target: MetricTarget, now_s: float) -> list[Slot] | None:
        """Bring `_counters` up to date and return the slots.

        While the slots stay as they were, nothing can have been counted: one request is enough.
        """
        if self._quiet is not None and now_s < self._quiet_until_s:
            slots = await self._slots(target, now_s)
            if slots == self._quiet:
                return slots
        self._quiet = None
        page = await self._get(target, "/metrics", _OFF.format("/metrics", "--metrics"))
        self._counters = parse_metrics(page.body.decode())
        slots = await self._slots(target, now_s)
        running = self._counters.get("requests_processing", 0.0)
        if slots is not None and running == 0 and not any(slot.is_processing for slot in slots):
            self._quiet = slots
            self._quiet_until_s = now_s + QUIET_RECHECK_S
        return slots

    async def _slots(self, target: MetricTarget, now_s: float) -> list[Slot] | None:
        """None when the server does not show them, which leaves the rest readable."""
        if now_s < self._slots_not_before_s:
            return None
        try:
            page = await self._get(target, "/slots", _OFF.format("/slots", "--slots"))
        except SwitchedOff as error:
            self._slots_reason = str(error)
            self._slots_not_before_s = now_s + SWITCHED_OFF_RETRY_S
            return None
        return parse_slots(page.body)

    def _shape(self, slots: list[Slot] | None, now_s: float) -> Found:
        counters = self._counters
        flow = self._flow.update(counters, slots or [], now_s)
        values: dict[str, Value] = {
            "generation_tokens_per_s": flow.generation_per_s,
            "prompt_tokens_per_s": flow.prompt_per_s,
            "requests_processing": counters.get("requests_processing"),
            "requests_deferred": counters.get("requests_deferred"),
            "generated_tokens_total": flow.generated_total,
            "prompt_tokens_total": flow.prompt_total,
        }
        missing: dict[str, str] = {}
        cache = counters.get("kv_cache_usage_ratio")
        if cache is None:
            missing["kv_cache_usage_pct"] = _NO_CACHE
        else:
            values["kv_cache_usage_pct"] = 100.0 * cache
        if flow.prompt_pending:
            missing["prompt_tokens_per_s"] = "a prompt is being read; its speed shows afterwards"
        if slots is None:
            return values, missing | dict.fromkeys(_SLOT_PARTS, self._slots_reason)
        values["slots_total"] = len(slots)
        values["slots_busy"] = sum(slot.is_processing for slot in slots)
        values["context_tokens"] = max((slot.n_ctx for slot in slots), default=None)
        values["context_usage_pct"] = max(map(_context_pct, slots), default=None)
        return values, missing


def _context_pct(slot: Slot) -> float:
    return 100.0 * slot.n_prompt_tokens / slot.n_ctx if slot.n_ctx > 0 else 0.0
