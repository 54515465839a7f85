"""What we know about vLLM."""

from __future__ import annotations

from llama_runner_pro.endpoints.kind import base_url, join_url
from llama_runner_pro.endpoints.kinds.vllm import PROFILE
from llama_runner_pro.endpoints.spec import EndpointSpec

SPEC = EndpointSpec(name="a", kind="vllm")


def test_health_is_asked_at_its_health_path() -> None:
    url = join_url(base_url(SPEC, PROFILE), PROFILE.health_path)
    assert url == "http://127.0.0.1:8000/health"


def test_token_is_asked_of_a_named_model() -> None:
    assert PROFILE.inference_path == "/v1/chat/completions"
    assert PROFILE.inference_needs_model
