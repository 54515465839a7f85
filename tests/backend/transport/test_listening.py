from __future__ import annotations

import errno
import socket

import pytest

from llama_runner_pro.transport.listening import bound_socket, listening_socket


def test_a_listening_socket_accepts_connections() -> None:
    with listening_socket("127.0.0.1", 0) as listening:
        address = listening.getsockname()
        with socket.create_connection(address, 5) as client, listening.accept()[0] as served:
            client.sendall(b"x")
            assert served.recv(1) == b"x"


@pytest.mark.parametrize("make", [bound_socket, listening_socket])
def test_a_port_that_somebody_listens_on_cannot_be_had(make: type) -> None:
    with listening_socket("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        with pytest.raises(OSError, match="in use") as taken:
            make("127.0.0.1", port)
    assert taken.value.errno == errno.EADDRINUSE


def test_of_two_that_are_bound_only_one_can_listen() -> None:
    with bound_socket("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with listening_socket("127.0.0.1", port), pytest.raises(OSError, match="in use"):
            first.listen()


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(OSError, match="assign") as refused:
        bound_socket("192.0.2.1", 0)
    assert refused.value.errno == errno.EADDRNOTAVAIL


def test_the_loopback_address_of_ipv6_works_as_well() -> None:
    with listening_socket("::1", 0) as listening:
        assert listening.family == socket.AF_INET6
