from __future__ import annotations

import asyncio

import pytest
from fakes.clock import FakeClock
from fakes.discovery import FakeNetwork, recorded

from llama_runner_pro.supervision.process.ports import Holder
from llama_runner_pro.wiring.occupant import Occupants


def occupants(server: str | None, holder: Holder | None, **more: object) -> Occupants:
    clock = FakeClock()
    servers = {} if server is None else {11434: recorded(server)}

    async def find_holder(_: int) -> Holder | None:
        return holder

    network = FakeNetwork(clock, servers, **more)  # type: ignore[arg-type]
    return Occupants(network, clock, find_holder)


@pytest.mark.parametrize(
    ("server", "kind", "label"),
    [("ollama", "ollama", "Ollama"), ("lmstudio", "lmstudio", "LM Studio")],
)
async def test_a_real_server_is_named_with_its_process(server: str, kind: str, label: str) -> None:
    found = await occupants(server, Holder(42, "program")).at(11434)
    assert found is not None
    assert (found.text, found.kind) == (f"{label}, program (pid 42)", kind)


@pytest.mark.parametrize("server", ["stranger_all_ok", "stranger_dev_server"])
async def test_a_program_of_another_sort_has_no_family(server: str) -> None:
    found = await occupants(server, Holder(42, "nginx")).at(11434)
    assert found is not None
    assert (found.text, found.kind) == ("nginx (pid 42)", None)


async def test_a_server_whose_process_is_not_to_be_seen_is_told_by_its_answers() -> None:
    found = await occupants("ollama", None).at(11434)
    assert found is not None
    assert (found.text, found.kind) == ("Ollama, a process", "ollama")


async def test_nobody_is_nobody() -> None:
    assert await occupants(None, None).at(11434) is None


async def test_one_that_accepts_and_says_nothing_holds_us_up_for_two_seconds_at_most() -> None:
    clock = FakeClock()

    async def find_holder(_: int) -> Holder | None:
        return Holder(42, "silent")

    network = FakeNetwork(clock, {}, silent=frozenset({11434}))
    asking = asyncio.ensure_future(Occupants(network, clock, find_holder).at(11434))
    await clock.advance(2.1)
    found = await asking
    assert found is not None
    assert (found.text, found.kind) == ("silent (pid 42)", None)
