"""What follows an answer follows it soon, for each one, and once."""

from __future__ import annotations

import asyncio

import pytest
from fakes.lease import FakeLease
from fakes.relay_world import Sink, until, upstream_at

from llama_runner_pro.gateway.aftermath import (
    ALONE_AT_ONCE,
    AT_ONCE,
    HEAP,
    LATER_S,
    MOST,
    Aftermath,
    Passed,
)
from llama_runner_pro.gateway.ports import Visitor
from llama_runner_pro.gateway.relay import Arrival
from llama_runner_pro.gateway.routes import ROUTES

PATH = "/v1/chat/completions"
ARRIVAL = Arrival(
    "openai", ROUTES[b"POST", PATH.encode()], Visitor(key="mine"), "POST", PATH, "", [],
    True, False, False, "a client", b"",
)  # fmt: skip
BODY = b'{"choices":[{"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2}}'


def passed(lease: FakeLease, arrival: Arrival = ARRIVAL) -> Passed:
    return Passed(arrival, "m", lease, 200, 7, BODY, (5_000, 1.0), 2.0)


async def test_each_lease_ends_and_each_request_is_recorded() -> None:
    sink = Sink()
    aftermath, leases = Aftermath(sink), [FakeLease(upstream_at(1)) for _ in range(3)]
    for lease in leases:
        aftermath.add(passed(lease))
    assert not sink.records
    await until(lambda: len(sink.records) == 3)
    assert [lease.ends for lease in leases] == [[("ok", None)]] * 3
    assert len(sink.records) == len({record.id for record in sink.records}) == 3
    record = sink.last
    assert (record.t_ms, record.model, record.endpoint, record.key) == (5_000, "m", "one", "mine")
    assert (record.prompt_tokens, record.generated_tokens) == (3, 2)
    assert (record.bytes_in, record.bytes_out, record.client) == (7, len(BODY), "a client")
    assert (record.status, record.ending, record.finish_reason) == (200, "ok", "stop")
    assert record.duration_ms == 1000.0, "the wait for the record is none of the request's"


async def test_it_can_be_hurried() -> None:
    sink, lease = Sink(), FakeLease(upstream_at(1))
    aftermath = Aftermath(sink)
    aftermath.add(passed(lease))
    aftermath.settle()
    assert len(sink.records) == 1
    aftermath.settle()
    assert len(sink.records) == 1
    assert lease.ends == [("ok", None)]


async def test_one_that_fails_keeps_nothing_from_the_others() -> None:
    class Broken(FakeLease):
        def end(self, ending: object, *, retry_after_s: float | None = None) -> None:
            raise RuntimeError("broken")

    sink, lease = Sink(), FakeLease(upstream_at(1))
    aftermath = Aftermath(sink)
    aftermath.add(passed(Broken(upstream_at(1))))
    aftermath.add(passed(lease))
    await until(lambda: len(sink.records) == 1)
    assert lease.ends == [("ok", None)]
    aftermath.add(passed(lease))
    await until(lambda: len(sink.records) == 2)


async def test_a_quiet_moment_is_waited_for_but_not_for_long() -> None:
    sink, added = Sink(), 0
    aftermath = Aftermath(sink)
    loop = asyncio.get_running_loop()
    limit_s = loop.time() + 10
    while not sink.records and added < MOST - 1:
        assert loop.time() < limit_s
        aftermath.add(passed(FakeLease(upstream_at(1))))
        added += 1
        await asyncio.sleep(LATER_S / 4)
    await until(lambda: len(sink.records) == added)


@pytest.mark.parametrize(("clients", "in_one_go"), [(1, ALONE_AT_ONCE), (2, AT_ONCE)])
async def test_a_few_are_done_in_one_go_and_fewer_when_others_wait(
    clients: int, in_one_go: int
) -> None:
    sink, seen = Sink(), []
    aftermath, arrivals = Aftermath(sink), [ARRIVAL._replace() for _ in range(clients)]
    for number in range(3 * in_one_go):
        aftermath.add(passed(FakeLease(upstream_at(1)), arrivals[number % clients]))

    async def watch() -> None:
        while len(sink.records) < 3 * in_one_go:
            seen.append(len(sink.records))
            await asyncio.sleep(0)

    await asyncio.wait_for(watch(), 60)
    assert set(seen) == {0, in_one_go, 2 * in_one_go}


async def test_many_are_not_put_off() -> None:
    sink = Sink()
    aftermath = Aftermath(sink)
    for _ in range(MOST - 1):
        aftermath.add(passed(FakeLease(upstream_at(1))))
    assert not sink.records
    aftermath.add(passed(FakeLease(upstream_at(1))))
    assert len(sink.records) == HEAP
    await until(lambda: len(sink.records) == MOST)
