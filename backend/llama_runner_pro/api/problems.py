"""Errors as answers: one place that maps what went wrong to status, stable code and hint.

Outside the older `/api/ai-monitor` family an error is RFC 9457 problem+json; inside it, the
family's envelope with `status: "error"` and the same problem as its `data`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec
from starlette.responses import Response

from llama_runner_pro.api.envelope import envelope
from llama_runner_pro.api.schemas import ConfigProblem, ProblemDetails
from llama_runner_pro.config.refusals import ApplyFailed, NotSaved, UnknownBackup, VersionConflict
from llama_runner_pro.core.errors import (
    ConfigError,
    HistoryError,
    LlamaRunnerError,
    ModelNotFound,
    NoUpstream,
    Postponed,
    Refused,
    StartFailed,
    StoreUnavailable,
    UnknownEndpoint,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.core.errors import Problem

ENVELOPE_PREFIX = "/api/ai-monitor"


class ApiProblem(Exception):
    """A request that we answer with an error. Raised by handlers, turned into bytes once."""

    def __init__(
        self,
        status: int,
        code: str,
        title: str,
        detail: str,
        *,
        hint: str = "",
        known: Sequence[str] = (),
        problems: Sequence[Problem] = (),
        version: str = "",
        step: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.headers = dict(headers or {})
        self.details = ProblemDetails(
            type=f"urn:llama-runner-pro:problem:{code}",
            title=title,
            status=status,
            code=code,
            detail=detail,
            hint=hint,
            known=list(known),
            problems=config_problems(problems),
            version=version,
            step=step,
        )


def config_problems(problems: Iterable[Problem]) -> list[ConfigProblem]:
    """As they travel."""
    return [ConfigProblem(path=one.path, message=one.message, hint=one.hint) for one in problems]


def problem_of(error: LlamaRunnerError) -> ApiProblem:
    """The answer for an error of ours; the most specific type wins."""
    if isinstance(error, UnknownEndpoint):
        return ApiProblem(
            404,
            "unknown_model",
            "No such model",
            str(error),
            hint="GET /api/ai-monitor/models lists the models that exist",
            known=error.known,
        )
    if isinstance(error, Refused):
        return ApiProblem(
            409, "refused", "Not possible now", str(error), hint="look at the model's state first"
        )
    if isinstance(error, StartFailed):
        return ApiProblem(
            502,
            "start_failed",
            "The model could not be started",
            str(error),
            hint="the model's log says more: GET /api/ai-monitor/logs?source=<name>",
        )
    if isinstance(error, HistoryError):
        return _history_problem_of(error)
    return _config_problem_of(error)


def _history_problem_of(error: HistoryError) -> ApiProblem:
    if isinstance(error, StoreUnavailable):
        return ApiProblem(
            503, "store_unreachable", "The history cannot be read", str(error), hint=error.hint
        )
    return ApiProblem(
        409,
        "history_off",
        "The history is off",
        str(error),
        hint="set history.enabled to true in the configuration",
    )


def _config_problem_of(error: LlamaRunnerError) -> ApiProblem:
    if isinstance(error, ConfigError):
        return ApiProblem(
            422,
            "bad_config",
            "The configuration was refused",
            "nothing was changed: " + _first(error),
            hint="`problems` lists everything that is wrong",
            problems=error.problems,
        )
    if isinstance(error, VersionConflict):
        hint = "read it again, and make your change to what is there now"
        return ApiProblem(
            409,
            "version_conflict",
            "Somebody was faster",
            str(error),
            hint=hint,
            version=error.present,
        )
    if isinstance(error, UnknownBackup):
        return ApiProblem(
            404,
            "unknown_backup",
            "No such backup",
            str(error),
            hint="GET /api/config/backups lists them",
            known=error.known,
        )
    if isinstance(error, NotSaved):
        hint = "nothing was changed; make room, or correct the rights of the folder"
        return ApiProblem(
            507, "not_saved", "The configuration was not saved", str(error), hint=hint
        )
    if isinstance(error, ApplyFailed):
        return ApiProblem(
            409,
            "apply_failed",
            "The change was undone",
            str(error),
            hint="everything is as it was before",
            step=error.step,
        )
    return _gateway_problem_of(error)


def _gateway_problem_of(error: LlamaRunnerError) -> ApiProblem:
    if isinstance(error, ModelNotFound):
        return ApiProblem(
            404,
            "unknown_model",
            "No such model",
            str(error),
            hint="GET /api/gateway lists the models",
            known=error.known,
        )
    if isinstance(error, NoUpstream):
        return ApiProblem(
            404, "no_upstream", "Nobody serves it", str(error), hint="look at its endpoint"
        )
    if isinstance(error, Postponed):
        wait_s = error.retry_after_s
        headers = {} if wait_s is None else {"retry-after": str(math.ceil(wait_s))}
        hint = "try again later" if wait_s is None else f"try again in {math.ceil(wait_s)} s"
        return ApiProblem(
            503, "not_ready", "Not possible now", str(error), hint=hint, headers=headers
        )
    return ApiProblem(500, "internal_error", "Something failed inside", str(error))


def _first(error: ConfigError) -> str:
    more = len(error.problems) - 1
    return f"{error.problems[0]}" + (f", and {more} more" if more > 0 else "")


def unknown_route(path: str) -> ApiProblem:
    """404 for an address that we do not have."""
    return ApiProblem(
        404,
        "unknown_route",
        "No such address",
        f"there is nothing at {path}",
        hint="GET /api/openapi.json lists every address",
    )


def wrong_method(method: str, path: str, allowed: Sequence[str]) -> ApiProblem:
    """405 with the methods that would work, also in the Allow header."""
    words = ", ".join(allowed)
    return ApiProblem(
        405,
        "wrong_method",
        "Wrong method",
        f"{method} does not work on {path}",
        hint=f"use {words}",
        headers={"allow": words},
    )


def internal_error() -> ApiProblem:
    """500 for a bug of ours; the details are in the log, not in the answer."""
    return ApiProblem(
        500,
        "internal_error",
        "Something failed inside",
        "the sidecar met an error that it did not expect",
        hint="logs/ai_monitor.log holds the details",
    )


def in_envelope(path: str) -> bool:
    """This address belongs to the family that answers in envelopes."""
    return path == ENVELOPE_PREFIX or path.startswith(ENVELOPE_PREFIX + "/")


def problem_bytes(path: str, problem: ApiProblem, clock: Clock) -> tuple[bytes, str]:
    """Body and content type of the answer to a request for `path`."""
    details = problem.details
    if in_envelope(path):
        answer = envelope(clock, details.detail, details, "error")
        return msgspec.json.encode(answer), "application/json"
    return msgspec.json.encode(details), "application/problem+json"


def problem_response(path: str, problem: ApiProblem, clock: Clock) -> Response:
    """The answer to a request for `path`."""
    body, media_type = problem_bytes(path, problem, clock)
    headers = {"cache-control": "no-store", **problem.headers}
    return Response(body, problem.details.status, headers, media_type)
