"""The last page of the gate: what ran, how long it took, what was skipped, who won."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from gate.here import NAMES
from gate.reports import Count
from pipeline.job import Ending, Job, Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gate.steps import Step


def ci_is_set() -> bool:
    """Whether this is a build service, where a skipped test fails the run."""
    return os.environ.get("CI", "").lower() not in {"", "0", "false"}


def elsewhere_lines(elsewhere: Mapping[str, str]) -> list[str]:
    """Names the steps that say nothing on this system, a line each."""
    if not elsewhere:
        return []
    name = NAMES.get(sys.platform, sys.platform)
    lines = [f"  {title}: {reason}" for title, reason in elsewhere.items()]
    return ["", f"Not for {name}, run on Linux ({len(elsewhere)}):", *lines]


class Summary:
    """Adds up what came of a plan: the steps that were asked for and what they needed."""

    def __init__(
        self,
        plan: Sequence[Job],
        steps: Sequence[Step],
        outcomes: Mapping[str, Outcome],
        *,
        skips_fail: bool,
        elsewhere: Mapping[str, str] | None = None,
    ) -> None:
        """`elsewhere`: titles of steps that say nothing on this system, with the reasons."""
        self._elsewhere = elsewhere or {}
        self._plan = plan
        self._asked = {step.job.name for step in steps}
        self._outcomes = outcomes
        self._skips_fail = skips_fail
        counted = [(step, step.count()) for step in steps if step.count and self._ran(step)]
        self._counts = {step.job.name: count for step, count in counted}
        self.tests = Count()
        for count in self._counts.values():
            self.tests = self.tests.plus(count)

    def _ran(self, step: Step) -> bool:
        outcome = self._outcomes.get(step.job.name)
        return outcome is not None and outcome.ending is not Ending.NOT_RUN

    @property
    def failures(self) -> int:
        """Failed tests, skips that may not be, and failed steps that no failed test explains."""
        total = self.tests.failed
        if self._skips_fail:
            total += len(self.tests.without_excuse)
        for name, outcome in self._outcomes.items():
            explained = name in self._counts and self._counts[name].failed > 0
            if outcome.ending is not Ending.DONE and not explained:
                total += 1
        return total

    def lines(self, seconds: float) -> list[str]:
        """The page, the closing line last; `seconds` is what everything took together."""
        return [
            "",
            *self._table(),
            f"{'':8} {'together, some side by side':<44} {seconds:7.1f} s",
            *self._skips(),
            *elsewhere_lines(self._elsewhere),
            "",
            f"{self.tests.passed} passed, {self.failures} failed",
        ]

    def _table(self) -> list[str]:
        """What failed comes first; parts of the installation that did not share one row."""
        done = [job for job in self._plan if self._outcomes[job.name].ending is Ending.DONE]
        steps = [job for job in done if job.name in self._asked]
        lines = self._rows([job for job in self._plan if job not in done])
        if installed := [job for job in done if job not in steps]:
            seconds = sum(self._outcomes[job.name].seconds for job in installed)
            title = f"What they need, in {len(installed)} parts"
            lines.append(f"{Ending.DONE.value:<8} {title:<44} {seconds:7.1f} s")
        return [*lines, *self._rows(steps)]

    def _rows(self, jobs: Sequence[Job]) -> list[str]:
        lines = []
        for job in jobs:
            outcome = self._outcomes[job.name]
            tests = self._tests_of(job.name)
            cpu = f"cpu {outcome.cpu_s:6.1f} s" if outcome.cpu_s else ""
            times = f"{outcome.seconds:7.1f} s  {cpu:<12}"
            row = f"{outcome.ending.value:<8} {job.title:<44} {times}  {tests}"
            lines.append(row.rstrip())
            if outcome.reason:
                lines.append(f"{'':8} {outcome.reason}")
            count = self._counts.get(job.name, Count())
            lines += [f"{'':8} {name}: {reason}" for name, reason in count.failures]
        return lines

    def _tests_of(self, name: str) -> str:
        count = self._counts.get(name)
        if count is None:
            return ""
        skipped = f", {len(count.skipped)} skipped" if count.skipped else ""
        failed = f", {count.failed} failed" if count.failed else ""
        return f"{count.passed} passed{failed}{skipped}"

    def _skips(self) -> list[str]:
        lines = []
        hardware, rest = self.tests.for_hardware, self.tests.without_excuse
        if hardware:
            lines += ["", f"Not run for want of hardware ({len(hardware)}):"]
            lines += [f"  {name}: {reason}" for name, reason in hardware]
        if rest:
            verdict = (
                "which counts as failed here" if self._skips_fail else "which CI will not allow"
            )
            lines += ["", f"Skipped ({len(rest)}), {verdict}:"]
            lines += [f"  {name}: {reason}" for name, reason in rest]
        return lines
