"""What is kept of one endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakes.watching import Watching

from llama_runner_pro.supervision.watched import Watched

if TYPE_CHECKING:
    from pathlib import Path


async def test_an_endpoint_counts_as_ours_unless_somebody_knows_better(tmp_path: Path) -> None:
    room = Watching(tmp_path)
    watched = Watched(
        monitor=room.monitor,
        tend=lambda: None,
        stops_on_exit=lambda: True,
        hurry=lambda _: None,
        adjust=lambda _: None,
    )
    assert watched.ours()
    room.recovery.shut()
