"""What a file answers is what a slow and simple count over all samples answers."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from fakes.recording import T0_MS, Recording, expected, filled, spec

from llama_runner_pro.metrics.ranges import HistoryMark

if TYPE_CHECKING:
    from pathlib import Path

HOUR_MS = 3_600_000


def close(
    found: dict[int, tuple[float, float, float, int]],
    wanted: dict[int, tuple[float, float, float, int]],
) -> None:
    """The same buckets, with the same figures as far as four bytes hold them."""
    assert found.keys() == wanted.keys()
    for t_ms, figures in wanted.items():
        assert found[t_ms] == pytest.approx(figures, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("seed", range(12))
def test_any_samples_in_any_rhythm_are_answered_as_a_simple_count_answers(
    tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    recording = Recording(tmp_path, spec((1, 7_200), (10, 14_400), (60, 86_400)))
    clock = recording.clock
    while clock.passed_s < 5_000:
        rhythm_s = chance.choice([0.1, 1.0, 1.0, 10.0])
        for _ in range(chance.randrange(1, 200)):
            values = {
                "a": chance.choice([None, chance.uniform(-5, 1e6), 0, 100]),
                "b": chance.choice([None, chance.uniform(0, 100)]),
            }
            recording.sample({k: v for k, v in values.items() if chance.random() < 0.9}, rhythm_s)
            clock.go(rhythm_s * chance.uniform(0.9, 1.1))
        clock.go(chance.choice([0, 0, 7, 90, 1_000]))
    for _ in range(20):
        from_ms = T0_MS + chance.randrange(-600_000, round(clock.passed_s * 1000))
        to_ms = from_ms + chance.choice([20_000, 600_000, 3_600_000, 9_000_000])
        points = chance.choice([10, 100, 500, 5_000])
        found = recording.ask(from_ms, to_ms, points, ["a", "b"])
        assert len(found.t_ms) <= points
        assert found.t_ms == sorted(set(found.t_ms))
        for name in ("a", "b"):
            close(filled(found, name), expected(recording.samples, name, found))


def test_a_peak_of_one_second_is_still_seen_in_a_range_of_a_day(tmp_path: Path) -> None:
    recording = Recording(tmp_path)
    recording.fill(4_000, lambda t_ms: 99.0 if t_ms == T0_MS + 1_234_000 else 1.0)
    found = recording.ask(T0_MS - 20 * HOUR_MS, T0_MS + 2 * HOUR_MS, 100)
    (series,) = found.series
    assert max(value for value in series.max if value is not None) == 99.0
    assert found.tier == "1m"


def test_a_stretch_without_samples_is_null_in_every_bucket(tmp_path: Path) -> None:
    recording = Recording(tmp_path)
    recording.fill(60, lambda _: 5.0)
    recording.clock.go(60)
    recording.fill(60, lambda _: 6.0)
    found = recording.ask(T0_MS, T0_MS + 180_000)
    (series,) = found.series
    held = dict(zip(found.t_ms, series.avg, strict=True))
    assert [held[T0_MS + at * 1000] for at in (59, 60, 119, 120)] == [5.0, None, None, 6.0]
    assert len(found.t_ms) == 180
    assert sum(series.count) == 120


def test_the_slow_rhythm_without_viewers_is_no_gap(tmp_path: Path) -> None:
    recording = Recording(tmp_path)
    recording.fill(120, lambda _: 5.0, every_s=10.0)
    found = recording.ask(T0_MS, T0_MS + 120_000)
    (series,) = found.series
    assert found.t_ms == [T0_MS + at * 10_000 for at in range(12)]
    assert None not in series.avg


def test_what_came_before_the_first_sample_is_null(tmp_path: Path) -> None:
    recording = Recording(tmp_path)
    recording.fill(60, lambda _: 5.0)
    found = recording.ask(T0_MS - 60_000, T0_MS + 60_000)
    (series,) = found.series
    assert found.t_ms[0] == T0_MS - 60_000
    assert series.avg[:60] == [None] * 60


def test_names_that_nobody_has_seen_are_told(tmp_path: Path) -> None:
    recording = Recording(tmp_path)
    recording.fill(5, lambda _: 5.0)
    found = recording.ask(T0_MS, T0_MS + 5_000, names=["a", "cpu_usge_pct"])
    assert found.unknown == ["cpu_usge_pct"]
    assert [series.name for series in found.series] == ["a"]


def test_events_in_the_range_come_with_it(tmp_path: Path) -> None:
    recording = Recording(tmp_path)
    recording.fill(5, lambda _: 5.0)
    for t_ms in (T0_MS - 1, T0_MS + 2_000, T0_MS + 9_000):
        recording.recorder.mark(HistoryMark(t_ms, "restart", "demo", "demo was restarted", "i1"))
    assert recording.ask(T0_MS, T0_MS + 5_000).events == [
        HistoryMark(T0_MS + 2_000, "restart", "demo", "demo was restarted", "i1")
    ]


def test_figures_have_no_more_digits_than_were_measured(tmp_path: Path) -> None:
    recording = Recording(tmp_path)
    recording.fill(3, lambda _: 45.3)
    (series,) = recording.ask(T0_MS, T0_MS + 3_000).series
    assert series.avg == [45.3, 45.3, 45.3]
