"""Counts and times of one answer, from the most trustworthy source that speaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.core.value_object import ValueObject

if TYPE_CHECKING:
    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.gateway.translate.chunks import Chunk, Timings, Usage


class Measured(ValueObject, frozen=True, kw_only=True):
    """What is known at the end. None: nobody told and it could not be seen."""

    prompt_tokens: int | None
    """With those from the cache."""
    cached_tokens: int | None
    prompt_ms: float | None
    """Only for those that were not in the cache."""
    generated_tokens: int | None
    generation_ms: float | None
    reasoning_tokens: int | None
    first_token_ms: float | None
    """From the moment the model was ready."""
    tokens_per_s: float | None
    load_ms: float
    """Waiting for a turn and for the model."""
    total_ms: float


class Meter:
    """Watches one request from its arrival on."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began_s = clock.monotonic()
        self._ready_s = self._began_s
        self._first_s: float | None = None
        self._last_s = self._began_s
        self.usage: Usage | None = None
        self.timings: Timings | None = None

    def ready(self, waited_ms: float) -> None:
        """The model was ready `waited_ms` after the request had come."""
        self._ready_s = self._began_s + waited_ms / 1000

    def token(self) -> None:
        """Something generated has arrived."""
        self._last_s = self._clock.monotonic()
        if self._first_s is None:
            self._first_s = self._last_s

    def told(self, chunk: Chunk) -> None:
        """Keep what the server says of itself; the last word counts."""
        if chunk.usage is not None:
            self.usage = chunk.usage
        if chunk.timings is not None:
            self.timings = chunk.timings

    def measured(self) -> Measured:
        """Everything known now. Tokens and times of llama.cpp first, then usage and our clock."""
        now_s = self._clock.monotonic()
        timings, usage = self.timings, self.usage
        first_ms = None if self._first_s is None else (self._first_s - self._ready_s) * 1000
        generation_ms = None if self._first_s is None else (self._last_s - self._first_s) * 1000
        prompt, generated = _counts(usage)
        prompt_ms, cached = first_ms, _cached(usage)
        details = usage.completion_tokens_details if usage else None
        if timings is not None and timings.prompt_n is not None:
            prompt = timings.prompt_n + (timings.cache_n or 0)
            prompt_ms, cached = timings.prompt_ms, timings.cache_n
        speed = _speed((generated or 0) - 1, generation_ms)
        if timings is not None and timings.predicted_n is not None:
            generated, generation_ms = timings.predicted_n, timings.predicted_ms
            speed = _speed(generated, generation_ms)
        return Measured(
            prompt_tokens=prompt,
            cached_tokens=cached,
            prompt_ms=prompt_ms,
            generated_tokens=generated,
            generation_ms=generation_ms,
            reasoning_tokens=details.reasoning_tokens if details else None,
            first_token_ms=first_ms,
            tokens_per_s=speed,
            load_ms=(self._ready_s - self._began_s) * 1000,
            total_ms=(now_s - self._began_s) * 1000,
        )


def _counts(usage: Usage | None) -> tuple[int | None, int | None]:
    return (usage.prompt_tokens, usage.completion_tokens) if usage else (None, None)


def _cached(usage: Usage | None) -> int | None:
    details = usage.prompt_tokens_details if usage else None
    return details.cached_tokens if details else None


def _speed(tokens: int, milliseconds: float | None) -> float | None:
    if not milliseconds or milliseconds <= 0 or tokens <= 0:
        return None
    return tokens / milliseconds * 1000
