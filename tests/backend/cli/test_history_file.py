"""The file of a sidecar that does not run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fakes.recording import T0_MS, Recording, spec

from llama_runner_pro.cli.history_file import FilePast
from llama_runner_pro.core.errors import StoreUnavailable

if TYPE_CHECKING:
    from pathlib import Path


async def test_it_answers_in_the_resolutions_that_the_file_was_made_with(tmp_path: Path) -> None:
    recording = Recording(tmp_path, spec((2, 600), (20, 86_400)))
    recording.fill(100, lambda _: 5.0)
    recording.recorder.close()
    past = FilePast(recording.path)
    found = await past.query(["a"], T0_MS, T0_MS + 100_000, 500, None)
    assert (found.step_ms, sum(found.series[0].count)) == (2_000, 100)
    assert [one.name for one in await past.series()] == ["a"]
    assert (await past.stats()).available


async def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="cannot be read"):
        await FilePast(tmp_path / "history.db").series()
