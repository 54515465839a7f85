"""The older family's envelope."""

from __future__ import annotations

from fakes.clock import FakeClock

from llama_runner_pro.api.envelope import envelope, iso_or_none, iso_time


def test_times_are_iso_8601_in_utc() -> None:
    assert iso_time(1_700_000_000_250) == "2023-11-14T22:13:20.250+00:00"
    assert iso_or_none(None) is None
    assert iso_or_none(0) == "1970-01-01T00:00:00.000+00:00"


def test_an_answer_carries_status_message_data_and_its_time() -> None:
    wrapped = envelope(FakeClock(), "all fine", [1, 2])
    assert (wrapped.status, wrapped.message, wrapped.data) == ("success", "all fine", [1, 2])
    assert wrapped.timestamp == "2023-11-14T22:13:20.000+00:00"
