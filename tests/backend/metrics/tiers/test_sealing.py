"""Coarse windows out of fine points."""

from __future__ import annotations

from contextlib import closing
from itertools import pairwise
from typing import TYPE_CHECKING

from fakes.recording import T0_MS, Recording, expected, filled, spec

from llama_runner_pro.metrics.tiers.database import open_reader

if TYPE_CHECKING:
    from pathlib import Path


def windows(recording: Recording, step_s: int) -> list[tuple[int, int]]:
    """Start and end of what is sealed."""
    with closing(open_reader(recording.path)) as connection:
        return connection.execute(
            "SELECT start_ms, end_ms FROM windows WHERE step_ms = ? ORDER BY start_ms",
            (step_s * 1000,),
        ).fetchall()


def test_windows_are_sealed_when_their_time_is_over_and_meet(tmp_path: Path) -> None:
    recording = Recording(tmp_path)
    recording.fill(2_000, lambda t_ms: float(t_ms % 7))
    found = windows(recording, 10)
    assert len(found) >= 10
    assert all(end_ms <= recording.clock.wall for _, end_ms in found)
    assert all(end_ms == start_ms for (_, end_ms), (start_ms, _) in pairwise(found))
    assert windows(recording, 60)


def test_nothing_is_lost_when_the_machine_was_off_in_the_middle_of_a_window(
    tmp_path: Path,
) -> None:
    recording = Recording(tmp_path, spec((1, 600), (10, 3_600), (60, 864_000)))
    recording.fill(400, lambda _: 5.0)
    recording.clock.go(3 * 86_400 - 3_600)
    recording.fill(400, lambda _: 6.0)
    found = recording.ask(T0_MS, T0_MS + 600_000, 100)
    assert sum(count for *_, count in filled(found, "a").values()) == 400


def test_after_the_clock_was_set_back_both_times_are_there(tmp_path: Path) -> None:
    recording = Recording(tmp_path, spec((1, 7_200), (10, 86_400), (60, 864_000)))
    recording.fill(1_800, lambda _: 1.0)
    recording.clock.wall -= 1_000_000
    recording.fill(3_600, lambda _: 2.0)
    found = recording.ask(T0_MS, recording.clock.wall, 5_000)
    held = filled(found, "a")
    assert held == {
        t: (f[0], f[1], f[2], f[3]) for t, f in expected(recording.samples, "a", found).items()
    }
    coarse = filled(recording.ask(T0_MS, recording.clock.wall, 60), "a")
    assert max(most for _, _, most, _ in coarse.values()) == 2.0
    assert min(least for _, least, _, _ in coarse.values()) == 1.0


def test_a_clock_that_jumps_ahead_and_back_destroys_nothing(tmp_path: Path) -> None:
    recording = Recording(tmp_path)
    recording.fill(1_200, lambda _: 1.0)
    recording.clock.wall += 10 * 365 * 86_400_000
    recording.fill(300, lambda _: 2.0)
    recording.clock.wall -= 10 * 365 * 86_400_000
    recording.fill(1_200, lambda _: 3.0)
    held = filled(recording.ask(T0_MS, recording.clock.wall, 50), "a")
    assert {avg for avg, *_ in held.values()} >= {1.0, 3.0}
    assert sum(count for *_, count in held.values()) == 2_400
