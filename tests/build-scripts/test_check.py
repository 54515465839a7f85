"""Choosing steps, and finding what they need."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from check import EXIT_USAGE, wanted_steps, with_needs
from pipeline.job import Job

if TYPE_CHECKING:
    from pipeline.command import CommandLog


def quick(_log: CommandLog) -> None:
    """Never called: only the order matters."""


def names(argv: list[str]) -> list[str]:
    """The steps a command line asks for."""
    return [step.job.name for step in wanted_steps(argv)]


def test_without_a_choice_every_step_runs() -> None:
    everything = names([])
    assert {"ruff", "mypy", "layers", "architecture", "pytest", "vitest", "e2e"} <= set(everything)
    assert "desktop" in everything


def test_groups_and_single_steps_can_be_chosen_together() -> None:
    chosen = names(["--only", "lint,mypy"])
    assert "ruff" in chosen
    assert "eslint" in chosen
    assert "mypy" in chosen
    assert "pytest" not in chosen


def test_coverage_brings_the_tests_that_it_measures() -> None:
    assert names(["--only", "coverage"]) == ["pytest", "coverage"]


def test_an_unknown_name_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ending:
        wanted_steps(["--only", "lint,nonsense"])
    assert ending.value.code == EXIT_USAGE
    assert "There is no nonsense" in capsys.readouterr().out


def test_only_the_parts_that_are_needed_are_installed_in_their_order() -> None:
    parts = [
        Job("venv", "", quick),
        Job("runtime", "", quick, needs=("venv",)),
        Job("node", "", quick),
        Job("page", "", quick, needs=("node",)),
    ]
    step = Job("pytest", "", quick, needs=("runtime",))
    assert [job.name for job in with_needs([step], parts)] == ["venv", "runtime", "pytest"]
