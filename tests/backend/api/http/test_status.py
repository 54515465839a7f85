"""Endpoints in the words of the older family."""

from __future__ import annotations

import pytest
from fakes.supervisor import T0_MS, FakeSupervisor, view

from llama_runner_pro.api.http.status import (
    STATUS_WORDS,
    model_status,
    model_statuses,
    monitor_status,
    overall_status,
)
from llama_runner_pro.endpoints.states import State

S = State


def test_every_state_has_a_word_that_older_clients_know() -> None:
    assert set(STATUS_WORDS) == set(State)
    assert set(STATUS_WORDS.values()) == {
        "online", "offline", "recovering", "loading", "failed", "disabled", "stopped", "degraded",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([], "healthy"),
        ([S.ONLINE, S.ONLINE], "healthy"),
        ([S.ONLINE, S.DISABLED, S.STOPPED, S.STOPPING], "healthy"),
        ([S.DISABLED], "healthy"),
        ([S.DEGRADED], "degraded"),
        ([S.ONLINE, S.FAILED], "degraded"),
        ([S.STARTING], "degraded"),
        ([S.LOADING, S.FAILED], "degraded"),
        ([S.FAILED], "critical"),
        ([S.OFFLINE, S.DISABLED], "critical"),
        ([S.HEALING, S.BACKOFF], "critical"),
    ],
)
def test_the_overall_word_follows_what_should_serve(states: list[State], expected: str) -> None:
    assert overall_status([view(str(n), state) for n, state in enumerate(states)]) == expected


def test_a_model_is_told_with_times_in_iso_and_gaps_as_null() -> None:
    shown = model_status(
        view(
            "demo",
            State.BACKOFF,
            pid=7,
            response_ms=1.5,
            restart_count=3,
            next_attempt_at_ms=T0_MS + 1500,
            error_message="killed by SIGKILL",
        )
    )
    assert (shown.status, shown.state, shown.process_id) == ("recovering", "backoff", 7)
    assert shown.next_attempt_at == "2023-11-14T22:13:21.500+00:00"
    assert (shown.response_time, shown.restart_count) == (1.5, 3)
    assert shown.error_message == "killed by SIGKILL"
    assert shown.last_check is None
    assert shown.breaker is None


def test_models_are_listed_by_name_in_order() -> None:
    assert list(model_statuses([view("b"), view("a")])) == ["b", "a"]


def test_the_whole_picture_counts_what_serves() -> None:
    supervisor = FakeSupervisor(
        view("a"), view("b", State.DEGRADED), view("c", State.FAILED), view("d", State.DISABLED)
    )
    found = monitor_status(supervisor)
    assert (found.online_models, found.total_models) == (2, 4)
    assert found.overall_status == "degraded"
    assert found.last_check == "2023-11-14T22:13:20.000+00:00"
