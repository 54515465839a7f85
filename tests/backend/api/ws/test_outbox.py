"""What waits for one session."""

from __future__ import annotations

from llama_runner_pro.api.ws.outbox import TickSlot
from llama_runner_pro.api.ws.tick import SharedTick


def tick(seq: int, at_s: float | None = None) -> SharedTick:
    """A tick; one per second unless told otherwise."""
    return SharedTick(
        seq=seq,
        previous_seq=seq - 1,
        t_ms=seq * 1000,
        at_s=float(seq) if at_s is None else at_s,
        fields_version=1,
        values={},
        changed={},
        group_of={},
        plain=dict,
    )


def drained(slot: TickSlot) -> list[tuple[int, tuple[int, int] | None]]:
    """Sequence numbers and gaps, in the order of sending."""
    found = []
    while taken := slot.take():
        found.append((taken[0].seq, taken[1]))
    return found


def test_two_ticks_wait_in_order() -> None:
    slot = TickSlot()
    assert not slot
    assert slot.offer(tick(1), 1.0)
    assert slot.offer(tick(2), 1.0)
    assert slot
    assert drained(slot) == [(1, None), (2, None)]


def test_the_newest_win_and_the_gap_is_told_before_them() -> None:
    slot = TickSlot()
    for seq in range(1, 6):
        slot.offer(tick(seq), 1.0)
    assert slot.dropped == 3
    assert drained(slot) == [(4, (1, 3)), (5, None)]


def test_a_gap_is_told_once() -> None:
    slot = TickSlot()
    for seq in range(1, 4):
        slot.offer(tick(seq), 1.0)
    assert drained(slot) == [(2, (1, 1)), (3, None)]
    slot.offer(tick(4), 1.0)
    assert drained(slot) == [(4, None)]


def test_ticks_that_come_too_early_for_the_pace_are_left_out() -> None:
    slot = TickSlot()
    taken = [seq for seq in range(1, 8) if slot.offer(tick(seq), 3.0)]
    assert taken == [1, 4, 7]


def test_a_tick_that_is_a_little_early_is_in_time() -> None:
    slot = TickSlot()
    slot.offer(tick(1, 1.0), 1.0)
    assert slot.offer(tick(2, 1.95), 1.0)


def test_after_a_clearing_the_next_tick_is_taken_at_once() -> None:
    slot = TickSlot()
    slot.offer(tick(1), 60.0)
    slot.clear()
    assert slot.offer(tick(2), 60.0)
    assert drained(slot) == [(2, None)]


def test_ticks_that_were_never_offered_can_be_told_as_a_gap() -> None:
    slot = TickSlot()
    slot.miss(4, 6)
    slot.offer(tick(7), 1.0)
    assert drained(slot) == [(7, (4, 6))]
    slot.miss(8, 7)
    slot.offer(tick(8), 1.0)
    assert drained(slot) == [(8, None)]
