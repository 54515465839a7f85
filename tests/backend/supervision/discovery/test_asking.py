"""Questions to sockets: few at once, and none that is not worth while."""

from __future__ import annotations

import asyncio

import pytest
from fakes.clock import FakeClock
from fakes.discovery import FakeNetwork, recorded

from llama_runner_pro.supervision.discovery.answers import (
    FURTHER,
    HEALTH,
    MODELS,
    OPENING,
    Answers,
)
from llama_runner_pro.supervision.discovery.asking import AT_ONCE, AT_ONCE_EACH, PROBE_S, Asking
from llama_runner_pro.supervision.discovery.fingerprints import fingerprint
from llama_runner_pro.supervision.discovery.listeners import Listener


async def asked(network: FakeNetwork, clock: FakeClock, *listeners: Listener) -> list[Answers]:
    """Ask everybody, letting time pass as needed."""
    asking = Asking(network)
    all_answers = [Answers() for _ in listeners]
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(asking.ask(listener, answers))
            for listener, answers in zip(listeners, all_answers, strict=True)
        ]
        while not all(task.done() for task in tasks):
            await clock.advance(PROBE_S)
    return all_answers


def at(port: int, program: str | None = None, host: str = "127.0.0.1") -> Listener:
    """A socket."""
    return Listener(host=host, port=port, pid=1, program=program)


async def test_a_model_server_is_asked_everything() -> None:
    clock = FakeClock()
    network = FakeNetwork(clock, {9000: recorded("openai_alike")})
    (answers,) = await asked(network, clock, at(9000))
    assert set(network.paths(9000)) == {*OPENING, *FURTHER, HEALTH}
    assert set(answers.by_path) == {*OPENING, *FURTHER, HEALTH}


@pytest.mark.parametrize("name", ["litellm", "litellm_with_key"])
async def test_a_proxy_whose_health_check_costs_money_is_not_asked_for_it(name: str) -> None:
    clock = FakeClock()
    network = FakeNetwork(clock, {4000: recorded(name)})
    (answers,) = await asked(network, clock, at(4000))
    assert HEALTH not in network.paths(4000)
    match = fingerprint(answers)
    assert match is not None
    assert match.product.key == "litellm"


async def test_nobody_is_asked_for_health_who_could_still_be_that_proxy() -> None:
    clock = FakeClock()
    network = FakeNetwork(clock, {}, silent=frozenset({4000}))
    await asked(network, clock, at(4000, "litellm"))
    assert HEALTH not in network.paths(4000)


async def test_a_plain_web_server_gets_the_opening_questions_only() -> None:
    clock = FakeClock()
    network = FakeNetwork(clock, {3000: recorded("stranger_dev_server")})
    await asked(network, clock, at(3000))
    assert sorted(network.paths(3000)) == sorted(OPENING)


@pytest.mark.parametrize("trouble", ["refused", "foreign", "silent"])
async def test_whoever_does_not_speak_http_gets_one_question(trouble: str) -> None:
    clock = FakeClock()
    ports = frozenset({7000})
    network = FakeNetwork(
        clock,
        {},
        silent=ports if trouble == "silent" else frozenset(),
        foreign=ports if trouble == "foreign" else frozenset(),
    )
    (answers,) = await asked(network, clock, at(7000))
    assert network.paths(7000) == [MODELS]
    assert answers.by_path == {}


async def test_a_known_program_that_is_slow_gets_a_second_chance() -> None:
    clock = FakeClock()
    network = FakeNetwork(clock, {}, silent=frozenset({7000}))
    await asked(network, clock, at(7000, "ollama"))
    assert sorted(network.paths(7000)) == sorted(OPENING)


async def test_one_server_gets_few_questions_at_once_and_all_together_too() -> None:
    clock = FakeClock()
    servers = {port: recorded("openai_alike") for port in range(9000, 9012)}
    one = FakeNetwork(clock, servers, delay_s=0.1)
    await asked(one, clock, at(9000))
    assert one.most_at_once == AT_ONCE_EACH
    many = FakeNetwork(clock, servers, delay_s=0.1)
    await asked(many, clock, *(at(port) for port in servers))
    assert many.most_at_once == AT_ONCE


async def test_whoever_answers_is_heard_out_before_a_silent_crowd() -> None:
    clock = FakeClock()
    crowd = frozenset(range(20_000, 20_100))
    network = FakeNetwork(clock, {9000: recorded("openai_alike")}, silent=crowd)
    await asked(network, clock, at(9000), *(at(port) for port in crowd))
    last = max(index for index, (port, _) in enumerate(network.asked) if port == 9000)
    assert last < len(crowd)


async def test_questions_carry_no_key_and_go_to_loopback() -> None:
    clock = FakeClock()
    network = FakeNetwork(clock, {9000: recorded("openai_alike")})
    await asked(network, clock, at(9000), at(9000, host="::1"))
    assert network.hosts == {"127.0.0.1", "::1"}
    assert all(set(headers) == {"accept"} for headers in network.headers)
