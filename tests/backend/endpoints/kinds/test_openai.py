"""What we know about a server that speaks the OpenAI API."""

from __future__ import annotations

from llama_runner_pro.endpoints.kind import base_url, join_url
from llama_runner_pro.endpoints.kinds.openai import PROFILE
from llama_runner_pro.endpoints.spec import EndpointSpec

SPEC = EndpointSpec(name="a", kind="openai", url="https://models.example/v1")


def test_health_is_asked_by_its_list_of_models_also_below_a_url_with_the_version() -> None:
    url = join_url(base_url(SPEC, PROFILE), PROFILE.health_path)
    assert url == "https://models.example/v1/models"


def test_it_has_no_usual_port() -> None:
    assert PROFILE.default_port is None
