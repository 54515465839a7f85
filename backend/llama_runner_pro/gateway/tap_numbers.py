"""What a model server counted, read from the two ends of its answer.

In order of trust: llama.cpp's `timings`, Ollama's counters, LM Studio's `stats`, OpenAI's and
Anthropic's `usage`, the number of pieces. Unknown stays None.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any, TypeVar

import msgspec

from llama_runner_pro.core.unreadable import UNREADABLE
from llama_runner_pro.endpoints.traffic import TokenSource
from llama_runner_pro.gateway.tap import TAIL_BYTES, Tap

_FLAT = rb"\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}"
_OBJECTS = {
    name: re.compile(rb'"' + name.encode() + rb'"\s*:\s*(' + _FLAT + rb")")
    for name in ("timings", "usage", "stats")
}
_FINISH = re.compile(rb'"(?:finish_reason|stop_reason|done_reason)"\s*:\s*"([^"\\]{1,40})"')
_COUNTER = re.compile(
    rb'"(eval_count|eval_duration|prompt_eval_count|prompt_eval_duration)"\s*:\s*(\d{1,18})'
)
_FAILED = re.compile(rb'(?:^|\n)(?:data: ?|error: ?)?\{"(?:type": ?"error", ?")?error"\s*:\s*[{"]')


class Numbers(msgspec.Struct, kw_only=True):
    """The figures of one answer."""

    source: TokenSource | None = None
    prompt_tokens: int | None = None
    cached_tokens: int | None = None
    generated_tokens: int | None = None
    prompt_tokens_per_s: float | None = None
    generation_tokens_per_s: float | None = None
    ttft_ms: float | None = None
    """As the server measured it; only where nothing better can be known."""
    finish_reason: str | None = None


class _Timings(msgspec.Struct):
    prompt_n: int | None = None
    prompt_ms: float | None = None
    predicted_n: int | None = None
    predicted_ms: float | None = None
    cache_n: int | None = None


class _Details(msgspec.Struct):
    cached_tokens: int | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    prompt_tokens_details: _Details | None = None
    input_tokens_details: _Details | None = None

    @property
    def prompt(self) -> int | None:
        if self.prompt_tokens is not None:
            return self.prompt_tokens
        return self.input_tokens

    @property
    def generated(self) -> int | None:
        if self.completion_tokens is not None:
            return self.completion_tokens
        return self.output_tokens

    @property
    def cached(self) -> int | None:
        details = self.prompt_tokens_details or self.input_tokens_details
        return self.cache_read_input_tokens if details is None else details.cached_tokens


class _Stats(msgspec.Struct):
    tokens_per_second: float | None = None
    time_to_first_token: float | None = None
    time_to_first_token_seconds: float | None = None
    input_tokens: int | None = None
    total_output_tokens: int | None = None


class _Choice(msgspec.Struct):
    finish_reason: str | None = None


class _Answer(msgspec.Struct):
    """An answer in one piece, as OpenAI-compatible servers give it."""

    choices: list[_Choice] | None = None
    usage: _Usage | None = None
    timings: _Timings | None = None


S = TypeVar("S", _Timings, _Usage, _Stats)
_answer = msgspec.json.Decoder(_Answer)
_shapes: dict[type, msgspec.json.Decoder[Any]] = {
    shape: msgspec.json.Decoder(shape, strict=False) for shape in (_Timings, _Usage, _Stats)
}


def numbers_of(tap: Tap) -> Numbers:
    """The figures of an answer that has ended, or of as much of it as has passed."""
    if not tap.streaming and tap.bytes_out <= TAIL_BYTES:
        return _of_whole(tap.tail) or _of_ends(tap)
    return _of_ends(tap)


def numbers_of_answer(body: bytes) -> Numbers:
    """The figures of an answer in one piece."""
    numbers = _of_whole(body) if len(body) <= TAIL_BYTES else None
    if numbers is None:
        tap = Tap(streaming=False)
        tap.observe(body, 0.0)
        numbers = _of_ends(tap)
    return numbers


def _of_whole(text: bytes) -> Numbers | None:
    """The quick way, for an answer that is small."""
    if b'"stats"' in text:
        return None
    try:
        answer = _answer.decode(text)
    except UNREADABLE:
        return None
    if not answer.choices or (answer.usage is None and answer.timings is None):
        return None
    numbers = Numbers(finish_reason=answer.choices[0].finish_reason)
    if answer.timings is not None:
        _from_timings(numbers, answer.timings)
    if answer.usage is not None:
        _from_usage(numbers, answer.usage)
    return numbers


def _of_ends(tap: Tap) -> Numbers:
    head, tail = tap.head, tap.tail
    numbers = Numbers()
    usage = _last("usage", tail, _Usage)
    first_usage = _last("usage", head, _Usage) if len(head) < tap.bytes_out else None
    timings = _last("timings", tail, _Timings)
    if timings is not None:
        _from_timings(numbers, timings)
    elif b'"eval_count"' in tail:
        _from_ollama(numbers, tail)
    elif (stats := _last("stats", tail, _Stats)) is not None:
        _from_stats(numbers, stats)
    for found in (usage, first_usage):
        if found is not None:
            _from_usage(numbers, found)
    if numbers.source is None and tap.pieces:
        numbers.source = "chunks"
        numbers.generated_tokens = tap.pieces
    if numbers.generation_tokens_per_s is None:
        numbers.generation_tokens_per_s = _rate(tap, numbers.generated_tokens)
    reasons = _FINISH.findall(tail) or _FINISH.findall(head)
    numbers.finish_reason = reasons[-1].decode() if reasons else None
    return numbers


def said_error(tap: Tap) -> bool:
    """A stream whose end is an error of the server."""
    if not tap.streaming:
        return False
    tail = tap.tail
    # The expression tries every byte: that takes as long as a dozen requests, and most streams
    # hold no such word.
    return b'"error"' in tail and _FAILED.search(tail) is not None


def _last(name: str, text: bytes, shape: type[S]) -> S | None:
    """The last object of this name that is whole and has this shape."""
    at = text.rfind(b'"' + name.encode() + b'"')
    while at >= 0:
        match = _OBJECTS[name].match(text, at)
        if match is not None:
            # Of another shape, it is not a count.
            with suppress(*UNREADABLE):
                found: S = _shapes[shape].decode(match[1])
                return found
        at = text.rfind(b'"' + name.encode() + b'"', 0, at)
    return None


def _from_timings(numbers: Numbers, timings: _Timings) -> None:
    numbers.source = "timings"
    numbers.generated_tokens = timings.predicted_n
    numbers.cached_tokens = timings.cache_n
    if timings.prompt_n is not None and timings.cache_n is not None:
        numbers.prompt_tokens = timings.prompt_n + timings.cache_n
    numbers.prompt_tokens_per_s = _per_s(timings.prompt_n, timings.prompt_ms, 1e3)
    numbers.generation_tokens_per_s = _per_s(timings.predicted_n, timings.predicted_ms, 1e3)


def _from_ollama(numbers: Numbers, tail: bytes) -> None:
    counted = {name: int(value) for name, value in _COUNTER.findall(tail)}
    numbers.source = "ollama"
    numbers.generated_tokens = counted.get(b"eval_count")
    numbers.prompt_tokens = counted.get(b"prompt_eval_count")
    numbers.generation_tokens_per_s = _per_s(
        numbers.generated_tokens, counted.get(b"eval_duration"), 1e9
    )
    # Not the prompt's speed: the count includes what came from the cache, the time does not.


def _from_stats(numbers: Numbers, stats: _Stats) -> None:
    if stats.tokens_per_second is None:
        return
    numbers.source = "lmstudio"
    numbers.generation_tokens_per_s = stats.tokens_per_second
    numbers.prompt_tokens = stats.input_tokens
    numbers.generated_tokens = stats.total_output_tokens
    first_s = stats.time_to_first_token or stats.time_to_first_token_seconds
    numbers.ttft_ms = None if first_s is None else first_s * 1000


def _from_usage(numbers: Numbers, usage: _Usage) -> None:
    """Fills in what is still unknown."""
    prompt, generated = usage.prompt, usage.generated
    if numbers.source is None and (prompt is not None or generated is not None):
        numbers.source = "usage"
    if numbers.prompt_tokens is None:
        numbers.prompt_tokens = prompt
    if numbers.generated_tokens is None:
        numbers.generated_tokens = generated
    if numbers.cached_tokens is None:
        numbers.cached_tokens = usage.cached


def _per_s(count: int | None, took: float | None, per_second: float) -> float | None:
    if count is None or not took:
        return None
    return count / took * per_second


def _rate(tap: Tap, tokens: int | None) -> float | None:
    """By our own clock: the first token only starts it."""
    if tokens is None or tap.first_s is None or tap.last_s is None or tap.last_s <= tap.first_s:
        return None
    return (tokens - 1) / (tap.last_s - tap.first_s) if tokens > 1 else None
