"""The recovery log: complete, durable, and readable after anything."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from fakes.clock import FakeClock
from fakes.recovery import story, written

from llama_runner_pro.endpoints.ports import Evidence, Incident
from llama_runner_pro.supervision.recovery_log import RecoveryLog, RotationLimits

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EVIDENCE = Evidence(pid=7, signal="SIGKILL", rss_bytes=5, log_tail=("a line", "µ"))


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def changes() -> list[Incident]:
    return []


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "logs" / "ai_recovery.log"


@pytest.fixture
def log(path: Path, clock: FakeClock, changes: list[Incident]) -> Iterator[RecoveryLog]:
    opened = RecoveryLog(path, clock, changes.append)
    yield opened
    opened.shut()


async def open_one(log: RecoveryLog, name: str = "demo", summary: str = "killed") -> str:
    return await log.open(
        name, "exit", summary, EVIDENCE, detected_ms=1_700_000_000_000, evidence_ms=12.5
    )


def lines(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines()


def damage(path: Path, line: bytes) -> None:
    path.write_bytes(line + b"\n" + path.read_bytes() + line + b"\n")


class TestWriting:
    async def test_an_incident_is_in_the_file_when_open_returns(
        self, log: RecoveryLog, path: Path
    ) -> None:
        incident_id = await open_one(log)
        line = written(path)[0]
        assert (line["event"], line["incident"]) == ("opened", incident_id)
        assert (line["endpoint"], line["cause"], line["summary"]) == ("demo", "exit", "killed")
        assert line["evidence"]["log_tail"] == ["a line", "µ"]

    async def test_ids_begin_with_the_time_and_differ(self, log: RecoveryLog) -> None:
        first, second = await open_one(log), await open_one(log)
        assert first.startswith("20231114T221320-")
        assert first != second

    async def test_steps_follow_detection_and_evidence_in_order_with_their_times(
        self, log: RecoveryLog, clock: FakeClock, path: Path
    ) -> None:
        incident_id = await open_one(log)
        log.begin_step(incident_id, "graceful_stop")
        await clock.advance(0.25)
        log.end_step(incident_id, ok=False, detail="SIGTERM was ignored")
        log.begin_step(incident_id, "start")
        await clock.advance(1.5)
        log.begin_step(incident_id, "wait_ready")
        await clock.advance(1.0)
        log.close(incident_id, "healed", "answers again")
        incident = log.get(incident_id)
        assert incident is not None
        assert [(step.step, step.ok, step.duration_ms) for step in incident.steps] == [
            ("detected", True, None),
            ("evidence", True, 12.5),
            ("graceful_stop", False, 250.0),
            ("start", True, 1500.0),
            ("wait_ready", True, 1000.0),
            ("close", True, None),
        ]
        assert (incident.outcome, incident.duration_ms) == ("healed", 2750.0)
        assert story(path) == [
            "opened exit",
            "graceful_stop failed",
            "start ok",
            "wait_ready ok",
            "closed healed",
        ]

    async def test_a_step_that_runs_already_goes_on(self, log: RecoveryLog, path: Path) -> None:
        incident_id = await open_one(log)
        log.begin_step(incident_id, "verify_ready")
        log.begin_step(incident_id, "verify_ready")
        running = log.running_step(incident_id)
        assert running is not None
        assert running.step == "verify_ready"
        log.end_step(incident_id, ok=True)
        assert log.running_step(incident_id) is None
        assert story(path) == ["opened exit", "verify_ready ok"]

    async def test_ending_no_step_writes_nothing(self, log: RecoveryLog, path: Path) -> None:
        incident_id = await open_one(log)
        log.end_step(incident_id, ok=False, detail="whatever")
        assert story(path) == ["opened exit"]

    async def test_a_repair_that_failed_ends_its_running_step_as_failed(
        self, log: RecoveryLog, path: Path
    ) -> None:
        incident_id = await open_one(log)
        log.begin_step(incident_id, "start")
        log.close(incident_id, "failed", "no such program")
        assert story(path) == ["opened exit", "start failed", "closed failed"]

    async def test_every_change_is_told(self, log: RecoveryLog, changes: list[Incident]) -> None:
        incident_id = await open_one(log)
        log.begin_step(incident_id, "start")
        log.close(incident_id, "healed", "well")
        assert [incident.id for incident in changes] == [incident_id] * 4
        assert changes[-1].outcome == "healed"
        assert changes[0].closed_ms is None


class TestReading:
    async def test_newest_first_of_one_or_of_all(self, log: RecoveryLog) -> None:
        ids = [await open_one(log, name) for name in ("a", "b", "a")]
        assert [incident.id for incident in log.recent()] == ids[::-1]
        assert [incident.id for incident in log.recent(endpoint="a")] == [ids[2], ids[0]]
        assert [incident.id for incident in log.recent(1)] == [ids[2]]
        assert log.get("unknown") is None

    async def test_an_open_incident_outlives_two_hundred_newer_ones(self, log: RecoveryLog) -> None:
        old = await open_one(log, "old")
        log.begin_step(old, "backoff")
        for _ in range(250):
            log.close(await open_one(log, "new"), "healed", "well")
        assert len(log.recent(1000)) == 200
        assert log.running_step(old) is not None
        log.close(old, "healed", "at last")
        assert log.get(old) is not None

    async def test_an_earlier_run_is_recalled_as_it_was(
        self, log: RecoveryLog, clock: FakeClock, path: Path
    ) -> None:
        incident_id = await open_one(log)
        log.begin_step(incident_id, "start")
        await clock.advance(1.0)
        log.close(incident_id, "healed", "answers again")
        before = log.get(incident_id)
        log.shut()
        again = RecoveryLog(path, clock, [].append)
        assert again.get(incident_id) == before
        again.shut()

    async def test_what_a_crash_left_open_stays_open_for_whoever_watches_that_endpoint(
        self, log: RecoveryLog, clock: FakeClock, path: Path
    ) -> None:
        incident_id = await open_one(log)
        log.begin_step(incident_id, "start")
        log.shut()
        await clock.advance(7.0)
        again = RecoveryLog(path, clock, [].append)
        left = again.get(incident_id)
        assert left is not None
        assert left.closed_ms is None
        assert [again.inherit(left.endpoint) for _ in range(2)] == [incident_id, None]
        again.abandon_left_open()
        again.close(incident_id, "healed", "answers again")
        closed = again.get(incident_id)
        again.shut()
        assert closed is not None
        assert (closed.outcome, closed.duration_ms) == ("healed", 7000.0)
        assert story(path) == ["opened exit", "closed healed"]

    async def test_what_nobody_goes_on_with_is_closed_as_failed_once(
        self, log: RecoveryLog, clock: FakeClock, path: Path
    ) -> None:
        older, newer = await open_one(log), await open_one(log)
        log.shut()
        for _ in range(2):
            again = RecoveryLog(path, clock, [].append)
            again.abandon_left_open()
            found = [again.get(each) for each in (older, newer)]
            again.shut()
        assert [one and one.outcome for one in found] == ["failed", "failed"]
        assert [one and one.steps[-1].detail for one in found] == [
            "the sidecar ended before this repair was over",
            "its endpoint is not configured any more",
        ]
        assert story(path) == ["opened exit"] * 2 + ["closed failed"] * 2

    async def test_a_line_that_a_crash_cut_short_damages_no_other(
        self, log: RecoveryLog, clock: FakeClock, path: Path
    ) -> None:
        incident_id = await open_one(log)
        log.shut()
        with path.open("ab") as file:
            file.write(b'{"t_ms": 17, "event": "st')
        again = RecoveryLog(path, clock, [].append)
        again.abandon_left_open()
        again.shut()
        closing = json.loads(lines(path)[-1])
        assert (closing["event"], closing["incident"]) == ("closed", incident_id)

    @pytest.mark.parametrize(
        "line",
        [
            b"not json",
            b"[]",
            b"17",
            b"\xff\xfe",
            b"{}",
            b'{"event": "closed", "incident": "unknown"}',
            b'{"event": "opened", "incident": "x", "t_ms": "soon"}',
            b'{"event": "novel", "incident": "x"}',
        ],
    )
    async def test_a_damaged_line_is_passed_over(
        self, log: RecoveryLog, clock: FakeClock, path: Path, line: bytes
    ) -> None:
        incident_id = await open_one(log)
        log.close(incident_id, "healed", "well")
        log.shut()
        damage(path, line)
        again = RecoveryLog(path, clock, [].append)
        assert [incident.id for incident in again.recent()] == [incident_id]
        again.shut()


class TestRotation:
    async def test_the_file_is_turned_over_and_old_ones_go(
        self, path: Path, clock: FakeClock
    ) -> None:
        log = RecoveryLog(path, clock, [].append, RotationLimits(bytes_each=2_000, files=3))
        for _ in range(40):
            log.close(await open_one(log), "healed", "well")
        log.shut()
        names = sorted(file.name for file in path.parent.iterdir())
        assert names == [path.name, *(f"{path.name}.{n}" for n in (1, 2, 3))]
        assert all(file.stat().st_size <= 2_000 for file in path.parent.iterdir())

    async def test_an_incident_that_spans_two_files_is_recalled_whole(
        self, path: Path, clock: FakeClock
    ) -> None:
        limits = RotationLimits(bytes_each=700, files=3)
        log = RecoveryLog(path, clock, [].append, limits)
        incident_id = await open_one(log)
        for step in ("start", "wait_ready", "verify_ready"):
            log.begin_step(incident_id, step)
        log.close(incident_id, "healed", "well")
        before = log.get(incident_id)
        log.shut()
        assert path.with_name(f"{path.name}.1").exists()
        again = RecoveryLog(path, clock, [].append, limits)
        assert again.get(incident_id) == before
        again.shut()


async def test_a_disk_that_takes_no_more_stops_no_repair(
    path: Path, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    log = RecoveryLog(path, clock, [].append, RotationLimits(bytes_each=300, files=1))
    path.with_name(f"{path.name}.1").mkdir()
    incident_id = await open_one(log, summary="x" * 400)
    log.close(incident_id, "healed", "well")
    log.shut()
    assert "recovery.log cannot be written" in caplog.text
    recalled = log.get(incident_id)
    assert recalled is not None
    assert recalled.outcome == "healed"
