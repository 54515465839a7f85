"""One look at a computer: what is found, marked, proposed and left alone."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from fakes.clock import FakeClock
from fakes.discovery import SERVERS, FakeNetwork, recorded
from fakes.supervisor import view

from llama_runner_pro.core.clock import SystemClock
from llama_runner_pro.supervision.discovery.installed import STARTABLES, Program
from llama_runner_pro.supervision.discovery.listeners import Listener, Process
from llama_runner_pro.supervision.discovery.products import USUAL_PORTS
from llama_runner_pro.supervision.discovery.scan import SCAN_S, Machine, discover, known_ports, look

if TYPE_CHECKING:
    from llama_runner_pro.supervision.discovery.findings import Discovery, FoundServer

OURS = 77


@dataclass(frozen=True)
class Endpoint:
    """A configured endpoint, as far as discovery cares."""

    name: str
    url: str
    port: int | None = None


def at(port: int, pid: int | None = 1, program: str | None = None, *parents: Process) -> Listener:
    """A socket."""
    return Listener(host="127.0.0.1", port=port, pid=pid, program=program, parents=parents)


def computer(*listeners: Listener, programs: tuple[str, ...] = ()) -> Machine:
    """A computer with these sockets and programs."""
    installed = [
        Program(each, f"/opt/{each.names[0]}") for each in STARTABLES if each.product in programs
    ]
    return Machine(lambda: listeners, lambda: installed, OURS)


async def looked(
    network: FakeNetwork, machine: Machine, *known: Endpoint, clock: FakeClock | None = None
) -> Discovery:
    """Discover while time passes as needed."""
    clock = clock or FakeClock()
    task = asyncio.ensure_future(discover(network, clock, known, machine))
    while not task.done():
        await clock.advance(0.05)
        await asyncio.to_thread(time.sleep, 0)
    return task.result()


def network(clock: FakeClock | None = None, **servers: str) -> FakeNetwork:
    """Recorded servers at ports given as `at_11434="ollama"`."""
    at_ports = {int(key.removeprefix("at_")): recorded(name) for key, name in servers.items()}
    return FakeNetwork(clock or FakeClock(), at_ports)


def by_port(discovery: Discovery) -> dict[int, FoundServer]:
    """The found servers."""
    return {server.port: server for server in discovery.found}


async def test_every_recorded_server_is_found_among_all_others() -> None:
    servers = {40_000 + number: name for number, name in enumerate(SERVERS)}
    crowd = FakeNetwork(FakeClock(), {port: recorded(name) for port, name in servers.items()})
    sockets = [at(port, port) for port in servers]
    found = by_port(await looked(crowd, computer(*sockets)))
    # What is only likely rests on port and program, and these are other ones.
    certain = {
        port: (recorded(name).expect or {})["product"]
        for port, name in servers.items()
        if (recorded(name).expect or {})["confidence"] == "certain"
    }
    assert {port: found[port].product for port in certain} == certain


async def test_a_server_comes_with_owner_models_and_an_endpoint_to_accept() -> None:
    found = await looked(network(at_11434="ollama"), computer(at(11434, 812, "ollama")))
    (ollama,) = found.found
    assert (ollama.label, ollama.pid, ollama.program) == ("Ollama", 812, "ollama")
    assert ollama.models == ("llama3.1:8b", "nomic-embed-text:latest")
    assert ollama.proposal == {"name": "ollama", "kind": "ollama", "url": "http://127.0.0.1:11434"}
    assert ollama.configured_as is None
    assert found.complete


async def test_a_server_in_a_container_is_found_at_its_usual_port() -> None:
    found = await looked(network(at_1234="lmstudio"), computer())
    assert [(server.product, server.pid) for server in found.found] == [("lmstudio", None)]


async def test_a_configured_endpoint_is_marked_and_not_proposed_again() -> None:
    endpoint = Endpoint("mine", "http://localhost:11434")
    found = await looked(network(at_11434="ollama"), computer(), endpoint)
    assert found.found[0].configured_as == "mine"
    assert found.found[0].proposal is None


async def test_a_configured_endpoint_is_found_at_an_unusual_port_too() -> None:
    endpoint = Endpoint("mine", "http://127.0.0.1", 9000)
    found = await looked(network(at_9000="openai_alike"), computer(), endpoint)
    assert found.found[0].configured_as == "mine"


async def test_a_child_is_shown_behind_its_parent_and_not_proposed() -> None:
    sockets = [
        at(8001, 900, "llama-server", Process(800, "lemond")),
        at(8080, 1000, "llama-server"),
        at(13305, 800, "lemond"),
    ]
    servers = network(at_8001="llamacpp", at_8080="llamacpp", at_13305="lemonade")
    found = await looked(servers, computer(*sockets))
    assert [server.port for server in found.found] == [8080, 13305, 8001]
    child = found.found[2]
    assert child.part_of is not None
    assert (child.part_of.label, child.part_of.pid) == ("Lemonade", 800)
    assert child.proposal is None
    assert child.note == "It belongs to Lemonade (pid 800), which starts and stops it."


async def test_a_server_that_wants_a_key_says_what_to_do() -> None:
    found = await looked(network(at_5000="tabbyapi"), computer(at(5000)))
    assert found.found[0].needs_key
    assert "API key" in (found.found[0].note or "")


async def test_our_own_sockets_are_not_asked() -> None:
    servers = network(at_11434="ollama", at_8585="stranger_ourselves")
    found = await looked(servers, computer(at(11434, OURS), at(8585, OURS)))
    assert found.found == ()
    assert not {11434, 8585} & {port for port, _ in servers.asked}


@pytest.mark.parametrize("port", [22, 5432, 6379])
async def test_servers_of_other_protocols_are_left_alone(port: int) -> None:
    servers = network()
    await looked(servers, computer(at(port)))
    assert servers.paths(port) == []


async def test_what_is_installed_and_does_not_run_is_proposed_with_a_free_port() -> None:
    machine = computer(
        at(11434, 812, "ollama"),
        at(8080, 5, "nginx"),
        programs=("ollama", "llamacpp", "lmstudio"),
    )
    found = await looked(network(at_11434="ollama"), machine)
    assert {each.product for each in found.installed} == {"llamacpp", "lmstudio"}
    by_product: dict[str, Any] = {each.product: each for each in found.installed}
    assert by_product["llamacpp"].proposal["port"] == 8081
    assert by_product["llamacpp"].needs == ("model_path",)
    assert by_product["lmstudio"].proposal is None


async def test_a_program_whose_child_runs_counts_as_running() -> None:
    machine = computer(at(8001, 900, "llama-server", Process(800, "jan")), programs=("jan",))
    found = await looked(network(at_8001="llamacpp"), machine)
    assert found.installed == ()


async def test_our_own_engine_does_not_hide_that_llama_server_is_installed() -> None:
    machine = computer(at(8590, 5, "llama_runner_pro.engine"), programs=("llamacpp",))
    found = await looked(network(at_8590="embedded"), machine)
    assert [each.product for each in found.installed] == ["llamacpp"]
    assert found.found[0].note == "It is an engine of LlamaRunner Pro that this one did not start."
    watched = await looked(
        network(at_8590="embedded"), machine, Endpoint("demo", "http://127.0.0.1:8590")
    )
    assert watched.found[0].note is None


async def test_a_crowd_of_silent_sockets_does_not_hold_the_scan_up() -> None:
    clock = FakeClock()
    silent = frozenset(range(20_000, 20_400))
    crowd = FakeNetwork(clock, {11434: recorded("ollama")}, silent=silent)
    crowd.servers = {**crowd.servers, 30_000: recorded("vllm")}
    sockets = [at(port, port) for port in silent] + [at(11434, 1, "ollama"), at(30_000, 2)]
    known = Endpoint("mine", "http://127.0.0.1:30000")
    found = await looked(crowd, computer(*sockets), known, clock=clock)
    assert clock.monotonic() <= SCAN_S + 0.1
    assert not found.complete
    assert [server.product for server in found.found] == ["ollama", "vllm"]


async def test_a_table_of_sockets_that_never_comes_ends_the_scan_in_time() -> None:
    import threading

    clock, stuck = FakeClock(), threading.Event()
    machine = Machine(lambda: stuck.wait() or [], list, OURS)  # type: ignore[arg-type,return-value]
    found = await looked(network(), machine, clock=clock)
    stuck.set()
    assert (found.found, found.complete) == ((), False)
    assert found.took_ms == pytest.approx(SCAN_S * 1000, abs=100)


async def test_an_empty_computer_is_an_answer() -> None:
    servers = network()
    found = await looked(servers, computer())
    assert (found.found, found.installed, found.complete) == ((), (), True)
    assert {port for port, _ in servers.asked} == set(USUAL_PORTS)


def test_only_endpoints_on_this_computer_are_known_by_port() -> None:
    endpoints = [
        Endpoint("here", "http://127.0.0.1:1"),
        Endpoint("named", "http://localhost", 2),
        Endpoint("there", "http://192.168.1.9:3"),
        Endpoint("bare", "", 4),
        Endpoint("twice", "http://127.0.0.1:1"),
    ]
    assert known_ports(endpoints) == {1: "here", 2: "named", 4: "bare"}


def test_the_views_of_the_supervisor_are_known_endpoints() -> None:
    assert known_ports([view("demo")]) == {view("demo").port: "demo"}


async def test_this_computer_can_be_looked_at() -> None:
    assert (await look(SystemClock(), [])).took_ms > 0
