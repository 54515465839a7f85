"""What viewers see of an endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest
from fakes.clock import FakeClock
from fakes.situations import OURS, at, exited, probed
from msgspec.structs import replace

from llama_runner_pro.endpoints.ports import EndpointView, IncidentStep
from llama_runner_pro.endpoints.spec import EndpointSpec
from llama_runner_pro.endpoints.states import State
from llama_runner_pro.supervision.portrait import Portrait, Repair, without_heartbeats

if TYPE_CHECKING:
    from llama_runner_pro.supervision.condition import Condition

SPEC = EndpointSpec(name="a", kind="llamacpp", port=8081, model="small")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def portrait(clock: FakeClock) -> Portrait:
    return Portrait(clock)


def paint(portrait: Portrait, condition: Condition, repair: Repair | None = None) -> EndpointView:
    return portrait.paint(SPEC, OURS, condition, 4242, repair)


def test_the_spec_and_the_condition_are_shown(portrait: Portrait, clock: FakeClock) -> None:
    clock.skip(60.0)
    view = paint(portrait, at(State.FAILED, reason="why", hint="what", restarts_total=4))
    assert (view.name, view.kind, view.url) == ("a", "llamacpp", "http://127.0.0.1:8081")
    assert (view.port, view.model, view.pid) == (8081, "small", 4242)
    assert (view.state, view.reason, view.hint) == (State.FAILED, "why", "what")
    assert (view.restart_count, view.attempts_max, view.startable) == (4, 5, True)
    assert view.since_ms == clock.wall_ms() - 10_000


def test_the_step_of_a_repair_is_shown_while_it_runs(portrait: Portrait) -> None:
    step = IncidentStep(step="start", t_ms=17, ok=None)
    running = paint(portrait, at(State.HEALING), Repair("id", step))
    between = paint(portrait, at(State.HEALING), Repair("id", None))
    assert (running.step, running.step_since_ms, running.incident_id) == ("start", 17, "id")
    assert (between.step, between.step_since_ms, between.incident_id) == (None, None, "id")


def test_the_next_attempt_is_shown_in_wall_time(portrait: Portrait, clock: FakeClock) -> None:
    view = paint(portrait, at(State.BACKOFF, next_attempt_at_s=2.5))
    assert view.next_attempt_at_ms == clock.wall_ms() + 2_500
    assert paint(portrait, at(State.ONLINE)).next_attempt_at_ms is None


def test_a_moment_keeps_the_wall_time_it_was_first_shown_with(
    portrait: Portrait, clock: FakeClock
) -> None:
    first = paint(portrait, at(State.ONLINE)).since_ms
    clock.skip(100.4567)
    assert paint(portrait, at(State.ONLINE)).since_ms == first
    assert paint(portrait, replace(at(State.ONLINE), since_s=100.0)).since_ms != first


def test_a_good_check_shows_its_time_and_clears_the_error(
    portrait: Portrait, clock: FakeClock
) -> None:
    portrait.saw(at(State.ONLINE))
    portrait.checked(probed("liveness", "timeout"))
    bad = paint(portrait, at(State.ONLINE))
    clock.skip(5.0)
    beat = portrait.checked(probed("liveness", "ok"))
    good = paint(portrait, at(State.ONLINE))
    assert (bad.error_message, bad.last_success_ms) == ("no answer", None)
    assert (good.error_message, good.response_ms) == (None, 3.0)
    assert good.last_success_ms == good.last_check_ms == clock.wall_ms()
    assert (beat.ok, beat.state, beat.reason) == (True, State.ONLINE, None)


def test_a_completion_is_no_response_time_of_a_health_check(portrait: Portrait) -> None:
    portrait.checked(probed("verify_ready", "ok"))
    assert paint(portrait, at(State.ONLINE)).response_ms is None


def test_a_response_time_is_only_shown_of_what_serves(portrait: Portrait) -> None:
    portrait.checked(probed("liveness", "ok"))
    assert paint(portrait, at(State.ONLINE)).response_ms == 3.0
    assert paint(portrait, at(State.OFFLINE)).response_ms is None


def test_a_death_is_a_missed_heartbeat_with_words(portrait: Portrait) -> None:
    beat = portrait.died(exited())
    assert (beat.ok, beat.reason) == (False, "killed by SIGKILL")
    assert paint(portrait, at(State.HEALING)).error_message == "killed by SIGKILL"


def test_sixty_heartbeats_are_kept(portrait: Portrait) -> None:
    for _ in range(70):
        portrait.checked(probed("liveness", "ok"))
    assert len(paint(portrait, at(State.ONLINE)).heartbeats) == 60


@pytest.mark.parametrize(
    ("state", "pct"),
    [
        (State.ONLINE, 100.0),
        (State.DEGRADED, 100.0),
        (State.HEALING, 0.0),
        (State.FAILED, 0.0),
        (State.STOPPED, None),
        (State.DISABLED, None),
        (State.STARTING, None),
    ],
)
def test_uptime_counts_what_should_be_up(
    portrait: Portrait, clock: FakeClock, state: State, pct: float | None
) -> None:
    portrait.saw(at(state))
    clock.skip(60.0)
    assert paint(portrait, at(state)).uptime_24h_pct == pct


def test_an_endpoint_that_is_being_disabled_shows_as_disabled(portrait: Portrait) -> None:
    assert not paint(portrait, at(State.STOPPING, after_stop="disabled")).enabled
    assert paint(portrait, at(State.STOPPING, after_stop="stopped")).enabled


def test_what_every_check_changes_is_left_out_of_the_lasting_view(portrait: Portrait) -> None:
    before = without_heartbeats(paint(portrait, at(State.ONLINE)))
    portrait.checked(probed("liveness", "ok"))
    after = without_heartbeats(paint(portrait, at(State.ONLINE)))
    assert before == after
    assert after != msgspec.structs.replace(after, state=State.DEGRADED)
