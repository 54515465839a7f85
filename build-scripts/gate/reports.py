"""Reads what the test runners wrote: how many passed, failed, were skipped, and why."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.etree import ElementTree

if TYPE_CHECKING:
    from pathlib import Path

# The only reasons to skip a test when CI is set: hardware that the machine does not have.
HARDWARE = re.compile(r"^needs_(gpu|windows|macos|prometheus)\b")


@dataclass(frozen=True)
class Count:
    """What a test runner reports. Skips are (test, reason)."""

    passed: int = 0
    failed: int = 0
    skipped: list[tuple[str, str]] = field(default_factory=list)

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
            self.failed + other.failed,
            [*self.skipped, *other.skipped],
        )


def from_junit(report: Path) -> Count:
    """Counts pytest's report; nothing at all when pytest did not get as far as writing it."""
    if not report.is_file():
        return Count()
    passed, failed = 0, 0
    skipped: list[tuple[str, str]] = []
    for case in ElementTree.parse(report).iter("testcase"):
        skip = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            failed += 1
        elif skip is not None:
            name = f"{case.get('classname', '')}.{case.get('name', '')}"
            skipped.append((name, skip.get("message", "no reason given")))
        else:
            passed += 1
    return Count(passed, failed, skipped)


def from_vitest(report: Path) -> Count:
    """Counts vitest's report; a file that could not even be loaded counts as one failure."""
    if not report.is_file():
        return Count()
    passed, failed = 0, 0
    skipped: list[tuple[str, str]] = []
    for suite in json.loads(report.read_text("utf-8"))["testResults"]:
        tests = suite["assertionResults"]
        if suite["status"] == "failed" and not any(test["status"] == "failed" for test in tests):
            failed += 1
        for test in tests:
            if test["status"] == "passed":
                passed += 1
            elif test["status"] == "failed":
                failed += 1
            else:
                skipped.append((test["fullName"], test["status"]))
    return Count(passed, failed, skipped)
