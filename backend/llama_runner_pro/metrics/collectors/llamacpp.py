"""Token rates, slots and queues of llama.cpp servers, from their own `/metrics` and `/slots`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from llama_runner_pro.core.errors import CollectorError, DeadlineExceeded, TransportError
from llama_runner_pro.metrics.collectors.llamacpp_answers import parse_metrics, parse_slots
from llama_runner_pro.metrics.collectors.token_flow import TokenFlow
from llama_runner_pro.metrics.model import Field, Reading
from llama_runner_pro.resilience.backoff import delay_s

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from llama_runner_pro.endpoints.ports import MetricTarget
    from llama_runner_pro.metrics.collector import Lane
    from llama_runner_pro.metrics.collectors.llamacpp_answers import Slot
    from llama_runner_pro.metrics.model import FieldKind, Unit, Value
    from llama_runner_pro.transport.client import HttpClient, Response

KINDS = frozenset({"embedded", "llamacpp"})
REQUEST_DEADLINE_S = 0.25
"""A server that works on a long prompt answers only between two batches: ticks do not wait."""
BUSY_RETRY_MAX_S = 4.0
SWITCHED_OFF_RETRY_S = 60.0
QUIET_RECHECK_S = 10.0

_PARTS: dict[str, tuple[Unit, str, FieldKind]] = {
    "generation_tokens_per_s": ("per_s", "Tokens generated per second", "gauge"),
    "prompt_tokens_per_s": ("per_s", "Prompt tokens per second", "gauge"),
    "slots_busy": ("count", "Slots busy", "gauge"),
    "slots_total": ("count", "Slots", "gauge"),
    "requests_processing": ("count", "Requests running", "gauge"),
    "requests_deferred": ("count", "Requests waiting", "gauge"),
    "context_usage_pct": ("pct", "Context used (fullest slot)", "gauge"),
    "generated_tokens_total": ("total", "Tokens generated", "counter"),
    "prompt_tokens_total": ("total", "Prompt tokens", "counter"),
}
_SLOT_PARTS = ("slots_busy", "slots_total", "context_usage_pct")


class LlamacppCollector:
    """Asks every ready endpoint of a llama.cpp kind, all at the same time."""

    name = "llamacpp"
    lane: Lane = "fast"
    deadline_s = 1.0

    def __init__(self, targets: Callable[[], Sequence[MetricTarget]], http: HttpClient) -> None:
        self._targets = targets
        self._http = http
        self._watches: dict[str, _Watch] = {}
        self._fields: tuple[Field, ...] = ()
        self._fields_for: tuple[str, ...] = ()

    def fields(self) -> Sequence[Field]:
        """The same set for each endpoint of a llama.cpp kind, ready or not."""
        names = tuple(target.name for target in self._of_our_kind())
        if names != self._fields_for:
            self._fields_for = names
            self._fields = tuple(
                Field(f"model/{name}/{part}", unit, label, "model", kind)
                for name in names
                for part, (unit, label, kind) in _PARTS.items()
            )
        return self._fields

    async def collect(self, now_s: float) -> Reading:
        """Ask all servers; one that does not answer only loses its own values."""
        targets = self._of_our_kind()
        for name in self._watches.keys() - {target.name for target in targets}:
            del self._watches[name]
        async with asyncio.TaskGroup() as group:
            asked = [group.create_task(self._ask(target, now_s)) for target in targets]
        values: dict[str, Value] = {}
        absent: dict[str, str] = {}
        for task in asked:
            reading = task.result()
            values.update(reading.values)
            absent.update(reading.absent)
        return Reading(values, absent)

    def _of_our_kind(self) -> list[MetricTarget]:
        return [target for target in self._targets() if target.kind in KINDS]

    async def _ask(self, target: MetricTarget, now_s: float) -> Reading:
        if not target.ready:
            self._watches.pop(target.name, None)
            found: Mapping[str, Value] = {}
            missing: Mapping[str, str] = dict.fromkeys(_PARTS, "not ready")
        else:
            watch = self._watches.setdefault(target.name, _Watch(self._http))
            found, missing = await watch.ask(target, now_s)
        prefix = f"model/{target.name}"
        return Reading(
            {f"{prefix}/{part}": value for part, value in found.items()},
            {f"{prefix}/{part}": reason for part, reason in missing.items()},
        )


class _Watch:
    """What we remember of one server between two ticks."""

    def __init__(self, http: HttpClient) -> None:
        self._http = http
        self._flow = TokenFlow()
        self._not_before_s = float("-inf")
        self._slots_not_before_s = float("-inf")
        self._slots_reason = ""
        self._failures = 0
        self._reason = ""
        self._counters: Mapping[str, float] = {}
        self._quiet: list[Slot] | None = None
        """The slots when nothing was running and `_counters` were up to date."""
        self._quiet_until_s = float("-inf")

    async def ask(
        self, target: MetricTarget, now_s: float
    ) -> tuple[Mapping[str, Value], Mapping[str, str]]:
        """Values and reasons by part; asks less often while the server does not answer."""
        if now_s < self._not_before_s:
            return {}, dict.fromkeys(_PARTS, self._reason)
        try:
            slots = await self._look(target, now_s)
        except SwitchedOff as error:
            self._rest(str(error), now_s, SWITCHED_OFF_RETRY_S)
        except DeadlineExceeded:
            self._rest("busy: it does not tell at the moment", now_s, None)
        except (TransportError, UnicodeDecodeError) as error:
            self._rest(str(error), now_s, None)
        else:
            self._failures = 0
            return self._shape(slots, now_s)
        self._quiet = None
        return {}, dict.fromkeys(_PARTS, self._reason)

    async def _look(self, target: MetricTarget, now_s: float) -> list[Slot] | None:
        """Bring `_counters` up to date and return the slots.

        While the slots stay as they were, nothing can have been counted: one request is enough.
        """
        if self._quiet is not None and now_s < self._quiet_until_s:
            slots = await self._slots(target, now_s)
            if slots == self._quiet:
                return slots
        self._quiet = None
        self._counters = parse_metrics((await self._get(target, "/metrics")).body.decode())
        slots = await self._slots(target, now_s)
        running = self._counters.get("requests_processing", 0.0)
        if slots is not None and running == 0 and not any(slot.is_processing for slot in slots):
            self._quiet = slots
            self._quiet_until_s = now_s + QUIET_RECHECK_S
        return slots

    def _rest(self, reason: str, now_s: float, pause_s: float | None) -> None:
        self._failures += 1
        self._reason = reason
        if pause_s is None:
            pause_s = delay_s(
                self._failures, initial_s=1.0, max_s=BUSY_RETRY_MAX_S, jitter=0, rand=float
            )
        self._not_before_s = now_s + pause_s

    async def _slots(self, target: MetricTarget, now_s: float) -> list[Slot] | None:
        """None when the server does not show them, which leaves the rest readable."""
        if now_s < self._slots_not_before_s:
            return None
        try:
            return parse_slots((await self._get(target, "/slots")).body)
        except SwitchedOff as error:
            self._slots_reason = str(error)
            self._slots_not_before_s = now_s + SWITCHED_OFF_RETRY_S
            return None

    async def _get(self, target: MetricTarget, path: str) -> Response:
        response = await self._http.request(
            "GET",
            target.url.rstrip("/") + path,
            deadline_s=REQUEST_DEADLINE_S,
            headers=target.headers,
        )
        if response.status in {401, 403}:
            raise SwitchedOff(f"{path} asks for an API key")
        if response.status != 200:
            option = "--metrics" if path == "/metrics" else "--slots"
            raise SwitchedOff(f"the server does not offer {path} (start it with {option})")
        return response

    def _shape(
        self, slots: list[Slot] | None, now_s: float
    ) -> tuple[Mapping[str, Value], Mapping[str, str]]:
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
        if flow.prompt_pending:
            missing["prompt_tokens_per_s"] = "a prompt is being read; its speed shows afterwards"
        if slots is None:
            return values, missing | dict.fromkeys(_SLOT_PARTS, self._slots_reason)
        values["slots_total"] = len(slots)
        values["slots_busy"] = sum(slot.is_processing for slot in slots)
        values["context_usage_pct"] = max(map(_context_pct, slots), default=None)
        return values, missing


class SwitchedOff(CollectorError):
    """The server runs, but was told not to show this."""


def _context_pct(slot: Slot) -> float:
    return 100.0 * slot.n_prompt_tokens / slot.n_ctx if slot.n_ctx > 0 else 0.0
