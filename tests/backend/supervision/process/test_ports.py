"""Free ports and their holders, on real sockets."""

from __future__ import annotations

import os
import socket

import psutil

from llama_runner_pro.supervision.process.ports import Holder, holder, is_free


async def test_listening_process_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        found = await holder(port)
        name = psutil.Process().name()
        assert found == Holder(os.getpid(), name)
        assert found.text == f"{name} (pid {os.getpid()})"
        assert not is_free("127.0.0.1", port)
    assert is_free("127.0.0.1", port)
    assert await holder(port) is None


def test_listener_on_all_addresses_takes_loopback_too() -> None:
    with socket.create_server(("0.0.0.0", 0)) as listener:
        assert not is_free("127.0.0.1", listener.getsockname()[1])


def test_ipv6_listener_is_seen_on_its_address() -> None:
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as listener:
        assert not is_free("::1", listener.getsockname()[1])


def test_port_in_time_wait_counts_as_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        client = socket.create_connection(("127.0.0.1", port))
        accepted, _ = listener.accept()
        # The side that closes first keeps the connection in TIME_WAIT.
        accepted.close()
        assert client.recv(1) == b""
        client.close()
    assert is_free("127.0.0.1", port)


async def test_client_of_a_port_is_not_its_holder() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.create_connection(listener.getsockname()) as client,
    ):
        assert await holder(client.getsockname()[1]) is None


def test_holder_that_we_may_not_see_is_said_to_be_somebody_elses() -> None:
    assert Holder(None, None).text == "a process of another user"
    assert Holder(7, None).text == "a process (pid 7)"
