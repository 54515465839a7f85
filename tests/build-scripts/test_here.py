"""Which steps run on which system."""

from __future__ import annotations

import pytest

from check import wanted_steps
from gate.here import LINUX_ONLY, NOT_ON_WINDOWS, is_whole, split, why_not_here


def names(system: str) -> set[str]:
    """The steps that run on a system."""
    here, _elsewhere = split(wanted_steps([]), system)
    return {step.job.name for step in here}


def test_on_linux_everything_runs() -> None:
    everything = wanted_steps([])
    here, elsewhere = split(everything, "linux")
    assert here == everything
    assert elsewhere == {}
    assert is_whole("linux")


@pytest.mark.parametrize("system", ["darwin", "win32"])
def test_what_is_made_of_linux_is_left_out_elsewhere_and_the_rest_is_not(system: str) -> None:
    here = names(system)
    assert not here & {"desktop", "packed", "docker", "installers", "install-bat", "fresh-install"}
    assert {"ruff", "mypy", "layers", "architecture", "pytest", "vitest", "e2e"} <= here
    assert not is_whole(system)


def test_windows_has_no_signals() -> None:
    assert "chaos" in names("darwin")
    assert "chaos" not in names("win32")


@pytest.mark.parametrize("system", ["darwin", "win32"])
def test_every_step_that_is_left_out_says_why(system: str) -> None:
    everything = wanted_steps([])
    here, elsewhere = split(everything, system)
    assert len(here) + len(elsewhere) == len(everything)
    assert all(elsewhere.values())


def test_only_steps_that_exist_have_reasons() -> None:
    known = {step.job.name for step in wanted_steps([])}
    assert {*LINUX_ONLY, *NOT_ON_WINDOWS} <= known
    assert why_not_here("pytest", "win32") is None
