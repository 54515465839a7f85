"""How an exchange ended, told from its status, what was said in it, and how it broke off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.core.errors import GatewayError, UpstreamBroken, UpstreamTimeout
from llama_runner_pro.gateway.headers import find
from llama_runner_pro.gateway.upstream_connection import Breakdown

if TYPE_CHECKING:
    from llama_runner_pro.endpoints.traffic import Ending
    from llama_runner_pro.gateway.road import Limits

LONGEST_RETRY_AFTER_S = 3_600.0


def ending_of(status: int, said: bytes) -> Ending:
    """The ending of an answer that came whole; `said` is the end of its body."""
    if status < 400:
        return "ok"
    if status in {401, 403}:
        return "unauthorized"
    if status == 429:
        return "busy"
    if status == 503:
        # llama.cpp's words for the two reasons that pass by themselves.
        lower = said.lower()
        if b"loading" in lower:
            return "loading"
        if b"slot" in lower or b"busy" in lower:
            return "busy"
    return "server_error" if status >= 500 else "refused"


def silence(silent_s: float, limits: Limits, *, began: bool) -> Breakdown | None:
    """The breakdown of a server that has been silent for so long; None while that is fine."""
    if began and silent_s > limits.stall_timeout_s:
        reason = f"silent for {limits.stall_timeout_s:g} s in the middle of its answer"
        return Breakdown("stalled", reason)
    if not began and silent_s > limits.first_byte_timeout_s:
        return Breakdown("no_first_byte", f"no answer within {limits.first_byte_timeout_s:g} s")
    return None


def error_of(endpoint: str, breakdown: Breakdown) -> GatewayError:
    """What a client is told."""
    reason = f"{endpoint}: {breakdown.reason}"
    if breakdown.ending in {"no_first_byte", "stalled"}:
        return UpstreamTimeout(reason)
    return UpstreamBroken(reason)


def retry_after_s(headers: list[tuple[bytes, bytes]]) -> float | None:
    """What a busy server asks for, in seconds; None without, or when it is given as a date."""
    value = find(headers, b"retry-after")
    if value is None or not value.isdigit():
        return None
    return min(float(value), LONGEST_RETRY_AFTER_S)
