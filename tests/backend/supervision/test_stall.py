"""Work that goes on, and work that is stuck."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from llama_runner_pro.supervision.probes.slots import Slots
from llama_runner_pro.supervision.stall import Sample, activity

if TYPE_CHECKING:
    from llama_runner_pro.supervision.events import Activity

IDLE, ONE, MOVED = Slots(0), Slots(1, ((0, 12, 75),)), Slots(1, ((0, 12, 76),))


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        (None, Sample(5, IDLE), "idle"),
        (Sample(0, ONE), Sample(5, IDLE), "idle"),
        (None, Sample(5, ONE), "moving"),
        (Sample(0, ONE), Sample(5, MOVED), "moving"),
        (Sample(0, IDLE), Sample(5, ONE), "moving"),
        (Sample(0, ONE), Sample(5, ONE), "stuck"),
        (Sample(0, ONE), Sample(5, Slots(2, (*ONE.marks, (1, 13, 0)))), "stuck"),
        (Sample(0, Slots(2, (*ONE.marks, (1, 13, 0)))), Sample(5, ONE), "moving"),
        (Sample(0), Sample(5, ONE), "moving"),
        (Sample(0, ONE, 7.0), Sample(5, ONE, 7.1), "stuck"),
        (Sample(0, ONE, 7.0), Sample(5, ONE, 7.5), "moving"),
        (Sample(0, ONE), Sample(5, ONE, 7.0), "moving"),
        (Sample(0, ONE, 7.0), Sample(5, ONE), "stuck"),
        (Sample(0, None, 7.0), Sample(5, None, 12.0), "moving"),
        (Sample(0, None, 7.0), Sample(5, None, 7.0), "unknown"),
        (None, Sample(5, None, 7.0), "unknown"),
        (Sample(5, None, 7.0), Sample(5, None, 9.0), "unknown"),
        (None, Sample(5), "unknown"),
        (Sample(0, ONE, 7.0), Sample(5, ONE, 7.1, 40), "moving"),
        (Sample(0, ONE, 7.0), Sample(5, ONE, 7.1, 0), "stuck"),
        (Sample(0, None, 7.0), Sample(5, None, 7.0, 40), "moving"),
    ],
)
def test_activity(before: Sample | None, now: Sample, expected: Activity) -> None:
    assert activity(before, now) == expected
