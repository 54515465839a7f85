"""What we know about LM Studio."""

from __future__ import annotations

from llama_runner_pro.endpoints.kind import base_url, join_url
from llama_runner_pro.endpoints.kinds.lmstudio import PROFILE
from llama_runner_pro.endpoints.spec import EndpointSpec

SPEC = EndpointSpec(name="a", kind="lmstudio")


def test_health_is_asked_by_its_list_of_models() -> None:
    url = join_url(base_url(SPEC, PROFILE), PROFILE.health_path)
    assert url == "http://127.0.0.1:1234/v1/models"


def test_token_is_asked_of_a_named_model_only_since_asking_loads_it() -> None:
    assert PROFILE.inference_path == "/v1/chat/completions"
    assert PROFILE.inference_needs_model
