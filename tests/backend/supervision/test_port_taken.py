"""A foreign holder of a port, in words and with a way out."""

from __future__ import annotations

import pytest

from llama_runner_pro.endpoints.spec import EndpointSpec
from llama_runner_pro.supervision.port_taken import can_move, port_held


@pytest.mark.parametrize(
    ("spec", "moves"),
    [
        (EndpointSpec(name="e", start_command=("serve", "--port=${PORT}")), True),
        (EndpointSpec(name="e", start_command=("serve",), env={"PORT": "${PORT}"}), True),
        (EndpointSpec(name="e", start_command=("serve", "--port", "8081")), False),
        (EndpointSpec(name="e", kind="embedded", model_path="m.gguf"), True),
        (EndpointSpec(name="e", kind="llamacpp", model_path="m.gguf"), True),
        (EndpointSpec(name="e", kind="ollama"), False),
    ],
)
def test_an_endpoint_can_move_when_it_is_told_its_port(spec: EndpointSpec, moves: bool) -> None:
    assert can_move(spec) is moves


def test_the_holder_and_the_next_free_port_are_named() -> None:
    held = port_held(8081, "nginx (pid 99)", 8083)
    assert held.reason == "port 8081 is held by nginx (pid 99)"
    assert held.hint == "Accept port 8083, or stop that program and press Heal."
    assert held.final
    assert held.proposal is not None
    assert (held.proposal.port, held.proposal.summary) == (8083, "use port 8083 instead of 8081")


def test_without_a_free_port_nothing_is_proposed() -> None:
    held = port_held(8081, "nginx (pid 99)", None)
    assert held.proposal is None
    assert held.hint == ("Stop that program or give this endpoint another port, then press Heal.")
