"""Moments as people write them."""

from __future__ import annotations

import pytest

from llama_runner_pro.core.moments import LAST_MS, iso, moment_ms

NOW_MS = 1_769_860_800_000


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("now", NOW_MS),
        ("-24h", NOW_MS - 86_400_000),
        ("-90s", NOW_MS - 90_000),
        ("-2w", NOW_MS - 14 * 86_400_000),
        ("1769860800000", NOW_MS),
        ("2026-01-31T12:00:00Z", NOW_MS),
        ("2026-01-31 12:00", NOW_MS),
        (" 2026-01-31T13:00:00+01:00 ", NOW_MS),
        ("2026-01-31", NOW_MS - 43_200_000),
    ],
)
def test_every_usual_way_of_writing_is_understood(text: str, moment: int) -> None:
    assert moment_ms(text, NOW_MS) == moment


@pytest.mark.parametrize(
    "text", ["", "yesterday", "-1y", "-24 h", "1e9", "٣", "9" * 20, "0001-01-01"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        moment_ms(text, NOW_MS)


def test_a_moment_is_written_with_its_zone() -> None:
    assert iso(NOW_MS) == "2026-01-31T12:00:00.000Z"
    assert iso(LAST_MS) == "9999-12-31T23:59:59.999Z"
