"""OpenAI answers with LM Studio's statistics in them (version 0 of its API)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from llama_runner_pro.core.errors import UpstreamBroken
from llama_runner_pro.core.unreadable import UNREADABLE
from llama_runner_pro.gateway.translate.chunks import DONE, decode_chunk

if TYPE_CHECKING:
    from collections.abc import Callable

    from llama_runner_pro.gateway.translate.meter import Measured, Meter

_REASONS = {
    "stop": "eosFound",
    "length": "maxPredictedTokensReached",
    "tool_calls": "toolCalls",
}


def stats(measured: Measured, finish_reason: str | None) -> dict[str, Any]:
    """The `stats` of an answer; what is unknown is null."""
    first_ms = (
        measured.first_token_ms if measured.first_token_ms is not None else measured.prompt_ms
    )
    return {
        "tokens_per_second": measured.tokens_per_s,
        "time_to_first_token": None if first_ms is None else first_ms / 1000,
        "generation_time": (
            None if measured.generation_ms is None else measured.generation_ms / 1000
        ),
        "stop_reason": _REASONS.get(finish_reason or "stop", "eosFound"),
    }


class StatsChunks:
    """Chunks pass as they are; the last one with a choice gets the statistics."""

    def __init__(
        self, meter: Meter, extra: Callable[[str | None], dict[str, Any]], *, with_usage: bool
    ) -> None:
        """`extra` makes the additional fields; `with_usage`: the client wants the usage chunk."""
        self._meter = meter
        self._extra = extra
        self._with_usage = with_usage
        self._last: bytes | None = None
        self._usage: bytes | None = None
        self._reason: str | None = None
        self._is_over = False

    def feed(self, payload: bytes) -> bytes:
        """The events for one chunk. Raises `UpstreamBroken` for what is no answer."""
        if payload == DONE:
            self._is_over = True
            return b""
        chunk = decode_chunk(payload)
        self._meter.told(chunk)
        if not chunk.choices:
            if chunk.usage is not None:
                self._usage = payload
                return b""
            return _event(payload)
        if chunk.choices[0].finish_reason:
            self._reason = chunk.choices[0].finish_reason
            self._last = payload
            return b""
        said = chunk.choices[0].delta
        if chunk.choices[0].text or (said and (said.content or said.thinking or said.tool_calls)):
            self._meter.token()
        return _event(payload)

    def end(self) -> bytes:
        """The last events. Raises `UpstreamBroken` when the answer broke off."""
        if self._last is None:
            if not self._is_over:
                raise UpstreamBroken("the model server ended its answer too early")
            return _event(DONE)
        told = _event(with_fields(self._last, self._extra(self._reason)))
        if self._usage is not None and self._with_usage:
            told += _event(self._usage)
        return told + _event(DONE)


def with_fields(payload: bytes, fields: dict[str, Any]) -> bytes:
    """The object in `payload` with more fields. Raises `UpstreamBroken`."""
    try:
        answer = msgspec.json.decode(payload, type=dict[str, msgspec.Raw])
    except UNREADABLE as error:
        raise UpstreamBroken(f"the model server's answer makes no sense: {error}") from error
    return msgspec.json.encode({**answer, **fields})


def _event(payload: bytes) -> bytes:
    return b"data: " + payload + b"\n\n"
