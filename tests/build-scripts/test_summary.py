"""The last page of the gate, and its closing line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gate.reports import Count
from gate.steps import Step
from gate.summary import Summary
from pipeline.job import Ending, Job, Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.command import CommandLog

DONE = Outcome(Ending.DONE, 1.0)
FAILED = Outcome(Ending.FAILED, 1.0, reason="ended with 1")
# Jobs of these names are parts of the installation, the others steps of the gate.
PARTS = ("dev", "node")
NOT_RUN = Outcome(Ending.NOT_RUN, reason="because dev failed")


def quick(_log: CommandLog) -> None:
    """Never called: the outcomes are given."""


def summary(
    outcomes: Mapping[str, Outcome], counts: Mapping[str, Count], *, skips_fail: bool = True
) -> Summary:
    """A summary over jobs named like the outcomes; those with a count are test steps."""
    jobs = [Job(name, name.title(), quick) for name in outcomes]

    def step(job: Job) -> Step:
        count = (lambda: counts[job.name]) if job.name in counts else None
        return Step(job, job.name, count)

    steps = [step(job) for job in jobs if job.name not in PARTS]
    return Summary(jobs, steps, outcomes, skips_fail=skips_fail)


def closing(page: Summary) -> str:
    """The last line."""
    return page.lines(1.0)[-1]


def test_the_closing_line_adds_all_test_runners_up() -> None:
    page = summary(
        {"pytest": DONE, "vitest": DONE, "ruff": DONE},
        {"pytest": Count(100), "vitest": Count(20)},
    )
    assert closing(page) == "120 passed, 0 failed"


def test_failed_tests_are_counted_one_by_one() -> None:
    page = summary({"pytest": FAILED}, {"pytest": Count(7, [(name, "no") for name in "abc"])})
    assert closing(page) == "7 passed, 3 failed"


@pytest.mark.parametrize("outcome", [FAILED, NOT_RUN])
def test_a_step_without_tests_that_does_not_succeed_counts_as_one_failure(
    outcome: Outcome,
) -> None:
    assert closing(summary({"ruff": outcome}, {})) == "0 passed, 1 failed"


def test_a_runner_that_fails_though_its_tests_pass_counts_as_one_failure() -> None:
    page = summary({"vitest": FAILED}, {"vitest": Count(5)})
    assert closing(page) == "5 passed, 1 failed"


def test_a_test_step_that_was_not_run_counts_nothing_an_older_report_says() -> None:
    page = summary({"pytest": NOT_RUN}, {"pytest": Count(50)})
    assert closing(page) == "0 passed, 1 failed"


def test_a_skip_fails_where_skips_are_forbidden_and_is_named_everywhere() -> None:
    counts = {"pytest": Count(5, [], [("a.lazy", "not today")])}
    strict = summary({"pytest": DONE}, counts)
    lenient = summary({"pytest": DONE}, counts, skips_fail=False)
    assert closing(strict) == "5 passed, 1 failed"
    assert closing(lenient) == "5 passed, 0 failed"
    for page in (strict, lenient):
        assert "  a.lazy: not today" in page.lines(1.0)


def test_seconds_of_processors_are_shown_where_they_are_known() -> None:
    page = summary({"ruff": Outcome(Ending.DONE, 9.0, cpu_s=7.5), "other": DONE}, {})
    ruff, other = page.lines(1.0)[1:3]
    assert "9.0 s  cpu    7.5 s" in ruff
    assert "cpu" not in other


def test_steps_of_another_system_are_named_with_their_reasons_and_fail_nothing() -> None:
    job = Job("pytest", "Server tests", quick)
    page = Summary(
        [job],
        [Step(job, "pytest", lambda: Count(5))],
        {"pytest": DONE},
        skips_fail=True,
        elsewhere={"The desktop app": "shows the window on Xvfb"},
    )
    assert "  The desktop app: shows the window on Xvfb" in page.lines(1.0)
    assert closing(page) == "5 passed, 0 failed"


def test_what_failed_is_named_first_under_its_step_with_the_reason() -> None:
    page = summary(
        {"ruff": DONE, "pytest": FAILED},
        {"pytest": Count(7, [("tests.a.test_b.test_c", "assert 1 == 2")])},
    )
    rows = page.lines(1.0)[1:5]
    assert rows[0].startswith("FAILED   Pytest")
    assert rows[1].strip() == "ended with 1"
    assert rows[2].strip() == "tests.a.test_b.test_c: assert 1 == 2"
    assert rows[3].startswith("ok       Ruff")


def test_parts_of_the_installation_share_a_row_unless_they_fail() -> None:
    page = summary({"dev": DONE, "node": DONE, "ruff": DONE}, {})
    rows = page.lines(1.0)[1:3]
    assert rows[0].split() == ["ok", "What", "they", "need,", "in", "2", "parts", "2.0", "s"]
    assert rows[1].startswith("ok       Ruff")
    broken = summary({"dev": DONE, "node": FAILED, "ruff": NOT_RUN}, {}).lines(1.0)
    assert broken[1].startswith("FAILED   Node")


def test_a_skip_for_want_of_hardware_is_named_and_fails_nowhere() -> None:
    skip = ("a.card", "needs_gpu: not on this computer")
    page = summary({"pytest": DONE}, {"pytest": Count(5, [], [skip])})
    assert closing(page) == "5 passed, 0 failed"
    assert "Not run for want of hardware (1):" in page.lines(1.0)
    assert "  a.card: needs_gpu: not on this computer" in page.lines(1.0)
