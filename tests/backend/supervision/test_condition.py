"""The numbers of an endpoint, and what a condition says of itself."""

from __future__ import annotations

import pytest
from fakes.situations import at
from msgspec.structs import replace

from llama_runner_pro.endpoints.spec import EndpointSpec, ProbeSpec, ProbesSpec, RestartSpec
from llama_runner_pro.endpoints.states import IllegalTransition, State
from llama_runner_pro.supervision.condition import Decision, Policy
from llama_runner_pro.supervision.events import BeginStep, FailStep


def policy(
    *, startable: bool = True, inference: bool = True, interval_s: float = 30.0, **spec: object
) -> Policy:
    return Policy.of(
        EndpointSpec(name="a", **spec),  # type: ignore[arg-type]
        startable=startable,
        check_interval_s=interval_s,
        inference=inference,
        final_exit_codes=frozenset({66}),
    )


class TestPolicy:
    def test_debug_mode_doubles_the_budget_and_nothing_else(self) -> None:
        usual = policy(restart=RestartSpec(budget=3))
        patient = usual.patient()
        assert (patient.budget, patient.deaths_budget) == (6, 6)
        assert replace(patient, budget=3, deaths_budget=3) == usual
        assert policy(restart=RestartSpec(budget=0)).patient().budget == 0

    def test_the_usual_numbers(self) -> None:
        usual = policy()
        assert usual == Policy(
            startable=True,
            inference=True,
            liveness_period_s=30.0,
            final_exit_codes=frozenset({66}),
        )

    def test_the_specs_own_numbers(self) -> None:
        restart = RestartSpec(
            policy="on-failure",
            backoff_initial_s=2,
            backoff_max_s=20,
            jitter=0,
            budget=3,
            budget_window_s=60,
            stable_after_s=10,
        )
        own = policy(restart=restart, stop_command=("stop", "it"))
        assert own.stop_command
        assert (own.restart_policy, own.budget, own.deaths_budget) == ("on-failure", 3, 3)
        assert (own.backoff_initial_s, own.backoff_max_s, own.jitter) == (2, 20, 0)
        assert (own.budget_window_s, own.stable_after_s) == (60, 10)

    def test_an_older_restart_delay_is_the_delay_of_every_later_attempt(self) -> None:
        old = policy(restart_delay=5.0)
        assert (old.backoff_initial_s, old.backoff_max_s) == (5.0, 5.0)

    def test_older_max_restart_attempts_are_that_many_restarts(self) -> None:
        old = policy(max_restart_attempts=3)
        assert (old.budget, old.deaths_budget, old.restart_policy) == (3, 4, "always")
        assert old.mends

    def test_no_older_restart_attempts_mean_never(self) -> None:
        old = policy(max_restart_attempts=0)
        assert old.restart_policy == "never"
        assert not old.mends

    def test_only_what_can_be_started_is_mended(self) -> None:
        assert not policy(startable=False).mends

    def test_an_endpoints_own_period_wins_over_the_interval_of_all(self) -> None:
        own = policy(probes=ProbesSpec(liveness=ProbeSpec(period_s=1.0, failures=2)))
        assert (own.liveness_period_s, own.liveness_failures) == (1.0, 2)

    def test_checks_that_are_switched_off_draw_no_conclusions(self) -> None:
        off = ProbeSpec(enabled=False)
        probes = ProbesSpec(liveness=off, readiness=off, inference=off)
        own = policy(probes=probes)
        assert (own.liveness_failures, own.readiness_failures, own.inference) == (None, None, False)

    def test_without_completions_none_are_asked_for(self) -> None:
        assert not policy(inference=False).inference


class TestCondition:
    def test_a_move_keeps_its_time_its_reason_and_no_old_hint(self) -> None:
        failed = at(State.FAILED, hint="old", next_attempt_at_s=3.0)
        moved = failed.moved(State.HEALING, 60.0, "asked")
        assert (moved.since_s, moved.reason, moved.hint) == (60.0, "asked", None)
        assert moved.next_attempt_at_s is None

    def test_staying_is_no_move_in_time(self) -> None:
        assert at(State.OFFLINE).moved(State.OFFLINE, 60.0, "why").since_s == 50.0

    def test_time_in_service_goes_on_while_degraded(self) -> None:
        online = at(State.STARTING).moved(State.ONLINE, 60.0)
        degraded = online.moved(State.DEGRADED, 70.0)
        assert degraded.online_since_s == 60.0
        assert degraded.serving
        assert degraded.moved(State.HEALING, 80.0).online_since_s is None

    def test_an_unknown_move_is_an_error(self) -> None:
        with pytest.raises(IllegalTransition, match="from disabled to online"):
            at(State.DISABLED).moved(State.ONLINE, 60.0)

    def test_enabled_means_not_off_and_not_on_the_way_there(self) -> None:
        assert at(State.STOPPING, after_stop="stopped").enabled
        assert at(State.ONLINE, after_stop="disabled").enabled
        assert not at(State.STOPPING, after_stop="disabled").enabled
        assert not at(State.DISABLED).enabled


def test_a_decision_is_extended_at_its_end() -> None:
    decision = Decision(at(State.ONLINE), (BeginStep("start"),)).then(FailStep("no"))
    assert decision.actions == (BeginStep("start"), FailStep("no"))
