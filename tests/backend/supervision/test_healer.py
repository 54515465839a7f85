"""What follows from what happens to an endpoint, row by row, and by chance."""

from __future__ import annotations

from random import Random

import pytest
from fakes.healer_world import HealerWorld
from fakes.situations import ASKED, NOW, OURS, TOKEN, at, exited, probed, waiting, words
from msgspec.structs import replace

from llama_runner_pro.endpoints.states import State
from llama_runner_pro.supervision import events as e
from llama_runner_pro.supervision.condition import Condition, Policy
from llama_runner_pro.supervision.healer import decide
from tests.backend.supervision.depth_rows import DEPENDENCIES, UNSEEN
from tests.backend.supervision.healer_rows import NO_PROGRAM, ROWS, STOPPED, SURVIVED


@pytest.mark.parametrize(
    ("policy", "condition", "fact", "state", "ordered"), [*ROWS, *DEPENDENCIES, *UNSEEN]
)
def test_event(
    policy: Policy, condition: Condition, fact: e.Fact, state: State, ordered: str
) -> None:
    decision = decide(policy, condition, fact, NOW)
    assert (decision.condition.state, words(decision)) == (state, ordered)


STALE = [
    e.Spawned(TOKEN - 1, 5),
    replace(NO_PROGRAM, token=TOKEN - 1),
    replace(SURVIVED, token=TOKEN - 1),
    *(replace(probed(purpose, "timeout"), token=TOKEN - 1)
      for purpose in ("first", "startup", "liveness", "verify", "verify_ready")),
]  # fmt: skip


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("fact", STALE, ids=lambda fact: f"{type(fact).__name__}")
def test_an_answer_to_a_superseded_order_changes_no_state(state: State, fact: e.Fact) -> None:
    decision = decide(ASKED, at(state), fact, NOW)
    assert decision.condition.state is state
    assert not decision.actions


def test_a_start_that_a_stop_overtook_counts_as_alive_until_that_stop_ended() -> None:
    stopping = at(State.STOPPING, alive=False)
    overtaken = decide(OURS, stopping, e.Spawned(TOKEN - 1, 5), NOW).condition
    assert overtaken.alive
    assert not decide(OURS, overtaken, STOPPED, NOW).condition.alive


@pytest.mark.parametrize("seed", range(60))
def test_by_chance_no_rule_is_broken_and_a_calm_world_heals(seed: int) -> None:
    chance = Random(seed)
    policy = Policy(
        startable=chance.random() < 0.85,
        stop_command=chance.random() < 0.3,
        inference=chance.random() < 0.5,
        restart_policy=chance.choice(["always", "on-failure", "never"]),
        startup_budget_s=20.0,
        final_exit_codes=frozenset({66}),
    )
    world = HealerWorld(policy, chance)
    world.tell("watch")
    for _ in range(1500):
        world.step()
    world.calm(300)
    for wish in ("enable", "watch", "start", "heal"):
        world.tell(wish)  # type: ignore[arg-type]
        world.calm(300)
    if policy.startable:
        assert world.condition.state is State.ONLINE
        assert world.running == world.condition.incarnation


def test_chance_leads_through_every_state() -> None:
    world = HealerWorld(OURS, Random(1))
    world.tell("watch")
    for _ in range(40_000):
        world.step()
    assert world.seen == set(State)
    assert world.spawns > 20
    assert world.incidents > 20


def test_a_verdict_follows_its_own_condition_in_reason_and_next_look() -> None:
    after = decide(OURS, waiting(State.ONLINE, "liveness"), probed("liveness", "timeout"), NOW)
    assert after.condition.reason == "no answer"
    assert after.condition.wake_at_s == NOW + OURS.liveness_period_s
    assert after.condition.failures == 1


def test_while_monitoring_is_off_nothing_is_looked_at_again() -> None:
    unwatched = waiting(State.STARTING, "startup", watching=False)
    after = decide(OURS, unwatched, probed("startup", "ok"), NOW).condition
    assert (after.state, after.wake_at_s) == (State.ONLINE, None)


def test_a_hang_counts_as_a_death() -> None:
    sick = waiting(State.DEGRADED, "liveness", failures=2, deaths_s=(60.0,))
    after = decide(OURS, sick, probed("liveness", "timeout"), NOW).condition
    assert after.deaths_s == (60.0, NOW)


def test_a_final_exit_code_gives_the_engines_own_line_and_its_exit_as_evidence() -> None:
    policy = replace(OURS, final_exit_codes=frozenset({66}))
    last = e.Exited(3, 66, None, "no such file: model.gguf")
    decision = decide(policy, at(State.STARTING), last, NOW)
    assert decision.condition.reason == "no such file: model.gguf"
    assert decision.condition.hint
    opened = decision.actions[0]
    assert isinstance(opened, e.OpenIncident)
    assert opened.exited is last


def test_a_hint_that_came_with_a_failed_start_is_kept() -> None:
    after = decide(OURS, waiting(State.STARTING, "spawn"), NO_PROGRAM, NOW).condition
    assert (after.reason, after.hint) == ("no program named x", "install it")


def test_a_death_is_counted_once_and_its_restart_too() -> None:
    after = decide(OURS, at(State.ONLINE), exited(), NOW).condition
    assert (after.deaths_s, after.restarts_in_run, after.restarts_total) == ((NOW,), 1, 1)
    assert not after.alive
    assert after.incarnation == 4
