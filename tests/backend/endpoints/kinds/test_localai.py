"""What we know about LocalAI."""

from __future__ import annotations

from llama_runner_pro.endpoints.kind import base_url, join_url
from llama_runner_pro.endpoints.kinds.localai import PROFILE
from llama_runner_pro.endpoints.spec import EndpointSpec

SPEC = EndpointSpec(name="a", kind="localai")


def test_health_is_asked_for_readiness_not_for_mere_life() -> None:
    url = join_url(base_url(SPEC, PROFILE), PROFILE.health_path)
    assert url == "http://127.0.0.1:8080/readyz"


def test_its_metrics_are_not_those_of_llama_cpp() -> None:
    assert not PROFILE.native_metrics
