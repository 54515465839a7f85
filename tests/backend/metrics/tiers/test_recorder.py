"""The keeper of the file, and everything that can go wrong with it."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from fakes.recording import SHORT, T0_MS, Recording, filled, spec

from llama_runner_pro.metrics.tiers.database import open_writer

KILLED = """
import sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from fakes.recording import Recording
recording = Recording(Path(sys.argv[1]))
while True:
    recording.sample({"a": 1.0})
    recording.clock.go(1.0)
    print(round(recording.clock.passed_s), flush=True)
"""


class Disk:
    """Opens files that hold at most so many pages."""

    def __init__(self, pages: int) -> None:
        self.pages = pages

    def open(self, path: Path) -> sqlite3.Connection:
        """As the recorder does, on a small disk."""
        connection = open_writer(path)
        connection.execute(f"PRAGMA max_page_count = {self.pages}")
        return connection


def counted(recording: Recording) -> int:
    """Samples of `a` on disk."""
    found = recording.ask(T0_MS, recording.clock.wall + 1, 5_000)
    return sum(count for *_, count in filled(found, "a").values())


@pytest.mark.skipif(os.name == "nt", reason="sends POSIX signals")
def test_a_killed_process_loses_ten_seconds_at_most_and_never_the_file(tmp_path: Path) -> None:
    backend = Path(__file__).resolve().parents[2]
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path), str(backend)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    lines = iter(process.stdout)
    while int(next(lines)) < 1_500:
        pass
    process.send_signal(signal.SIGKILL)
    process.wait(60)
    told = max([1_500, *(int(line) for line in lines if line.strip().isdigit())])
    process.stdout.close()
    recording = Recording(tmp_path)
    recording.clock.go(told + 60)
    assert counted(recording) >= told - 10
    recording.fill(30, lambda _: 2.0)
    assert recording.recorder.set_aside is None
    assert counted(recording) >= told + 20


def test_samples_are_on_disk_after_some_seconds_without_being_asked(tmp_path: Path) -> None:
    recording = Recording(tmp_path)
    for _ in range(30):
        recording.sample({"a": 1.0})
        recording.clock.go(1.0)
    other = sqlite3.connect(recording.path)
    newest_ms = other.execute("SELECT max(t_ms) FROM finest").fetchone()[0]
    other.close()
    assert recording.clock.wall - newest_ms <= 10_000


def test_a_damaged_file_is_set_aside_and_a_new_one_begun(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    path.write_bytes(b"rubbish" * 10_000)
    recording = Recording(tmp_path)
    recording.fill(10, lambda _: 1.0)
    assert counted(recording) == 10
    name = recording.recorder.set_aside
    assert name is not None
    assert (tmp_path / name).read_bytes().startswith(b"rubbish")
    assert recording.recorder.paused is None


def test_a_file_of_a_later_version_is_kept_beside_the_new_one(tmp_path: Path) -> None:
    connection = open_writer(tmp_path / "history.db")
    connection.execute("PRAGMA user_version = 2")
    connection.close()
    recording = Recording(tmp_path)
    recording.fill(10, lambda _: 1.0)
    assert counted(recording) == 10
    assert recording.recorder.set_aside is not None


def test_what_a_reader_finds_damaged_is_set_aside_while_recording(tmp_path: Path) -> None:
    recording = Recording(tmp_path)
    recording.fill(10, lambda _: 1.0)
    recording.recorder.broken("malformed")
    recording.fill(10, lambda _: 2.0)
    assert counted(recording) == 10
    assert len(list(tmp_path.glob("history-unusable-*.db"))) == 1


def test_a_full_disk_pauses_recording_with_a_reason_and_it_goes_on_by_itself(
    tmp_path: Path,
) -> None:
    disk = Disk(pages=15)
    recording = Recording(tmp_path, spec(*SHORT), open_file=disk.open)
    recording.fill(1_500, lambda t_ms: float(t_ms % 997))
    assert recording.recorder.paused == "the disk is full"
    dropped = recording.recorder.dropped
    assert dropped > 0
    disk.pages = 100_000
    recording.fill(60, lambda _: 1.0)
    assert recording.recorder.paused is None
    assert recording.recorder.dropped - dropped <= 15
    newest = recording.ask(recording.clock.wall - 40_000, recording.clock.wall)
    assert sum(count for *_, count in filled(newest, "a").values()) >= 35


def test_a_file_that_may_not_be_written_to_pauses_with_a_reason(tmp_path: Path) -> None:
    rights = {"query_only": "ON"}

    def open_file(path: Path) -> sqlite3.Connection:
        connection = open_writer(path)
        connection.execute(f"PRAGMA query_only = {rights['query_only']}")
        return connection

    recording = Recording(tmp_path, open_file=open_file)
    recording.fill(5, lambda _: 1.0)
    assert recording.recorder.paused == "the file or its folder may not be written to"
    rights["query_only"] = "OFF"
    recording.fill(20, lambda _: 1.0)
    assert recording.recorder.paused is None
    assert counted(recording) >= 5


def test_a_folder_that_is_a_file_pauses_with_a_reason(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("")
    recording = Recording(tmp_path / "x")
    recording.fill(5, lambda _: 1.0)
    assert recording.recorder.paused
    assert recording.recorder.dropped == 5


def test_switching_off_stops_recording_and_keeps_what_is_there(tmp_path: Path) -> None:
    recording = Recording(tmp_path)
    recording.fill(10, lambda _: 1.0)
    recording.recorder.configure(spec(*SHORT, enabled=False))
    recording.fill(10, lambda _: 1.0)
    recording.recorder.configure(spec())
    recording.fill(10, lambda _: 1.0)
    assert counted(recording) == 20


def test_one_more_resolution_is_made_from_what_is_there(tmp_path: Path) -> None:
    recording = Recording(tmp_path)
    recording.fill(1_000, lambda _: 1.0)
    recording.recorder.configure(spec((1, 600), (10, 3_600), (30, 7_200), (60, 86_400)))
    recording.fill(2_000, lambda _: 1.0)
    found = recording.ask(T0_MS, recording.clock.wall, 100)
    assert sum(count for *_, count in filled(found, "a").values()) == 3_000


def test_a_smaller_limit_makes_room_at_the_next_look(tmp_path: Path) -> None:
    recording = Recording(tmp_path, spec((1, 86_400), (10, 172_800)))
    recording.fill(10_000, lambda t_ms: float(hash(t_ms) % 9_973), every_s=1.0)
    before = recording.path.stat().st_size
    recording.recorder.configure(spec((1, 86_400), (10, 172_800), max_bytes=250_000))
    recording.fill(200, lambda _: 1.0)
    recording.recorder.close()
    assert before > 250_000 >= recording.path.stat().st_size
