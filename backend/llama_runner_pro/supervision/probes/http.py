"""The health check: one GET, one verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import msgspec

from llama_runner_pro.core.errors import ConnectRefused, DeadlineExceeded, TransportError
from llama_runner_pro.core.unreadable import UNREADABLE
from llama_runner_pro.endpoints.kind import base_url, join_url
from llama_runner_pro.supervision.probes.result import ProbeResult

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llama_runner_pro.endpoints.kind import KindProfile
    from llama_runner_pro.endpoints.spec import EndpointSpec
    from llama_runner_pro.transport.client import Response

_LIMIT_BYTES = 1_000_000
_SHOWN_CHARACTERS = 120
_LOADING_WORDS = ("loading", "starting", "initializ", "warming")


class Http(Protocol):
    """What probes need of `transport.client.HttpClient`."""

    async def request(
        self,
        method: str,
        url: str,
        *,
        deadline_s: float,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        limit_bytes: int = 1_000_000,
    ) -> Response:
        """One exchange; raises `TransportError`."""
        ...


async def health(
    http: Http, spec: EndpointSpec, profile: KindProfile, timeout_s: float
) -> ProbeResult:
    """Ask the endpoint how it is. Never raises for a sick endpoint; cancelling is safe.

    Status 200 to 399 counts as well, if the answer contains `expected_response` where one is
    configured. 503 that speaks of loading means just that.
    """
    path = spec.health_endpoint or spec.probes.readiness.path or profile.health_path
    url = join_url(base_url(spec, profile), path)
    answer = await exchange(http, "GET", url, spec, timeout_s)
    if isinstance(answer, ProbeResult):
        return answer
    return _judged(answer, spec.expected_response)


async def exchange(
    http: Http, method: str, url: str, spec: EndpointSpec, timeout_s: float, body: bytes = b""
) -> Response | ProbeResult:
    """One request with the endpoint's headers; a failed one becomes a verdict."""
    headers = dict(spec.headers)
    if body:
        headers["content-type"] = "application/json"
    try:
        return await http.request(
            method, url, deadline_s=timeout_s, headers=headers, body=body, limit_bytes=_LIMIT_BYTES
        )
    except ConnectRefused as error:
        return ProbeResult("refused", str(error) or "nobody listens there")
    except DeadlineExceeded as error:
        return ProbeResult("timeout", str(error) or f"no answer within {timeout_s:g} s")
    except TransportError as error:
        return ProbeResult("failed", str(error) or "the answer is not HTTP")


def refusal_of(answer: Response) -> ProbeResult | None:
    """The verdict on a status that does not count as well; None for 200 to 399."""
    if 200 <= answer.status < 400:
        return None
    message = error_message(answer.body)
    if answer.status == 503 and any(word in message.lower() for word in _LOADING_WORDS):
        return ProbeResult("loading", message, answer.elapsed_ms)
    told = f"status {answer.status}" + (f": {message}" if message else "")
    return ProbeResult("failed", told, answer.elapsed_ms)


def error_message(body: bytes) -> str:
    """What an error body says, in one short line. Understands the shapes model servers use."""
    try:
        document = msgspec.json.decode(body)
    except UNREADABLE:
        # A page is meant for browsers; its source tells people nothing.
        return "" if body.lstrip()[:1] == b"<" else _one_line(body.decode("utf-8", "replace"))
    while isinstance(document, dict):
        document = next(
            (document[key] for key in ("error", "message", "detail", "status") if key in document),
            "",
        )
    return _one_line(document) if isinstance(document, str) else ""


def _judged(answer: Response, expected: str | None) -> ProbeResult:
    refused = refusal_of(answer)
    if refused is not None:
        return refused
    if expected is not None and expected.encode() not in answer.body:
        reason = f"the answer does not contain {expected!r}"
        return ProbeResult("failed", reason, answer.elapsed_ms)
    return ProbeResult("ok", response_ms=answer.elapsed_ms)


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    if len(line) <= _SHOWN_CHARACTERS:
        return line
    return line[: _SHOWN_CHARACTERS - 1] + "…"
