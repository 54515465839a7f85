"""How each API words an error: as a whole answer, and in the middle of a stream.

Shapes are those that official clients read; see the contract tests beside this module.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from llama_runner_pro.core.errors import (
    BadRequest,
    BreakerOpen,
    Denied,
    GatewayError,
    LoadFailed,
    ModelNotFound,
    NotReady,
    NoUpstream,
    Postponed,
    Saturated,
    UpstreamBroken,
    UpstreamTimeout,
)
from llama_runner_pro.core.unreadable import UNREADABLE

if TYPE_CHECKING:
    from llama_runner_pro.endpoints.traffic import Surface

LONGEST_RETRY_AFTER_S = 120
"""Official clients obey no longer wait; beyond it they try again at once, in vain."""
LONGEST_MESSAGE = 2_000


class ErrorAnswer(NamedTuple):
    """A whole HTTP answer."""

    status: int
    headers: dict[str, str]
    body: bytes


class Fault(NamedTuple):
    """An error before it is put into the words of a surface."""

    status: int
    code: str
    message: str
    param: str | None = None
    retry_after_s: float | None = None
    retry_helps: bool = True


class Refusal(GatewayError):
    """A model server answered, but with an error: it is passed on in the client's dialect."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


def error_answer(surface: Surface, error: GatewayError) -> ErrorAnswer:
    """The answer to a request that failed before the first byte of its answer."""
    return answer_of(surface, fault_of(error))


def error_event(surface: Surface, error: GatewayError) -> bytes:
    """What ends a stream that has begun: an SSE event, or a line of NDJSON."""
    return event_of(surface, fault_of(error))


def answer_of(surface: Surface, fault: Fault) -> ErrorAnswer:
    """The whole answer that tells of `fault`."""
    status = _status(surface, fault)
    headers = {"content-type": "application/json"}
    if surface == "ollama" and fault.code in _STRANGERS:
        # As the real one: nothing in it that a foreign page could read.
        return ErrorAnswer(status, {}, b"")
    if fault.retry_after_s is not None:
        headers["retry-after"] = str(max(1, math.ceil(fault.retry_after_s)))
    if status in {429, 503, 529} or status >= 500:
        too_long = (fault.retry_after_s or 0) > LONGEST_RETRY_AFTER_S
        if too_long or not fault.retry_helps:
            headers["x-should-retry"] = "false"
    return ErrorAnswer(status, headers, msgspec.json.encode(error_body(surface, fault)))


def event_of(surface: Surface, fault: Fault) -> bytes:
    """The piece of a stream that tells of `fault`."""
    body = msgspec.json.encode(error_body(surface, fault))
    if surface == "ollama":
        return body + b"\n"
    if surface == "anthropic":
        return b"event: error\ndata: " + body + b"\n\n"
    return b"data: " + body + b"\n\n"


def error_body(surface: Surface, fault: Fault) -> dict[str, object]:
    """The JSON object of an error."""
    if surface == "ollama":
        return {"error": fault.message}
    if surface == "anthropic":
        word = _ANTHROPIC_TYPES.get(_status(surface, fault), "api_error")
        return {"type": "error", "error": {"type": word, "message": fault.message}}
    return {"error": failure_of(surface, fault)}


def failure_of(surface: Surface, fault: Fault) -> dict[str, object]:
    """What stands under `error` in OpenAI's words, and in LM Studio's, which resemble them."""
    types = _LMSTUDIO_TYPES if surface == "lmstudio" else _OPENAI_TYPES
    default = "server_error" if fault.status >= 500 else "invalid_request_error"
    if surface == "lmstudio":
        default = "internal_error" if fault.status >= 500 else "invalid_request"
    word = types.get(fault.code) or types.get(str(fault.status), default)
    return {"message": fault.message, "type": word, "param": fault.param, "code": fault.code}


def fault_of(error: GatewayError) -> Fault:
    """Status, stable code and sentence of an error; the most specific type wins."""
    if isinstance(error, Refusal):
        return error.fault
    if isinstance(error, ModelNotFound):
        return Fault(404, "model_not_found", _not_found(error), "model")
    if isinstance(error, BadRequest):
        return Fault(error.status, error.code, error.reason, error.param, retry_helps=False)
    if isinstance(error, Denied):
        return Fault(error.status, error.code, str(error), retry_helps=False)
    if isinstance(error, Postponed):
        status, code, helps = _POSTPONED.get(type(error), (503, "not_ready", True))
        return Fault(status, code, error.reason, None, error.retry_after_s, helps)
    if isinstance(error, NoUpstream):
        return Fault(503, "no_upstream", str(error))
    if isinstance(error, UpstreamBroken):
        return Fault(502, "upstream_broken", error.reason)
    if isinstance(error, UpstreamTimeout):
        # The same request would wait as long again.
        return Fault(504, "upstream_timeout", error.reason, retry_helps=False)
    return Fault(500, "internal_error", str(error) or "something failed inside the gateway")


def fault_of_answer(status: int, body: bytes, retry_after_s: float | None = None) -> Fault:
    """What a model server said that refused a request, whatever dialect it speaks."""
    message, code, param = _said(body)
    if status < 400:
        status = 502
    known = {404: "not_found", 429: "busy", 501: "not_implemented", 503: "not_ready"}
    code = code or known.get(status, "refused_by_server" if status < 500 else "server_error")
    text = message or f"the model server answered with status {status}"
    return Fault(status, code, text[:LONGEST_MESSAGE], param, retry_after_s, status != 501)


def _said(body: bytes) -> tuple[str | None, str | None, str | None]:
    try:
        answer = msgspec.json.decode(body)
    except UNREADABLE:
        text = body[:LONGEST_MESSAGE].decode("utf-8", "replace").strip()
        return (None if text.startswith("<") else text or None), None, None
    if not isinstance(answer, dict):
        return None, None, None
    told = answer.get("error", answer.get("detail", answer.get("message")))
    if isinstance(told, dict):
        code, param = told.get("code"), told.get("param")
        if told.get("type") == "exceed_context_size_error":
            # llama.cpp's word; clients that shorten conversations know OpenAI's.
            code = "context_length_exceeded"
        message = told.get("message")
        return (
            message if isinstance(message, str) else None,
            code if isinstance(code, str) else None,
            param if isinstance(param, str) else None,
        )
    if isinstance(told, str):
        return told, None, None
    return (None if told is None else msgspec.json.encode(told).decode()), None, None


def _not_found(error: ModelNotFound) -> str:
    known = ", ".join(error.known[:20])
    # Clients look for "model 'x' not found", so it stays in one piece.
    return f"model '{error.name}' not found" + (f" (known: {known})" if known else "")


def _status(surface: Surface, fault: Fault) -> int:
    if surface == "ollama":
        return _OLLAMA_STATUSES.get(fault.status, fault.status)
    if surface == "anthropic" and fault.code in _OVERLOADED:
        return 529
    return fault.status


_POSTPONED: dict[type[Postponed], tuple[int, str, bool]] = {
    BreakerOpen: (503, "breaker_open", True),
    Saturated: (429, "busy", True),
    NotReady: (503, "not_ready", True),
    LoadFailed: (503, "load_failed", False),
}
_STRANGERS = frozenset({"foreign_origin", "wrong_host"})
"""Why a page, or whoever is behind a name, is not let in."""
_OVERLOADED = frozenset({"breaker_open", "not_ready"})
# Ollama knows a full queue as 503 and every failure of a runner as 500.
_OLLAMA_STATUSES = {429: 503, 502: 500, 504: 500}
_OPENAI_TYPES = {
    "401": "authentication_error",
    "403": "permission_error",
    "404": "not_found_error",
    "429": "rate_limit_error",
}
_LMSTUDIO_TYPES = {
    "model_not_found": "model_not_found",
    "job_not_found": "job_not_found",
    "501": "not_implemented",
}
_ANTHROPIC_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    405: "invalid_request_error",
    413: "request_too_large",
    422: "invalid_request_error",
    429: "rate_limit_error",
    504: "timeout_error",
    529: "overloaded_error",
}
