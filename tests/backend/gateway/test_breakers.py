"""Breakers as people see and handle them."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, get_args

import pytest
from fakes.clock import FakeClock

from llama_runner_pro.endpoints.traffic import FAILURES, BreakerView, Ending
from llama_runner_pro.gateway.breakers import Breakers

if TYPE_CHECKING:
    from llama_runner_pro.endpoints.traffic import BreakerCommand


@pytest.fixture
def breakers() -> Breakers:
    return Breakers(FakeClock(), lambda: 0.5)


def end(breakers: Breakers, ending: Ending, times: int = 1) -> None:
    breaker = breakers.of("a", "m")
    for _ in range(times):
        attempt = breaker.admit()
        assert attempt is not None
        breakers.ended(breaker, attempt, ending)


@pytest.mark.parametrize("ending", sorted(set(get_args(Ending))))
def test_only_what_speaks_against_the_server_opens_it(breakers: Breakers, ending: Ending) -> None:
    end(breakers, ending, 3)
    (view,) = breakers.views()
    assert view.state == ("open" if ending in FAILURES else "closed")


def test_a_view_says_why_since_when_and_until_when(breakers: Breakers) -> None:
    end(breakers, "stalled", 3)
    (view,) = breakers.views()
    assert view == BreakerView(
        endpoint="a",
        model="m",
        state="open",
        reason="3 calls in a row failed; the last one: it fell silent in the middle of an answer",
        failures=3,
        calls_60s=3,
        failures_60s=3,
        since_ms=1_700_000_000_000,
        retry_at_ms=1_700_000_005_000,
    )


def test_every_change_is_published_and_logged(
    breakers: Breakers, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    seen: list[BreakerView] = []
    breakers.topic.listen(seen.append)
    end(breakers, "server_error", 3)
    breakers.ready("a")
    end(breakers, "ok")
    breakers.command("a", "m", "force_open")
    assert [one.state for one in seen] == ["open", "half_open", "closed", "open"]
    assert "breaker of m on a: open (3 calls in a row failed" in caplog.text
    assert "breaker of m on a: open by hand" in caplog.text


@pytest.mark.parametrize(
    ("command", "state", "forced"),
    [("force_open", "open", True), ("force_close", "closed", True), ("reset", "closed", False)],
)
def test_people_decide(
    breakers: Breakers, command: BreakerCommand, state: str, forced: bool
) -> None:
    end(breakers, "server_error", 3)
    view = breakers.command("a", "m", command)
    assert (view.state, view.forced) == (state, forced)


def test_a_new_process_is_tried_but_the_first_one_is_not_new(breakers: Breakers) -> None:
    breakers.incarnated("a", 1)
    end(breakers, "cut_off", 3)
    breakers.incarnated("a", 1)
    assert breakers.views()[0].state == "open"
    breakers.incarnated("a", 2)
    assert breakers.views()[0].state == "half_open"


def test_models_on_one_server_are_judged_apart(breakers: Breakers) -> None:
    end(breakers, "garbled", 3)
    assert breakers.of("a", "other").passes
    assert breakers.of("b", "m").passes


def test_a_request_may_outlive_its_endpoint(breakers: Breakers) -> None:
    breaker = breakers.of("a", "m")
    attempts = [breaker.admit() for _ in range(3)]
    breakers.forget("a")
    for attempt in attempts:
        assert attempt is not None
        breakers.ended(breaker, attempt, "cut_off")
    assert breakers.views() == []


def test_the_time_of_a_change_does_not_waver() -> None:
    clock = FakeClock()
    breakers = Breakers(clock, lambda: 0.5)
    first = breakers.command("a", "m", "force_open")
    clock.skip(12.3456)
    assert breakers.views() == [first]
