"""Points in time as clients read them."""

from __future__ import annotations

from datetime import datetime

from llama_runner_pro.gateway.translate.instants import (
    FOREVER,
    Instants,
    rfc3339,
    rfc3339_offset,
)

NOON_MS = 1_767_268_800_123


def test_an_instant_is_utc_with_a_fraction() -> None:
    assert rfc3339(NOON_MS) == "2026-01-01T12:00:00.123Z"


def test_with_an_offset_every_reader_of_iso_dates_understands_it() -> None:
    assert datetime.fromisoformat(rfc3339_offset(NOON_MS)).timestamp() * 1000 == NOON_MS
    assert datetime.fromisoformat(FOREVER).year == 2318


def test_many_instants_of_one_second_are_right_each() -> None:
    instants = Instants()
    told = [instants.at(NOON_MS + more).decode() for more in (0, 1, 876, 877)]
    assert told == [rfc3339(NOON_MS + more) for more in (0, 1, 876, 877)]
