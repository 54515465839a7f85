"""Servers that belong to other programs."""

from __future__ import annotations

from fakes.discovery import recorded

from llama_runner_pro.supervision.discovery.fingerprints import fingerprint
from llama_runner_pro.supervision.discovery.kinship import Sighting, part_of
from llama_runner_pro.supervision.discovery.listeners import Listener, Process


def seen(name: str, pid: int | None, *parents: Process, port: int = 8001) -> Sighting:
    """A recorded server at a process."""
    match = fingerprint(recorded(name).answers())
    assert match is not None
    return Sighting(Listener(host="127.0.0.1", port=port, pid=pid, parents=parents), match)


SHELL = Process(50, "bash")


def test_a_child_belongs_to_the_parent_that_answers_too() -> None:
    parent = seen("ollama", 100, SHELL, port=11434)
    child = seen("llamacpp", 200, Process(150, "sh"), Process(100, "ollama"), SHELL)
    owner = part_of(child, [parent, child])
    assert owner is not None
    assert (owner.product, owner.pid, owner.url) == ("ollama", 100, "http://127.0.0.1:11434")
    assert part_of(parent, [parent, child]) is None


def test_a_routers_children_belong_to_it() -> None:
    router = seen("llamacpp_router", 100, SHELL, port=8080)
    child = seen("llamacpp", 200, Process(100, "llama-server"), SHELL)
    owner = part_of(child, [child, router])
    assert owner is not None
    assert owner.product == "llamacpp-router"


def test_a_child_belongs_to_a_program_that_runs_servers_even_if_that_does_not_answer() -> None:
    child = seen("llamacpp", 200, Process(100, "jan"))
    owner = part_of(child, [child])
    assert owner is not None
    assert (owner.product, owner.label, owner.url) == ("jan", "Jan", None)


def test_a_server_from_a_shell_or_a_service_is_its_own() -> None:
    alone = seen("llamacpp", 200, SHELL, Process(30, "systemd"))
    assert part_of(alone, [alone, seen("ollama", 100, port=11434)]) is None


def test_a_server_on_two_ports_is_not_part_of_itself() -> None:
    first, second = seen("vllm", 100, port=8000), seen("vllm", 100, port=8001)
    assert part_of(first, [first, second]) is None


def test_without_a_known_process_nothing_is_related() -> None:
    hidden = seen("ollama", None, port=11434)
    child = seen("llamacpp", 200, Process(100, "bash"))
    assert part_of(child, [hidden, child]) is None
    assert part_of(hidden, [hidden, child]) is None
