"""The runner: order, failures, and what is left out because nothing changed."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from pipeline.command import Children, CommandLog
from pipeline.job import Ending, Job, JobFailed, Outcome
from pipeline.runner import to_do

if TYPE_CHECKING:
    import io
    from pathlib import Path

RunJobs = Callable[[list[Job]], dict[str, Outcome]]


def quick(_log: CommandLog) -> None:
    """Work that is done at once."""


def failing(_log: CommandLog) -> None:
    """Work that cannot be done."""
    raise JobFailed("the disk is full", advice="make room", tail="no space left")


def test_a_job_starts_only_when_what_it_needs_is_done(run_jobs: RunJobs) -> None:
    order: list[str] = []
    second = Job("second", "Second", lambda _: order.append("second"), needs=("first",))
    first = Job("first", "First", lambda _: order.append("first"))
    run_jobs([second, first])
    assert order == ["first", "second"]


def test_a_failure_stops_only_the_jobs_that_need_it(run_jobs: RunJobs) -> None:
    jobs = [
        Job("bad", "Bad", failing),
        Job("needs-bad", "Needs bad", quick, needs=("bad",)),
        Job("needs-that", "Needs that", quick, needs=("needs-bad",)),
        Job("after-bad", "After bad", quick, after=("bad",)),
        Job("other", "Other", quick),
    ]
    endings = {name: outcome.ending for name, outcome in run_jobs(jobs).items()}
    assert endings == {
        "bad": Ending.FAILED,
        "needs-bad": Ending.NOT_RUN,
        "needs-that": Ending.NOT_RUN,
        "after-bad": Ending.DONE,
        "other": Ending.DONE,
    }


def test_a_failure_says_what_failed_and_what_to_do(run_jobs: RunJobs, screen: io.StringIO) -> None:
    run_jobs([Job("bad", "Bad", failing)])
    said = screen.getvalue()
    assert "What failed: Bad: the disk is full" in said
    assert "What to do: make room" in said
    assert "no space left" in said


def test_a_job_that_wants_to_be_alone_shares_with_nobody(run_jobs: RunJobs) -> None:
    at_work = threading.Semaphore(0)
    seen: list[bool] = []

    def beside(_log: CommandLog) -> None:
        at_work.release()

    def alone(_log: CommandLog) -> None:
        # Both others must be over: each released once and nothing is left running.
        seen.append(at_work.acquire(timeout=0) and at_work.acquire(timeout=0))

    run_jobs(
        [Job("a", "A", beside), Job("b", "B", beside), Job("alone", "Alone", alone, alone=True)]
    )
    assert seen == [True]


def test_a_job_that_mostly_waits_takes_no_place_of_one_that_works(run_jobs: RunJobs) -> None:
    together = threading.Barrier(3)

    def meet(_log: CommandLog) -> None:
        together.wait(timeout=120)

    outcomes = run_jobs(
        [Job("a", "A", meet), Job("b", "B", meet), Job("waits", "Waits", meet, waits=True)]
    )
    assert {outcome.ending for outcome in outcomes.values()} == {Ending.DONE}


def test_jobs_that_mostly_wait_run_one_after_another(run_jobs: RunJobs) -> None:
    together = threading.Barrier(2)
    met: list[bool] = []

    def meet(_log: CommandLog) -> None:
        try:
            together.wait(timeout=0.2)
        except threading.BrokenBarrierError:
            return
        met.append(True)

    run_jobs([Job(name, name, meet, waits=True) for name in "ab"])
    assert met == []


def test_what_a_job_took_of_the_processors_is_added_up(run_jobs: RunJobs) -> None:
    burn = "import time\nwhile time.process_time() < 0.2: pass"

    def work(log: CommandLog) -> None:
        log.run([sys.executable, "-c", burn])
        log.run([sys.executable, "-c", burn])

    outcome = run_jobs([Job("burns", "Burns", work)])["burns"]
    assert outcome.cpu_s >= 0.4


def test_settled_jobs_are_left_out() -> None:
    jobs = [Job("done", "Done", quick, settled=lambda: True), Job("new", "New", quick)]
    assert [job.name for job in to_do(jobs)] == ["new"]


def test_a_settled_job_is_done_anew_when_what_it_needs_is() -> None:
    jobs = [
        Job("environment", "Environment", quick),
        Job("packages", "Packages", quick, needs=("environment",), settled=lambda: True),
        Job("aside", "Aside", quick, after=("environment",), settled=lambda: True),
    ]
    assert [job.name for job in to_do(jobs)] == ["environment", "packages"]


def test_a_program_that_fails_fails_its_job_with_the_end_of_its_output(tmp_path: Path) -> None:
    log = CommandLog(tmp_path / "x.log", Children())
    program = "print('before'); raise SystemExit(3)"
    with pytest.raises(JobFailed) as failure:
        log.run([sys.executable, "-c", program])
    assert "ended with 3" in failure.value.reason
    assert failure.value.tail.endswith("before")


def test_a_program_that_is_not_there_fails_its_job_by_name(tmp_path: Path) -> None:
    log = CommandLog(tmp_path / "x.log", Children())
    with pytest.raises(JobFailed, match="no-such-program could not be started"):
        log.run([str(tmp_path / "no-such-program")])


def test_nothing_starts_once_everything_was_stopped(tmp_path: Path) -> None:
    children = Children()
    children.stop()
    with pytest.raises(JobFailed, match="stopped"):
        CommandLog(tmp_path / "x.log", children).run([sys.executable, "-c", ""])


def test_stopping_ends_running_programs_and_what_they_started(tmp_path: Path) -> None:
    children = Children()
    log = CommandLog(tmp_path / "x.log", children)
    outcome: list[JobFailed] = []

    def work() -> None:
        try:
            log.run([sys.executable, "-uc", "print('up'); import time; time.sleep(60)"])
        except JobFailed as failure:
            outcome.append(failure)

    worker = threading.Thread(target=work)
    worker.start()
    waiting = threading.Event()
    while "up" not in log.path.read_text("utf-8").splitlines():
        assert not waiting.wait(0.01)
    children.stop()
    worker.join(timeout=120)
    assert not worker.is_alive()
    assert "ended with -15" in outcome[0].reason
