"""Slots are never given twice, and whoever came first is served first."""

from __future__ import annotations

import random

import pytest

from llama_runner_pro.resilience.bulkhead import Line, Slots, retry_after_s


class TestSlots:
    def test_no_more_than_there_are(self) -> None:
        slots = Slots(2)
        assert [slots.take() for _ in range(3)] == [True, True, False]
        slots.give_back(1.0)
        assert slots.free == 1

    def test_fewer_slots_end_nothing_that_runs(self) -> None:
        slots = Slots(3)
        for _ in range(3):
            slots.take()
        slots.capacity = 1
        assert slots.free == 0
        slots.give_back(1.0)
        slots.give_back(1.0)
        assert not slots.take()
        slots.give_back(1.0)
        assert slots.take()

    def test_one_that_nobody_took_cannot_be_returned(self) -> None:
        with pytest.raises(RuntimeError, match="twice"):
            Slots(1).give_back(1.0)

    def test_it_knows_how_long_one_takes_lately(self) -> None:
        slots = Slots(1)
        assert slots.held_s is None
        for held_s in (10.0, 20.0):
            slots.take()
            slots.give_back(held_s)
        assert slots.held_s == pytest.approx(12.0)


@pytest.mark.parametrize(
    ("ahead", "capacity", "held_s", "expected"),
    [(0, 1, 10.0, 10), (3, 2, 10.0, 20), (0, 8, 0.1, 1), (500, 1, 30.0, 120), (1, 0, None, 2)],
)
def test_when_asking_again_makes_sense(
    ahead: int, capacity: int, held_s: float | None, expected: float
) -> None:
    assert retry_after_s(ahead, capacity, held_s) == expected


class TestLine:
    def test_the_first_to_come_is_the_next(self) -> None:
        line: Line[str] = Line(10)
        tickets = [line.join(name, priority=0, now_s=0.0) for name in "abc"]
        assert [one.holder for one in line] == ["a", "b", "c"]
        assert [line.position(one) for one in tickets if one] == [1, 2, 3]

    def test_a_higher_priority_goes_before_and_behind_its_equals(self) -> None:
        line: Line[str] = Line(10)
        for name, priority in (("a", 0), ("b", 5), ("c", 5), ("d", -1), ("e", 0)):
            line.join(name, priority=priority, now_s=0.0)
        assert [one.holder for one in line] == ["b", "c", "a", "e", "d"]

    def test_a_full_line_takes_nobody(self) -> None:
        line: Line[str] = Line(1)
        assert line.join("a", priority=0, now_s=0.0) is not None
        assert line.join("b", priority=9, now_s=0.0) is None
        assert len(line) == 1

    def test_leaving_twice_is_nothing(self) -> None:
        line: Line[str] = Line(2)
        ticket = line.join("a", priority=0, now_s=0.0)
        assert ticket is not None
        assert line.leave(ticket)
        assert not line.leave(ticket)
        assert line.position(ticket) is None

    @pytest.mark.parametrize("seed", range(20))
    def test_coming_and_going_never_mixes_up_the_order(self, seed: int) -> None:
        dice, line = random.Random(seed), Line[int](50)
        tickets = []
        for number in range(400):
            if dice.random() < 0.6:
                ticket = line.join(number, priority=dice.randint(-2, 2), now_s=0.0)
                if ticket is not None:
                    tickets.append(ticket)
            elif tickets:
                assert line.leave(tickets.pop(dice.randrange(len(tickets))))
            expected = sorted(tickets, key=lambda one: (-one.priority, one.holder))
            assert [one.holder for one in line] == [one.holder for one in expected]
