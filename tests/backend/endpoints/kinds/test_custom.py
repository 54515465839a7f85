"""What we know about a server of which only the user knows."""

from __future__ import annotations

from llama_runner_pro.endpoints.kind import base_url, join_url
from llama_runner_pro.endpoints.kinds.custom import PROFILE
from llama_runner_pro.endpoints.spec import EndpointSpec

SPEC = EndpointSpec(name="a", kind="custom", port=9000)


def test_health_is_asked_at_the_most_usual_path() -> None:
    url = join_url(base_url(SPEC, PROFILE), PROFILE.health_path)
    assert url == "http://127.0.0.1:9000/health"


def test_nothing_else_is_asked_of_it() -> None:
    assert PROFILE.inference_path is None
    assert not PROFILE.native_metrics
