"""Orders carried out beside the mailbox, and the facts they bring back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from fakes.clock import FakeClock, settle
from fakes.prober import FakeProber
from fakes.process_host import FakeProcessHost
from fakes.situations import at

from llama_runner_pro.core.errors import StartFailed
from llama_runner_pro.endpoints.states import State
from llama_runner_pro.supervision import events as e
from llama_runner_pro.supervision.effects import Recalled
from llama_runner_pro.supervision.errands import Errands
from llama_runner_pro.supervision.port_taken import port_held
from llama_runner_pro.supervision.probes.slots import Slots

if TYPE_CHECKING:
    from llama_runner_pro.supervision.effects import StepReport


def ignore(report: StepReport) -> None:
    """For tests that look at the end alone."""


class Desk:
    """Errands with a mailbox that a test reads."""

    def __init__(self) -> None:
        self.host, self.prober = FakeProcessHost(), FakeProber()
        self.facts: list[e.Fact] = []
        self.clock = FakeClock()
        self.errands = Errands("demo", self.host, self.prober, self._tell, self.clock)

    async def _tell(self, fact: e.Fact) -> None:
        self.facts.append(fact)


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_a_start_is_told_and_then_its_end(desk: Desk) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(desk.errands.spawn(e.Spawn(5, 1), ignore))
        await settle()
        assert desk.facts == [e.Spawned(5, 101)]
        desk.host.die(code=3)
    assert desk.facts[1:] == [e.Exited(1, 3, None)]


async def test_a_failed_start_is_told_with_its_reason(desk: Desk) -> None:
    desk.host.start_fails = [StartFailed("no such program", "install it", final=True)]
    await desk.errands.spawn(e.Spawn(5, 1), ignore)
    assert desk.facts == [e.SpawnFailed(5, "no such program", "install it", final=True)]


async def test_a_stop_waits_for_the_start_that_was_ordered_before(desk: Desk) -> None:
    desk.host.gate = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(desk.errands.spawn(e.Spawn(1, 1), ignore))
        group.create_task(desk.errands.stop(e.StopProcess(2), ignore))
        await settle()
        assert desk.errands.process_in_hand
        assert desk.host.did == ["start"]
        desk.host.gate.set()
    assert [type(fact) for fact in desk.facts] == [e.Spawned, e.StopEnded, e.Exited]
    assert not desk.errands.process_in_hand


async def test_a_process_that_runs_is_found_before_it_is_checked(desk: Desk) -> None:
    desk.host.found = 4242
    looked = await desk.errands.adopt(lambda: at(State.STOPPED))
    assert looked
    assert desk.facts == [e.Adopted(4, 4242)]


async def test_nothing_is_looked_for_beside_a_process_of_ours(desk: Desk) -> None:
    assert not await desk.errands.adopt(lambda: at(State.ONLINE))
    assert (desk.facts, desk.host.did) == ([], [])


async def test_finding_nothing_is_no_news(desk: Desk) -> None:
    assert not await desk.errands.adopt(lambda: at(State.STOPPED))
    assert (desk.facts, desk.host.did) == ([], ["look"])


async def test_a_check_is_told_with_its_token_and_purpose(desk: Desk) -> None:
    desk.prober.verdict = "timeout"
    await desk.errands.check(e.Probe(9, "liveness"))
    assert desk.facts == [e.Probed(9, "liveness", "timeout", "no answer within 2 s")]


@pytest.mark.parametrize(
    ("moved", "progress"),
    [((10, 0), True), ((0, 1_000_000), True), ((0, 999_999), False), ((0, 0), False)],
)
async def test_log_or_memory_that_moves_is_progress(
    desk: Desk, moved: tuple[int, int], progress: bool
) -> None:
    desk.prober.verdict = "loading"
    desk.host.moved = moved
    await desk.errands.check(e.Probe(1, "startup"))
    await desk.errands.check(e.Probe(2, "startup"))
    told = [fact.progress for fact in desk.facts if isinstance(fact, e.Probed)]
    assert told == [progress, False]


async def test_memory_that_creeps_counts_once_enough_has_come_together(desk: Desk) -> None:
    desk.prober.verdict = "refused"
    for kilobytes in (0, 400, 800, 1_200):
        desk.host.moved = (0, kilobytes * 1_000)
        await desk.errands.check(e.Probe(1, "startup"))
    told = [fact.progress for fact in desk.facts if isinstance(fact, e.Probed)]
    assert told == [False, False, False, True]


async def test_cancelling_a_wait_leaves_the_process_running(desk: Desk) -> None:
    start = asyncio.create_task(desk.errands.spawn(e.Spawn(1, 1), ignore))
    await settle()
    start.cancel()
    await asyncio.wait([start])
    assert desk.host.running


async def test_numbers_of_an_earlier_sidecar_go_on(desk: Desk) -> None:
    desk.host.past, desk.host.found = Recalled(9, 4), 4242
    assert await desk.errands.adopt(lambda: at(State.STOPPED, alive=False))
    assert desk.facts == [e.Adopted(9, 4242, 4)]


async def test_a_process_that_ended_unseen_is_told(desk: Desk) -> None:
    desk.host.past = Recalled(9, 4)
    assert not await desk.errands.adopt(lambda: at(State.STOPPED))
    assert desk.facts == [e.Missed(9, 4)]


async def test_an_end_that_was_seen_is_not_told_again(desk: Desk) -> None:
    desk.host.past = Recalled(3, 4)
    assert not await desk.errands.adopt(lambda: at(State.STOPPED))
    assert desk.facts == []


async def test_a_foreign_holder_of_the_port_is_told_with_what_would_help(desk: Desk) -> None:
    desk.host.start_fails = [port_held(8081, "nginx (pid 9)", 8082)]
    await desk.errands.spawn(e.Spawn(5, 1), ignore)
    (told,) = desk.facts
    assert isinstance(told, e.SpawnFailed)
    assert told.proposal is not None
    assert (told.final, told.proposal.port) == (True, 8082)


class TestActivity:
    """What a check tells of the work in flight."""

    async def look(self, desk: Desk, purpose: e.Purpose = "liveness") -> e.Activity:
        await desk.clock.advance(5.0)
        await desk.errands.check(e.Probe(1, purpose))
        told = desk.facts[-1]
        assert isinstance(told, e.Probed)
        return told.activity

    async def test_counters_that_stand_still_on_an_idle_processor_are_stuck(
        self, desk: Desk
    ) -> None:
        desk.prober.in_flight, desk.host.cpu = Slots(1, ((0, 12, 5),)), 7.0
        assert await self.look(desk) == "moving"
        assert await self.look(desk) == "stuck"
        desk.host.cpu = 9.0
        assert await self.look(desk) == "moving"
        desk.prober.in_flight = Slots(0)
        assert await self.look(desk) == "idle"

    async def test_of_a_silent_one_the_processor_tells(self, desk: Desk) -> None:
        desk.prober.verdict, desk.host.cpu = "timeout", 7.0
        assert await self.look(desk) == "unknown"
        desk.host.cpu = 9.0
        assert await self.look(desk) == "moving"

    async def test_while_a_completion_is_waited_for_slots_are_asked_too(self, desk: Desk) -> None:
        desk.prober.verdict, desk.prober.in_flight = "timeout", Slots(1, ((0, 12, 5),))
        assert await self.look(desk, "verify") == "moving"
        assert await self.look(desk, "verify") == "stuck"

    async def test_a_start_is_not_asked(self, desk: Desk) -> None:
        desk.prober.in_flight = Slots(1)
        assert await self.look(desk, "startup") == "unknown"


async def test_a_check_after_a_sleep_of_the_machine_is_doubtful(desk: Desk) -> None:
    desk.errands.interruptions.woke(desk.clock.monotonic() - 60.0)
    await desk.errands.check(e.Probe(1, "liveness"))
    await desk.errands.check(e.Probe(2, "liveness"))
    told = [fact.doubtful for fact in desk.facts if isinstance(fact, e.Probed)]
    assert told == [True, False]
