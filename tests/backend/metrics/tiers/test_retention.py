"""Forgetting by age and by size."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from fakes.recording import Recording, filled, spec

from llama_runner_pro.metrics.ranges import HistoryMark
from llama_runner_pro.metrics.tiers.database import open_reader, open_writer
from llama_runner_pro.metrics.tiers.retention import forget_old, make_room, used_bytes

if TYPE_CHECKING:
    from pathlib import Path

DAY_MS = 86_400_000


def oldest(recording: Recording) -> dict[int, int]:
    """Tier → how far back it reaches, in seconds."""
    with closing(open_reader(recording.path)) as connection:
        now_ms = recording.clock.wall
        rows = connection.execute("SELECT step_ms, min(start_ms) FROM windows GROUP BY step_ms")
        found = {step_ms // 1000: (now_ms - start_ms) // 1000 for step_ms, start_ms in rows}
        first = connection.execute("SELECT min(t_ms) FROM finest").fetchone()[0]
        return {1: (now_ms - first) // 1000, **found}


def test_each_resolution_reaches_as_far_back_as_configured(tmp_path: Path) -> None:
    recording = Recording(tmp_path, spec((1, 600), (10, 1_800), (60, 7_200)))
    recording.fill(10_000, lambda _: 5.0, every_s=5.0)
    found = oldest(recording)
    assert 600 <= found[1] <= 720
    assert 1_800 <= found[10] <= 2_100
    assert 7_200 <= found[60] <= 8_000


def test_a_resolution_that_is_no_longer_configured_goes(tmp_path: Path) -> None:
    recording = Recording(tmp_path)
    recording.fill(2_000, lambda _: 5.0)
    recording.recorder.configure(spec((1, 600), (60, 86_400)))
    recording.fill(120, lambda _: 5.0)
    assert set(oldest(recording)) == {1, 60}


def test_a_full_file_loses_its_oldest_time_first(tmp_path: Path) -> None:
    recording = Recording(tmp_path, spec((1, 600), (10, 86_400)), names="abcdefghij")
    for at in range(6_000):
        recording.sample({name: float(hash((name, at)) % 9_973) for name in "abcdefghij"})
        recording.clock.go(1.0)
    before = oldest(recording)
    recording.recorder.close()
    connection = open_writer(recording.path)
    limit = used_bytes(connection) * 9 // 10
    make_room(connection, limit)
    assert used_bytes(connection) <= limit
    connection.close()
    after = oldest(recording)
    assert after[10] < before[10]
    newest = filled(recording.ask(recording.clock.wall - 300_000, recording.clock.wall), "a")
    assert len(newest) == 300


def test_a_limit_below_everything_empties_the_file_and_ends(tmp_path: Path) -> None:
    recording = Recording(tmp_path)
    recording.fill(1_000, lambda _: 5.0)
    recording.recorder.close()
    connection = open_writer(recording.path)
    make_room(connection, 1_000)
    assert connection.execute("SELECT count(*) FROM finest").fetchone() == (0,)
    connection.close()


def test_marks_go_with_the_coarsest_resolution(tmp_path: Path) -> None:
    recording = Recording(tmp_path)
    recording.fill(10, lambda _: 5.0)
    for age_days in (2, 0.5):
        t_ms = recording.clock.wall - round(age_days * DAY_MS)
        recording.recorder.mark(HistoryMark(t_ms, "load", "demo", "demo is ready"))
    recording.recorder.close()
    connection = open_writer(recording.path)
    forget_old(connection, recording.recorder.tiers, recording.clock.wall)
    assert connection.execute("SELECT count(*) FROM marks").fetchone() == (1,)
    connection.close()
