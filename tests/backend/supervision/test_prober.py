"""Which check answers which question."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from llama_runner_pro.core.errors import DeadlineExceeded
from llama_runner_pro.endpoints.spec import EndpointSpec, ProbeSpec, ProbesSpec
from llama_runner_pro.supervision.prober import EndpointProber
from llama_runner_pro.transport.client import Response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llama_runner_pro.supervision.events import Purpose


class Asked:
    """Answers every request well and remembers what was asked with which deadline."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, float]] = []

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
        """200 with the shape of a completion."""
        self.requests.append((method, url, deadline_s))
        return Response(200, {}, json.dumps({"choices": [{"text": "."}]}).encode(), 1.0)


class Silent:
    """Never answers in time."""

    async def request(self, method: str, url: str, **_: object) -> Response:
        """Raise as the transport does."""
        raise DeadlineExceeded(f"no answer from {url}")


def embedded(**more: object) -> EndpointSpec:
    return EndpointSpec(name="one", kind="embedded", port=9000, model_path="m.gguf", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("purpose", ["first", "startup", "liveness"])
async def test_health_is_asked_with_the_health_check(purpose: Purpose) -> None:
    http = Asked()
    result = await EndpointProber(http, embedded()).check(purpose)
    assert result.verdict == "ok"
    assert http.requests == [("GET", "http://127.0.0.1:9000/health", 2.0)]


@pytest.mark.parametrize("purpose", ["verify", "verify_ready"])
async def test_the_last_word_is_one_generated_token(purpose: Purpose) -> None:
    http = Asked()
    await EndpointProber(http, embedded()).check(purpose)
    assert http.requests == [("POST", "http://127.0.0.1:9000/v1/chat/completions", 30.0)]


@pytest.mark.parametrize(
    "spec",
    [
        pytest.param(
            embedded(probes=ProbesSpec(inference=ProbeSpec(enabled=False))), id="switched off"
        ),
        pytest.param(
            EndpointSpec(name="one", kind="custom", url="http://127.0.0.1:9000"), id="no such call"
        ),
        pytest.param(
            EndpointSpec(name="one", kind="ollama", url="http://127.0.0.1:9000"), id="no model"
        ),
    ],
)
async def test_without_an_inference_call_the_health_check_decides(spec: EndpointSpec) -> None:
    http = Asked()
    await EndpointProber(http, spec).check("verify")
    assert [method for method, _, _ in http.requests] == ["GET"]


async def test_the_timeout_of_an_older_config_overrides_the_probes_own() -> None:
    http = Asked()
    await EndpointProber(http, embedded(timeout=9.5)).check("liveness")
    assert http.requests[0][2] == 9.5


async def test_a_silent_endpoint_is_a_verdict_not_an_error() -> None:
    result = await EndpointProber(Silent(), embedded()).check("liveness")
    assert result.verdict == "timeout"
