"""Addresses to listen on."""

from __future__ import annotations

import socket

import pytest

from llama_runner_pro.cli.hosts import exposed, is_address, names


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1", "0.0.0.0", "192.0.2.7"])
def test_addresses_and_localhost_are_addresses(host: str) -> None:
    assert is_address(host)


@pytest.mark.parametrize("host", ["", "example.org", "127.0.0", "not an address"])
def test_names_are_none(host: str) -> None:
    assert not is_address(host)


@pytest.mark.parametrize(
    ("host", "reachable"),
    [
        *(("localhost", False), ("127.0.0.1", False), ("127.9.9.9", False), ("::1", False)),
        *(("0.0.0.0", True), ("::", True), ("192.0.2.7", True)),
    ],
)
def test_only_loopback_is_out_of_reach_for_others(host: str, reachable: bool) -> None:
    assert exposed(host) is reachable


def test_we_answer_to_the_names_of_this_computer_when_we_listen_everywhere() -> None:
    assert names("127.0.0.1") == frozenset()
    assert names("192.0.2.7") == {"192.0.2.7"}
    assert {socket.gethostname(), "127.0.0.1"} <= names("0.0.0.0")
