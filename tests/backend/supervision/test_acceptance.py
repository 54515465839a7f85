"""What accepting a proposal changes."""

from __future__ import annotations

import pytest

from llama_runner_pro.endpoints.ports import Proposal
from llama_runner_pro.endpoints.spec import EndpointSpec
from llama_runner_pro.supervision.acceptance import changes_of

PORT = Proposal(kind="port", summary="use port 8082", port=8082)


@pytest.mark.parametrize(
    ("url", "changed"),
    [
        ("", {}),
        ("http://127.0.0.1", {}),
        ("http://127.0.0.1:8081", {"url": "http://127.0.0.1:8082"}),
        ("http://[::1]:8081/v1", {"url": "http://[::1]:8082/v1"}),
    ],
)
def test_a_port_changes_wherever_it_is_written(url: str, changed: dict[str, object]) -> None:
    spec = EndpointSpec(name="e", url=url, port=8081)
    assert changes_of(spec, PORT) == {"port": 8082, **changed}


def test_parameters_that_are_not_proposed_stay() -> None:
    spec = EndpointSpec(name="e", parameters={"ctx-size": 4096, "threads": 2})
    less = Proposal(kind="parameters", summary="less", parameters={"ctx-size": 2048})
    assert changes_of(spec, less) == {"parameters": {"ctx-size": 2048, "threads": 2}}
