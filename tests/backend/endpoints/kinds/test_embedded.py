"""What we know about our own engine."""

from __future__ import annotations

from llama_runner_pro.endpoints.kind import base_url, join_url
from llama_runner_pro.endpoints.kinds.embedded import PROFILE
from llama_runner_pro.endpoints.spec import EndpointSpec
from llama_runner_pro.engine.exit_codes import PREFIX, EngineExit

SPEC = EndpointSpec(name="a", kind="embedded")


def test_health_is_asked_as_of_any_llama_server() -> None:
    url = join_url(base_url(SPEC, PROFILE), PROFILE.health_path)
    assert url == "http://127.0.0.1:8586/health"


def test_it_has_the_metrics_of_llama_cpp_and_one_model() -> None:
    assert PROFILE.native_metrics
    assert not PROFILE.inference_needs_model


def test_exit_codes_and_complaints_are_those_of_the_engine() -> None:
    final = {
        EngineExit.BAD_ARGUMENTS,
        EngineExit.NOT_A_GGUF,
        EngineExit.MODEL_MISSING,
        EngineExit.NOT_INSTALLED,
    }
    assert PROFILE.final_exit_codes == final
    assert PROFILE.complaint_prefix == PREFIX
