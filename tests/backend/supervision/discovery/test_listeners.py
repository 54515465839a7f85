"""Which sockets loopback reaches, and whose they are."""

from __future__ import annotations

import os
import socket
import sys

import pytest

from llama_runner_pro.supervision.discovery.listeners import (
    Process,
    merged,
    program_name,
    reached_by,
    read_listeners,
)

OWNERS: dict[int, tuple[str | None, tuple[Process, ...]]] = {
    1: ("ollama", ()),
    2: ("llama-server", (Process(1, "ollama"),)),
    3: ("docker-proxy", ()),
    4: ("docker-proxy", ()),
}


@pytest.mark.parametrize(
    ("bound", "reached"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.53", "127.0.0.53"),
        ("0.0.0.0", "127.0.0.1"),
        ("::1", "::1"),
        ("::", "::1"),
        ("::ffff:127.0.0.1", "127.0.0.1"),
        ("192.168.1.20", None),
        ("fe80::1%eth0", None),
        ("2001:db8::1", None),
        ("nonsense", None),
    ],
)
def test_only_sockets_that_loopback_reaches_count(bound: str, reached: str | None) -> None:
    assert reached_by(bound) == reached


def test_listeners_come_by_port_with_their_owners() -> None:
    sockets = [("127.0.0.1", 40213, 2), ("127.0.0.1", 11434, 1), ("10.0.0.5", 80, 3)]
    first, second = merged(sockets, OWNERS.__getitem__)
    assert (first.port, first.pid, first.program) == (11434, 1, "ollama")
    assert (second.port, second.parents) == (40213, (Process(1, "ollama"),))


def test_a_server_on_both_families_is_asked_once() -> None:
    sockets = [("::", 8080, 3), ("0.0.0.0", 8080, 4)]
    assert [(each.host, each.pid) for each in merged(sockets, OWNERS.__getitem__)] == [
        ("127.0.0.1", 4)
    ]


def test_two_programs_on_one_port_are_both_asked() -> None:
    sockets = [("::1", 8080, 2), ("127.0.0.1", 8080, 1)]
    found = merged(sockets, OWNERS.__getitem__)
    assert {(each.host, each.program) for each in found} == {
        ("127.0.0.1", "ollama"),
        ("::1", "llama-server"),
    }


def test_workers_that_share_a_port_are_one_server() -> None:
    sockets = [("0.0.0.0", 8000, None), ("0.0.0.0", 8000, 1), ("0.0.0.0", 8000, 2)]
    assert [each.pid for each in merged(sockets, OWNERS.__getitem__)] == [1]


@pytest.mark.parametrize(
    ("exe", "argv", "name"),
    [
        ("/usr/bin/ollama", ["ollama", "serve"], "ollama"),
        ("C:\\Program Files\\LM Studio\\LM Studio.exe", [], "lm studio"),
        ("/usr/bin/python3.11", ["python3", "/opt/v/bin/vllm", "serve", "m"], "vllm"),
        ("/usr/bin/python3.11", ["python3", "-m", "sglang.launch_server"], "sglang.launch_server"),
        ("/usr/bin/python3.11", ["python3"], "python3.11"),
        ("/usr/bin/node", ["node", "--inspect", "server.js"], "server.js"),
        ("", ["/opt/koboldcpp", "--model", "m"], "koboldcpp"),
        ("", [], ""),
    ],
)
def test_a_program_is_named_as_people_would(exe: str, argv: list[str], name: str) -> None:
    assert program_name(exe, argv) == name


def test_a_socket_of_this_process_is_found_with_its_parents() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        mine = next(each for each in read_listeners() if each.port == port)
    assert (mine.host, mine.pid) == ("127.0.0.1", os.getpid())
    assert mine.program is not None
    if sys.platform != "win32" and os.getppid() > 1:
        assert mine.parents[0].pid == os.getppid()
