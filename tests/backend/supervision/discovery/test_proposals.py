"""Endpoints that can be accepted as they are."""

from __future__ import annotations

import msgspec
import pytest
from fakes.discovery import SERVERS, FakeNetwork, recorded
from msgspec.structs import replace

from llama_runner_pro.core.clock import SystemClock
from llama_runner_pro.endpoints.kind import base_url as endpoint_url
from llama_runner_pro.endpoints.kinds import profile
from llama_runner_pro.endpoints.spec import EndpointSpec
from llama_runner_pro.supervision.discovery.fingerprints import Match, fingerprint
from llama_runner_pro.supervision.discovery.installed import STARTABLES, Program
from llama_runner_pro.supervision.discovery.products import PRODUCTS
from llama_runner_pro.supervision.discovery.proposals import Proposals, base_url
from llama_runner_pro.supervision.probes.http import health
from llama_runner_pro.supervision.process.command import Runtime, build_command

RUNTIME = Runtime(executable="python", frozen=False, environ={}, home="/home/me")


def matched(name: str) -> Match:
    """A recorded server, recognised."""
    server = recorded(name)
    match = fingerprint(server.answers(), server.program, server.port)
    assert match is not None
    return match


@pytest.mark.parametrize("name", SERVERS)
def test_a_running_server_is_proposed_as_an_endpoint_that_finds_it_well(name: str) -> None:
    match, server = matched(name), recorded(name)
    document = Proposals([], []).watch(match, "127.0.0.1", server.port)
    spec = msgspec.convert(document, EndpointSpec)
    assert spec.start_command is None
    where = endpoint_url(spec, profile(spec.kind))
    assert where == base_url(match.product, "127.0.0.1", server.port)
    health_path = spec.health_endpoint or profile(spec.kind).health_path
    assert (where + health_path).startswith("http://127.0.0.1:")


# One refuses without its key, one still loads, and the recording of one lacks /readyz.
NOT_WELL = {"jan_with_key", "llamacpp_loading", "localai_older"}
HEALTHY = [name for name in SERVERS if name not in NOT_WELL]


@pytest.mark.parametrize("name", HEALTHY)
async def test_the_health_check_of_the_proposal_passes_at_the_server(name: str) -> None:
    server = recorded(name)
    spec = msgspec.convert(
        Proposals([], []).watch(matched(name), "127.0.0.1", server.port), EndpointSpec
    )
    network = FakeNetwork(SystemClock(), {server.port: server})
    result = await health(network, spec, profile(spec.kind), 1.0)
    assert result.verdict == "ok", result


def test_the_one_model_of_a_server_is_named_and_a_choice_is_not_made() -> None:
    proposals = Proposals([], [])
    assert proposals.watch(matched("vllm"), "127.0.0.1", 8000)["model"].startswith("Qwen/")
    assert "model" not in proposals.watch(matched("ollama"), "127.0.0.1", 11434)
    two = replace(matched("vllm"), models=("a", "b"))
    assert "model" not in proposals.watch(two, "127.0.0.1", 8001)


def test_names_do_not_clash_with_known_ones_nor_with_each_other() -> None:
    proposals = Proposals(["Ollama", "vllm-8001"], [])
    match = matched("ollama")
    names = [proposals.watch(match, "127.0.0.1", port)["name"] for port in (11434, 11434, 9, 9)]
    assert names == ["ollama-2", "ollama-3", "ollama-9", "ollama-9-2"]
    assert proposals.watch(matched("vllm"), "127.0.0.1", 8001)["name"] == "vllm-8001-2"


def test_an_address_of_the_newer_family_is_written_in_brackets() -> None:
    document = Proposals([], []).watch(matched("llamacpp"), "::1", 8080)
    assert document["url"] == "http://[::1]:8080"


@pytest.mark.parametrize(
    "startable",
    [each for each in STARTABLES if each.supervised],
    ids=lambda startable: startable.product,
)
def test_an_installed_program_is_proposed_with_a_command_that_can_be_run(startable) -> None:  # type: ignore[no-untyped-def]
    installed = Proposals([], []).start(Program(startable, "/opt/bin/it"))
    assert installed.proposal is not None
    given = dict.fromkeys(installed.needs, "/models/m.gguf")
    spec = msgspec.convert({**installed.proposal, **given}, EndpointSpec)
    command = build_command(spec, nonce="n", runtime=RUNTIME)
    assert command.argv[0] == "/opt/bin/it"
    told = " ".join([*command.argv, *(command.env[name] for name in startable.env)])
    assert str(PRODUCTS[startable.product].ports[0]) in told
    assert "${" not in told
    assert ("/models/m.gguf" in told) == bool(installed.needs)


@pytest.mark.parametrize("product", ["lmstudio", "jan"])
def test_a_program_that_runs_by_itself_comes_with_words_instead(product: str) -> None:
    startable = next(each for each in STARTABLES if each.product == product)
    installed = Proposals([], []).start(Program(startable, "/opt/bin/it"))
    assert installed.proposal is None
    assert installed.note


def test_programs_that_are_to_be_started_get_ports_of_their_own() -> None:
    proposals = Proposals([], [8080])
    found = [
        proposals.start(Program(each, "/opt/bin/it"))
        for each in STARTABLES
        if each.product in ("llamacpp", "localai")
    ]
    assert [each.proposal["port"] for each in found if each.proposal] == [8081, 8082]
    assert [each.proposal["name"] for each in found if each.proposal] == [
        "llamacpp-8081",
        "localai-8082",
    ]
