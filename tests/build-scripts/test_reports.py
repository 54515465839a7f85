"""Counting what the test runners wrote."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from gate.reports import REASON_LETTERS, Count, from_junit, from_vitest

if TYPE_CHECKING:
    from pathlib import Path

JUNIT = """\
<testsuites><testsuite>
<testcase classname="a" name="passes"/>
<testcase classname="a" name="fails"><failure message="no">trace</failure></testcase>
<testcase classname="a" name="breaks"><error message="in setup">trace</error></testcase>
<testcase classname="a" name="lazy"><skipped message="not today"/></testcase>
<testcase classname="a" name="card"><skipped message="needs_gpu: not on this computer"/></testcase>
<testcase classname="a" name="known"><skipped type="pytest.xfail" message="bug"/></testcase>
</testsuite></testsuites>
"""


def test_pytest_reports_are_counted_with_every_skip_and_its_reason(tmp_path: Path) -> None:
    report = tmp_path / "r.xml"
    report.write_text(JUNIT, "utf-8")
    count = from_junit(report)
    assert (count.passed, count.failed) == (1, 2)
    assert count.failures == [("a.fails", "no"), ("a.breaks", "in setup")]
    assert count.for_hardware == [("a.card", "needs_gpu: not on this computer")]
    assert count.without_excuse == [("a.lazy", "not today"), ("a.known", "bug")]


def test_the_reason_of_a_failure_is_one_line_that_fits(tmp_path: Path) -> None:
    report = tmp_path / "r.xml"
    bats = "(in test file a.bats, line 3)\n  `false' failed"
    report.write_text(
        f'<testsuite><testcase classname="a" name="b"><failure>{bats}</failure></testcase>'
        f'<testcase classname="a" name="c"><failure message="{"word " * 99}"/></testcase>'
        "</testsuite>",
        "utf-8",
    )
    (_, first), (_, second) = from_junit(report).failures
    assert first == "(in test file a.bats, line 3)"
    assert len(second) <= REASON_LETTERS


def test_a_report_that_was_never_written_counts_nothing(tmp_path: Path) -> None:
    assert from_junit(tmp_path / "none.xml") == Count()
    assert from_vitest(tmp_path / "none.json") == Count()


def test_vitest_reports_are_counted_and_a_file_that_does_not_load_is_a_failure(
    tmp_path: Path,
) -> None:
    tests = [
        {"status": "passed", "fullName": "draws"},
        {
            "status": "failed",
            "fullName": "breaks",
            "failureMessages": ["Error: 1 is not 2\n    at breaks.test.ts:1"],
        },
        {"status": "skipped", "fullName": "rests"},
        {"status": "todo", "fullName": "is planned"},
    ]
    suites = [
        {"status": "failed", "name": "a.test.ts", "message": "", "assertionResults": tests},
        {
            "status": "failed",
            "name": "lost.test.ts",
            "message": "no such module\nand more",
            "assertionResults": [],
        },
    ]
    report = tmp_path / "r.json"
    report.write_text(json.dumps({"testResults": suites}), "utf-8")
    count = from_vitest(report)
    assert (count.passed, count.failed) == (1, 2)
    assert count.failures == [("breaks", "Error: 1 is not 2"), ("lost.test.ts", "no such module")]
    assert count.without_excuse == [("rests", "skipped"), ("is planned", "todo")]
