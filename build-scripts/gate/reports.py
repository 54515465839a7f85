"""Reads what the test runners wrote: how many passed, which failed or were skipped, and why."""

from __future__ import annotations

import json
import re
import textwrap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.etree import ElementTree

if TYPE_CHECKING:
    from pathlib import Path

# The only reasons to skip a test when CI is set: hardware that the machine does not have.
HARDWARE = re.compile(r"^needs_(gpu|windows|macos|prometheus)\b")

REASON_LETTERS = 160


@dataclass(frozen=True)
class Count:
    """What a test runner reports. Failures and skips are (test, reason); reasons are one line."""

    passed: int = 0
    failures: list[tuple[str, str]] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)

    @property
    def failed(self) -> int:
        """How many tests failed."""
        return len(self.failures)

    @property
    def for_hardware(self) -> list[tuple[str, str]]:
        """Skips for want of hardware, which are allowed everywhere."""
        return [skip for skip in self.skipped if HARDWARE.match(skip[1])]

    @property
    def without_excuse(self) -> list[tuple[str, str]]:
        """All other skips."""
        return [skip for skip in self.skipped if not HARDWARE.match(skip[1])]

    def plus(self, other: Count) -> Count:
        """Both together."""
        return Count(
            self.passed + other.passed,
            [*self.failures, *other.failures],
            [*self.skipped, *other.skipped],
        )


def from_junit(report: Path) -> Count:
    """Counts pytest's or bats' report; nothing when they did not get as far as writing it."""
    if not report.is_file():
        return Count()
    passed = 0
    failures: list[tuple[str, str]] = []
    skipped: list[tuple[str, str]] = []
    for case in ElementTree.parse(report).iter("testcase"):
        name = f"{case.get('classname', '')}.{case.get('name', '')}"
        failure = next(iter([*case.iter("failure"), *case.iter("error")]), None)
        skip = case.find("skipped")
        if failure is not None:
            failures.append((name, _first_line(failure.get("message") or failure.text)))
        elif skip is not None:
            skipped.append((name, skip.get("message", "no reason given")))
        else:
            passed += 1
    return Count(passed, failures, skipped)


def from_vitest(report: Path) -> Count:
    """Counts vitest's report; a file that could not even be loaded counts as one failure."""
    if not report.is_file():
        return Count()
    passed = 0
    failures: list[tuple[str, str]] = []
    skipped: list[tuple[str, str]] = []
    for suite in json.loads(report.read_text("utf-8"))["testResults"]:
        tests = suite["assertionResults"]
        if suite["status"] == "failed" and not any(test["status"] == "failed" for test in tests):
            failures.append((suite["name"], _first_line(suite["message"])))
        for test in tests:
            if test["status"] == "passed":
                passed += 1
            elif test["status"] == "failed":
                why = next(iter(test["failureMessages"]), None)
                failures.append((test["fullName"], _first_line(why)))
            else:
                skipped.append((test["fullName"], test["status"]))
    return Count(passed, failures, skipped)


def _first_line(text: str | None) -> str:
    """What fits on a line; the whole text is in the runner's log."""
    line = next(iter((text or "").strip().splitlines()), "no reason given")
    return textwrap.shorten(line, REASON_LETTERS, placeholder=" …")
