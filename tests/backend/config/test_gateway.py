"""The gateway's settings: defaults that serve one user on one computer."""

from __future__ import annotations

import msgspec
import pytest

from llama_runner_pro.config.gateway import GatewaySpec, is_exposed


def test_nobody_else_gets_in_unless_somebody_says_so() -> None:
    spec = GatewaySpec()
    assert not is_exposed(spec.host)
    assert not spec.capture.enabled
    assert (spec.openai.port, spec.ollama.port) == (1234, 11434)


def test_closing_one_door_needs_no_ports_written_down() -> None:
    spec = msgspec.convert({"openai": {"port": 4321}, "ollama": {"enabled": False}}, GatewaySpec)
    assert (spec.openai.port, spec.openai.alternative_port) == (4321, 1235)
    assert (spec.ollama.enabled, spec.ollama.port) == (False, 11434)


@pytest.mark.parametrize(
    ("host", "exposed"),
    [("127.0.0.1", False), ("localhost", False), ("::1", False), ("0.0.0.0", True), ("::", True)],
)
def test_which_addresses_others_can_reach(host: str, exposed: bool) -> None:
    assert is_exposed(host) is exposed


def test_a_name_is_no_address() -> None:
    with pytest.raises(ValueError, match="my-pc"):
        is_exposed("my-pc")
