"""Live token rates from counters that llama.cpp only moves when a request ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.core.value_object import ValueObject
from llama_runner_pro.metrics.rates import Rates

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from llama_runner_pro.metrics.collectors.llamacpp_answers import Slot


class Flow(ValueObject, frozen=True):
    """Rates are None at the first look and after a restart of the server.

    `prompt_per_s` is also None while a prompt is being worked on: progress shows in whole
    batches only, and then counts for the whole time since the last look that was sure.
    """

    generation_per_s: float | None
    prompt_per_s: float | None
    generated_total: float | None
    prompt_total: float | None
    prompt_pending: bool


class TokenFlow:
    """Adds what the running requests have done so far to the counters of the ended ones.

    `tokens_predicted_total` moves when a request ends and `prompt_tokens_total` when its prompt
    is through; the slots tell how far the running ones are. Both are read one after the other,
    so a request that ends in between is missing from the sum for one look: the sum is held
    until the counters catch up, and starts over only when a counter itself went back.
    """

    def __init__(self) -> None:
        self._generated = _Held()
        self._prompt = _Held()

    def update(self, counters: Mapping[str, float], slots: Sequence[Slot], now_s: float) -> Flow:
        """Take one look."""
        busy = [slot for slot in slots if slot.is_processing]
        in_prompt = [slot for slot in busy if slot.decoded == 0]
        generation_per_s = self._generated.update(
            counters.get("tokens_predicted_total"), sum(slot.decoded for slot in busy), now_s
        )
        prompt_per_s = self._prompt.update(
            counters.get("prompt_tokens_total"),
            sum(slot.n_prompt_tokens_processed for slot in in_prompt),
            now_s,
            pending=bool(in_prompt),
        )
        return Flow(
            generation_per_s,
            prompt_per_s,
            self._generated.total,
            self._prompt.total,
            prompt_pending=bool(in_prompt) and prompt_per_s is None,
        )


class _Held:
    """One sum of ended and running work that never goes back by itself."""

    def __init__(self) -> None:
        self.total: float | None = None
        self._ended = 0.0
        self._rates = Rates()

    def update(
        self, ended: float | None, running: float, now_s: float, *, pending: bool = False
    ) -> float | None:
        """Rate per second; None when the server has no such counter or it cannot be told yet.

        `pending` work that has not moved the sum leaves the time open for the next look.
        """
        if ended is None:
            self.total = None
            return None
        restarted = self.total is None or ended < self._ended
        self._ended = ended
        before, now = self.total, ended + running
        self.total = now if restarted else max(self.total or 0.0, now)
        if pending and self.total == before:
            return None
        return self._rates.per_second("sum", self.total, now_s)
