"""What is refused before anybody is asked is listed like all else, but cannot flood the list."""

from __future__ import annotations

import pytest
from fakes.clock import FakeClock
from fakes.relay_world import post, relay_world
from fakes.surface_world import SurfaceWorld

from llama_runner_pro.core.errors import BadRequest, ClientGone, Denied
from llama_runner_pro.gateway.dispatch import Visit
from llama_runner_pro.gateway.ledger import Ledger
from llama_runner_pro.gateway.refusals import AT_ONCE, EACH_S, Refusals, operation_of

VISIT = Visit(
    surface="ollama", operation="chat", path="/api/chat", client="c" * 300, key="k", bytes_in=7
)


def room() -> tuple[FakeClock, Ledger, Refusals]:
    clock = FakeClock()
    ledger = Ledger(clock)
    return clock, ledger, Refusals(ledger, clock)


def test_it_is_told_who_was_refused_why_and_in_which_words() -> None:
    _, ledger, refusals = room()
    refusals.note(VISIT, "m", Denied(401, "no_key", "a key is needed"))
    (record,) = ledger.ended(9, lambda _: True)
    assert (record.model, record.status, record.ending) == ("m", 401, "never_started")
    assert (record.key, record.bytes_in, record.error) == ("k", 7, "a key is needed")
    assert len(record.client or "") == 100
    assert record.duration_ms is None


def test_a_client_that_left_was_not_refused() -> None:
    _, ledger, refusals = room()
    refusals.note(VISIT, None, ClientGone())
    assert ledger.ended(9, lambda _: True) == []


async def test_a_flood_is_listed_in_part() -> None:
    clock, ledger, refusals = room()
    for _ in range(1000):
        refusals.note(VISIT, None, BadRequest("no"))
    assert len(ledger.ended(2000, lambda _: True)) == AT_ONCE
    await clock.advance(EACH_S)
    refusals.note(VISIT, None, BadRequest("no"))
    refusals.note(VISIT, None, BadRequest("no"))
    assert len(ledger.ended(2000, lambda _: True)) == AT_ONCE + 1


@pytest.mark.parametrize(
    ("path", "operation"),
    [
        ("/v1/chat/completions", "chat"),
        ("/v1/completions", "completion"),
        ("/api/v1/chat", "chat"),
        ("/api/generate", "completion"),
        ("/v1/embeddings", "embedding"),
        ("/v1/messages/count_tokens", "count_tokens"),
        ("/v1/messages", "messages"),
        ("/favicon.ico", "other"),
    ],
)
def test_what_was_wanted_is_told_from_the_path(path: str, operation: str) -> None:
    assert operation_of(path) == operation


async def test_what_the_relay_refuses_is_listed() -> None:
    async with relay_world() as world:
        world.access.error = Denied(401, "no_key", "a key is needed")
        await world.say(post(b'{"model":"m"}', more=b"User-Agent: app\r\n"))
        record = world.sink.last
    assert (record.status, record.operation, record.client) == (401, "chat", "app")


async def test_so_is_a_body_that_makes_no_sense() -> None:
    async with relay_world() as world:
        await world.say(post(b"{"))
        assert (world.sink.last.status, world.sink.last.ending) == (400, "never_started")


async def test_what_a_surface_refuses_is_listed_with_the_model_that_was_named() -> None:
    world = SurfaceWorld()
    await world.ask(world.ollama, "/api/chat", {"model": "nobody", "messages": [{"role": "user"}]})
    (record,) = world.journeys.listed
    assert (record.model, record.status, record.surface) == ("nobody", 404, "ollama")


async def test_questions_about_what_there_is_are_not() -> None:
    world = SurfaceWorld()
    assert (await world.ask(world.openai, "/v1/models/nobody")).status == 404
    assert world.journeys.listed == []
