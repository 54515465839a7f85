"""Time that passed without us."""

from __future__ import annotations

from llama_runner_pro.supervision.interruptions import Interruptions


class TwoClocks:
    """Wall and monotonic time, each set by the test."""

    def __init__(self) -> None:
        self.wall_s, self.monotonic_s = 1_000.0, 10.0

    def monotonic(self) -> float:
        """As set."""
        return self.monotonic_s

    def wall_ms(self) -> int:
        """As set."""
        return round(self.wall_s * 1000)

    async def sleep(self, seconds: float) -> None:
        """Nobody sleeps here."""
        raise AssertionError(seconds)

    def both(self, seconds: float) -> None:
        """Time passes as it should."""
        self.wall_s += seconds
        self.monotonic_s += seconds


def test_time_that_just_passes_is_no_interruption() -> None:
    clock = TwoClocks()
    interruptions = Interruptions(clock)
    clock.both(500.0)
    clock.wall_s += 1.9
    assert not interruptions.happened()


def test_a_sleeping_machine_is_noticed_once() -> None:
    clock = TwoClocks()
    interruptions = Interruptions(clock)
    clock.wall_s += 3600.0
    assert interruptions.happened()
    assert not interruptions.happened()


def test_a_clock_that_is_set_back_is_noticed() -> None:
    clock = TwoClocks()
    interruptions = Interruptions(clock)
    clock.wall_s -= 3600.0
    assert interruptions.happened()


def test_waking_up_late_is_noticed_once() -> None:
    clock = TwoClocks()
    interruptions = Interruptions(clock)
    interruptions.woke(clock.monotonic_s - 2.1)
    assert interruptions.happened()
    interruptions.woke(clock.monotonic_s - 1.9)
    assert not interruptions.happened()
