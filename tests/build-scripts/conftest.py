"""Jobs that do next to nothing, and a way to run them without touching the checkout."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from pipeline.job import Job, Outcome
from pipeline.runner import Runner

if TYPE_CHECKING:
    from pathlib import Path


RunJobs = Callable[[list[Job]], dict[str, Outcome]]


@pytest.fixture
def screen() -> io.StringIO:
    """What a person would see."""
    return io.StringIO()


@pytest.fixture
def run_jobs(tmp_path: Path, screen: io.StringIO) -> RunJobs:
    """Runs jobs to their end; gives the outcomes."""
    return lambda jobs: Runner(jobs, logs=tmp_path / "logs", screen=screen).run()
