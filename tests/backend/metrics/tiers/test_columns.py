"""Points of one series, packed and added up."""

from __future__ import annotations

import math
import random

import pytest

from llama_runner_pro.metrics.tiers.columns import (
    Columns,
    Tally,
    empty,
    fuller,
    packed,
    unpacked,
)


def points(*figures: tuple[float, float, float, int], step_ms: int = 10) -> Columns:
    """Mean, least, most and count of each point."""
    found = empty(0, step_ms, len(figures))
    for at, (avg, least, most, count) in enumerate(figures):
        if count:
            found.avg[at], found.min[at], found.max[at], found.count[at] = avg, least, most, count
    return found


def shown(columns: Columns | None) -> list[tuple[float, float, float, int] | None]:
    """The same, None without a sample."""
    assert columns is not None
    rows = zip(columns.avg, columns.min, columns.max, columns.count, strict=True)
    return [row if row[3] else None for row in rows]


@pytest.mark.parametrize("seed", range(5))
def test_points_come_back_from_the_file_as_they_were(seed: int) -> None:
    chance = random.Random(seed)
    before = points(
        *((chance.uniform(-1e9, 1e9), 0.5, 2.0, chance.choice([0, 1, 900])) for _ in range(360))
    )
    after = unpacked(packed(before), 0, 10)
    assert shown(after) == shown(before)
    assert len(after) == 360


def test_steady_figures_take_next_to_nothing() -> None:
    steady = points(*(((50.0, 50.0, 50.0, 60),) * 360))
    assert len(packed(steady)) < 100


@pytest.mark.parametrize("blob", [b"", b"rubbish", packed(points((1, 1, 1, 1)))[:-4]])
def test_damaged_bytes_are_noticed(blob: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        unpacked(blob, 0, 10)


def test_a_bucket_has_the_mean_of_all_samples_and_not_of_the_points() -> None:
    tally = Tally(0, 20, 1)
    tally.add_columns(points((10.0, 5.0, 20.0, 9), (0.0, -1.0, 1.0, 1)), 0, 20)
    assert shown(tally.columns()) == [(9.0, -1.0, 20.0, 10)]


def test_points_without_a_sample_count_for_nothing() -> None:
    tally = Tally(0, 20, 2)
    tally.add_columns(points((4.0, 4.0, 4.0, 1), (0, 0, 0, 0), (0, 0, 0, 0), (0, 0, 0, 0)), 0, 40)
    assert shown(tally.columns()) == [(4.0, 4.0, 4.0, 1), None]


def test_what_lies_outside_of_the_time_asked_for_is_left_out() -> None:
    tally = Tally(10, 10, 2)
    tally.add_columns(points(*((float(at), 0.0, 9.0, 1) for at in range(5))), 20, 100)
    tally.add(500, 1.0, 1.0, 1.0, 1)
    assert [row and row[0] for row in shown(tally.columns())] == [None, 2.0]


def test_without_any_sample_there_is_nothing() -> None:
    assert Tally(0, 10, 5).columns() is None


def test_a_mean_never_leaves_the_range_of_its_samples() -> None:
    tally = Tally(0, 10, 1)
    for _ in range(7):
        tally.add(0, 0.1, 0.1, 0.1, 1)
    ((avg, least, most, _),) = filter(None, shown(tally.columns()))
    assert least <= avg <= most


def test_of_a_time_that_happened_twice_the_fuller_point_stays() -> None:
    first = points((1.0, 1.0, 1.0, 10), (2.0, 2.0, 2.0, 1), (0, 0, 0, 0))
    second = points((5.0, 5.0, 5.0, 3), (6.0, 6.0, 6.0, 2), (7.0, 7.0, 7.0, 1))
    assert [row and row[0] for row in shown(fuller(first, second))] == [1.0, 6.0, 7.0]
    assert math.isnan(first.avg[2])
