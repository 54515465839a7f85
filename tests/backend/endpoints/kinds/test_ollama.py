"""What we know about Ollama."""

from __future__ import annotations

from llama_runner_pro.endpoints.kind import base_url, join_url
from llama_runner_pro.endpoints.kinds.ollama import PROFILE
from llama_runner_pro.endpoints.spec import EndpointSpec

SPEC = EndpointSpec(name="a", kind="ollama")


def test_health_is_asked_for_its_version_which_loads_no_model() -> None:
    url = join_url(base_url(SPEC, PROFILE), PROFILE.health_path)
    assert url == "http://127.0.0.1:11434/api/version"


def test_token_is_asked_for_in_its_own_dialect_of_a_named_model() -> None:
    assert PROFILE.inference_path == "/api/generate"
    assert PROFILE.inference_dialect == "ollama"
    assert PROFILE.inference_needs_model
