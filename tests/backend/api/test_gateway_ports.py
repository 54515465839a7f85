"""The gateway as the API sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakes.gateway import FakeGateway

if TYPE_CHECKING:
    from llama_runner_pro.api.gateway_ports import Gatewaying


def test_the_fake_is_one() -> None:
    gateway: Gatewaying = FakeGateway()
    assert gateway.view().enabled
