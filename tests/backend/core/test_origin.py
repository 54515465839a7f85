"""Addresses of what listens on this computer."""

from __future__ import annotations

import pytest

from llama_runner_pro.core.origin import origin, reached_at


@pytest.mark.parametrize(
    ("host", "reached"),
    [("0.0.0.0", "127.0.0.1"), ("::", "::1"), ("127.0.0.1", "127.0.0.1"), ("nas", "nas")],
)
def test_who_listens_everywhere_is_reached_on_the_loopback_address(host: str, reached: str) -> None:
    assert reached_at(host) == reached


@pytest.mark.parametrize(
    ("host", "written"), [("127.0.0.1", "http://127.0.0.1:80"), ("::1", "http://[::1]:80")]
)
def test_an_ipv6_address_stands_in_brackets(host: str, written: str) -> None:
    assert origin(host, 80) == written
