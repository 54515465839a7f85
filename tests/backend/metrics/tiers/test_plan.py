"""Resolutions and how they build on each other."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from llama_runner_pro.config.monitoring import HistorySpec, TierSpec
from llama_runner_pro.metrics.tiers.database import open_writer
from llama_runner_pro.metrics.tiers.plan import (
    chosen,
    estimated_bytes,
    name_of,
    read_tiers,
    step_for,
    tiers_of,
    write_tiers,
)

TIERS = tiers_of(HistorySpec().tiers)
HOUR_MS, DAY_MS = 3_600_000, 86_400_000


def test_resolutions_have_short_names() -> None:
    assert [name_of(step_s) for step_s in (1, 10, 60, 90, 900, 7_200, 86_400)] == [
        *("1s", "10s", "1m", "90s", "15m", "2h", "1d")
    ]


def test_windows_fit_into_each_other_and_are_made_long_before_their_source_is_gone() -> None:
    for finer, tier in pairwise(TIERS):
        assert tier.window_ms % tier.step_ms == 0
        assert tier.window_ms % finer.window_ms == 0
        assert tier.window_ms * 4 <= finer.keep_ms


@pytest.mark.parametrize(
    ("span_ms", "tier"),
    [(HOUR_MS, "1s"), (6 * HOUR_MS, "10s"), (DAY_MS, "1m"), (7 * DAY_MS, "15m")],
)
def test_a_range_up_to_now_is_read_from_the_coarsest_tier_that_is_fine_enough(
    span_ms: int, tier: str
) -> None:
    now_ms = 1_700_000_000_000
    found = chosen(TIERS, now_ms - span_ms, now_ms, span_ms / 500)
    assert TIERS[found].name == tier


def test_a_range_that_only_a_coarse_tier_still_holds_is_read_from_that() -> None:
    now_ms = 1_700_000_000_000
    assert chosen(TIERS, now_ms - 2 * DAY_MS, now_ms, 1_000) == 2
    assert chosen(TIERS, now_ms - 30 * DAY_MS, now_ms, 1_000) == 3
    assert chosen(TIERS, 0, now_ms, 1_000) == 3


@pytest.mark.parametrize("seed", range(50))
def test_there_are_never_more_buckets_than_points(seed: int) -> None:
    chance = random.Random(seed)
    tier = chance.choice(TIERS)
    from_ms = chance.randrange(10**13)
    to_ms = from_ms + chance.randrange(1, 10**11)
    points = chance.randrange(1, 5_000)
    step_ms = step_for(tier, from_ms, to_ms, points)
    assert step_ms % tier.step_ms == 0
    assert -(-to_ms // step_ms) - from_ms // step_ms <= points


def test_a_year_of_sixty_series_is_estimated_far_below_200_mb() -> None:
    assert 10_000_000 < estimated_bytes(TIERS, 60) < 100_000_000


def test_a_file_says_how_it_is_divided(tmp_path: object) -> None:
    connection = open_writer(tmp_path / "history.db")  # type: ignore[operator]
    write_tiers(connection, TIERS)
    write_tiers(connection, TIERS[:2])
    assert read_tiers(connection) == tiers_of(
        [TierSpec(step_s=1, keep_s=3_600), TierSpec(step_s=10, keep_s=86_400)]
    )
    connection.close()
