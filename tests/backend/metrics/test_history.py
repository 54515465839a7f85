from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from llama_runner_pro.metrics.history import RecentHistory
from llama_runner_pro.metrics.model import Snapshot

if TYPE_CHECKING:
    from llama_runner_pro.metrics.model import Value


def at(second: float, **values: Value) -> Snapshot:
    return Snapshot(seq=int(second), wall_ms=round(second * 1000), values=values, absent={})


def filled(seconds: range, span_s: float = 900.0, *, max_rows: int = 9_000) -> RecentHistory:
    history = RecentHistory(span_s, max_rows=max_rows)
    for second in seconds:
        history.append(at(second, a=second))
    return history


def test_columns_are_as_long_as_the_times() -> None:
    history = RecentHistory()
    history.append(at(1, a=1, b=2.5))
    history.append(at(2, a=2))
    history.append(at(3, b=3.5))
    assert history.since(0) == (
        [1000, 2000, 3000],
        {"a": [1, 2, None], "b": [2.5, None, 3.5]},
    )


def test_a_field_that_appears_later_is_padded_with_nothing() -> None:
    history = filled(range(1, 3))
    history.append(at(3, a=3, late=9))
    assert history.since(0)[1]["late"] == [None, None, 9]


def test_only_what_is_later_than_asked_is_returned() -> None:
    history = filled(range(1, 6))
    assert history.since(3000) == ([4000, 5000], {"a": [4, 5]})
    assert history.since(5000) == ([], {})
    assert history.since(99_000) == ([], {})


def test_nothing_older_than_the_span_is_returned() -> None:
    times_ms, columns = filled(range(1000), span_s=10).since(0)
    assert times_ms == [second * 1000 for second in range(989, 1000)]
    assert columns["a"] == list(range(989, 1000))


def test_memory_stays_bounded_by_the_span() -> None:
    assert len(filled(range(5000), span_s=100)) <= 101 + 60


def test_memory_stays_bounded_at_any_pace() -> None:
    history = RecentHistory(900.0, max_rows=500)
    for step in range(2000):
        history.append(at(step / 10, a=step))
    assert len(history) <= 500 + 60


def test_a_field_that_is_gone_for_the_whole_span_is_forgotten() -> None:
    history = RecentHistory(span_s=10)
    history.append(at(0, gone=1, a=0))
    for second in range(1, 200):
        history.append(at(second, a=second))
    assert list(history.since(0)[1]) == ["a"]


def test_a_field_without_any_value_in_the_time_asked_for_is_left_out() -> None:
    history = filled(range(1, 3))
    history.append(at(3, b=1))
    assert history.since(2000)[1] == {"b": [1]}


@pytest.mark.parametrize("value", [0, 1, 2.5, -3, 10**15, 0.1])
def test_numbers_come_back_as_they_were(value: Value) -> None:
    history = RecentHistory()
    history.append(at(1, a=value))
    assert history.since(0)[1]["a"] == [value]


def test_whole_numbers_come_back_as_integers() -> None:
    history = RecentHistory()
    history.append(at(1, a=5.0))
    assert isinstance(history.since(0)[1]["a"][0], int)


def test_after_the_clock_was_set_back_times_still_rise() -> None:
    history = filled(range(100, 110))
    history.append(at(105, a=77))
    times_ms, columns = history.since(0)
    assert times_ms == [100_000, 101_000, 102_000, 103_000, 104_000, 105_000]
    assert columns["a"][-1] == 77


def test_an_empty_history_has_no_columns() -> None:
    assert RecentHistory().since(0) == ([], {})
