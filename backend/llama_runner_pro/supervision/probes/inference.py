"""The last word on whether a model works: one generated token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from llama_runner_pro.core.unreadable import UNREADABLE
from llama_runner_pro.endpoints.kind import base_url, join_url
from llama_runner_pro.supervision.probes.http import Http, exchange, refusal_of
from llama_runner_pro.supervision.probes.result import ProbeResult

if TYPE_CHECKING:
    from llama_runner_pro.endpoints.kind import KindProfile
    from llama_runner_pro.endpoints.spec import EndpointSpec


async def one_token(
    http: Http, spec: EndpointSpec, profile: KindProfile, timeout_s: float
) -> ProbeResult | None:
    """Have the endpoint generate one token. Never raises for a sick endpoint.

    None when there is nothing to ask: the kind has no such call, or it would have to name a
    model and none is configured. A busy endpoint (429) is well. Cancelling is safe.
    """
    path = spec.probes.inference.path or profile.inference_path
    if path is None or (profile.inference_needs_model and spec.model is None):
        return None
    url = join_url(base_url(spec, profile), path)
    body = msgspec.json.encode(_request(spec, profile, path))
    answer = await exchange(http, "POST", url, spec, timeout_s, body)
    if isinstance(answer, ProbeResult):
        return answer
    if answer.status == 429:
        return ProbeResult("ok", "busy with other requests", answer.elapsed_ms)
    refused = refusal_of(answer)
    if refused is not None:
        return refused
    if not _has_text(answer.body, profile):
        return ProbeResult("failed", "the answer holds no generated text", answer.elapsed_ms)
    return ProbeResult("ok", response_ms=answer.elapsed_ms)


def _request(spec: EndpointSpec, profile: KindProfile, path: str) -> dict[str, object]:
    """One word in, one token out, the same each time so that a server can reuse its cache.

    OpenAI's older call takes the bare word, the newer one a conversation.
    """
    named: dict[str, object] = {} if spec.model is None else {"model": spec.model}
    if profile.inference_dialect == "ollama":
        options = {"num_predict": 1, "temperature": 0}
        return {**named, "prompt": "Hi", "stream": False, "options": options}
    bare = path.endswith("/completions") and not path.endswith("/chat/completions")
    word = {"prompt": "Hi"} if bare else {"messages": [{"role": "user", "content": "Hi"}]}
    return {**named, **word, "max_tokens": 1, "temperature": 0, "stream": False}


def _has_text(body: bytes, profile: KindProfile) -> bool:
    """True when the answer has the shape of a completion; the one token itself may be empty."""
    try:
        document: Any = msgspec.json.decode(body)
    except UNREADABLE:
        return False
    if not isinstance(document, dict):
        return False
    if profile.inference_dialect == "ollama":
        return isinstance(document.get("response"), str)
    choices = document.get("choices")
    return isinstance(choices, list) and len(choices) > 0
