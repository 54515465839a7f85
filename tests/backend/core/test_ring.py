from __future__ import annotations

import pytest

from llama_runner_pro.core.ring import Ring


def filled(size: int, count: int) -> Ring[int]:
    ring: Ring[int] = Ring(size)
    for value in range(count):
        ring.append(value)
    return ring


def test_a_ring_keeps_the_newest_values_oldest_first() -> None:
    assert list(filled(3, 5)) == [2, 3, 4]


def test_a_ring_counts_what_it_forgot() -> None:
    assert filled(3, 3).forgotten == 0
    assert filled(3, 5).forgotten == 2


def test_the_last_values_can_be_asked_for() -> None:
    ring = filled(5, 5)
    assert ring.last(2) == [3, 4]
    assert ring.last(99) == [0, 1, 2, 3, 4]
    assert ring.last(0) == []
    assert ring.last(-1) == []


def test_a_ring_knows_how_many_values_it_holds() -> None:
    assert len(filled(3, 0)) == 0
    assert len(filled(3, 2)) == 2
    assert len(filled(3, 9)) == 3


def test_a_ring_without_room_is_refused() -> None:
    with pytest.raises(ValueError, match="room"):
        Ring(0)
