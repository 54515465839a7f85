"""What we know about llama-server."""

from __future__ import annotations

from llama_runner_pro.endpoints.kind import base_url, join_url
from llama_runner_pro.endpoints.kinds.llamacpp import PROFILE
from llama_runner_pro.endpoints.spec import EndpointSpec

SPEC = EndpointSpec(name="a", kind="llamacpp")


def test_health_is_asked_where_it_tells_loading_from_ready() -> None:
    url = join_url(base_url(SPEC, PROFILE), PROFILE.health_path)
    assert url == "http://127.0.0.1:8080/health"


def test_token_can_be_asked_for_without_naming_the_one_model_it_has() -> None:
    assert PROFILE.inference_path == "/v1/completions"
    assert not PROFILE.inference_needs_model
    assert PROFILE.native_metrics
