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
# What llama.cpp and Ollama say with status 500 although the request alone is to blame: a picture
# for a model without eyes, a text beyond the batch, turns that the model's template forbids.
_BLAMES_REQUEST = (
    b"input is not supported",
    b"too large to process",
    b"failed to load image",
    b"missing data required for image input",
    b"jinja exception",
    b"raise_exception",
)


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
    if status == 501 or (status == 500 and _blames_request(said)):
        # The next request is none the worse for it.
        return "refused"
    return "server_error" if status >= 500 else "refused"


def _blames_request(said: bytes) -> bool:
    lower = said.lower()
    return any(words in lower for words in _BLAMES_REQUEST)


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
