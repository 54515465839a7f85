"""What was learned outlives a restart; a damaged file or a full disk costs only that."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from llama_runner_pro.wiring.kept import KeptFile

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    import pytest


@asynccontextmanager
async def writing(file: KeptFile[int]) -> AsyncIterator[None]:
    """Let it write what it has."""
    task = asyncio.create_task(file.run())
    yield
    task.cancel()
    await asyncio.wait([task])


async def until(condition: Callable[[], object]) -> None:
    """The disk takes its own time."""
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - a thread tells nobody
            await asyncio.sleep(0.01)


async def test_what_was_kept_is_read_by_the_next_one(tmp_path: Path) -> None:
    path = tmp_path / "kept.json"
    file = KeptFile(path, int)
    file.keep({"a": 5})
    async with writing(file):
        await until(path.exists)
    assert KeptFile(path, int).read() == {"a": 5}


def test_a_damaged_file_costs_only_what_was_learned(tmp_path: Path) -> None:
    path = tmp_path / "kept.json"
    path.write_text('{"a": "text"}')
    assert KeptFile(path, int).read() == {}


def test_neither_does_one_that_cannot_be_read(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert KeptFile(tmp_path, int).read() == {}
    assert "cannot be read" in caplog.text


async def test_a_full_disk_is_told_and_borne(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    blocked = tmp_path / "file"
    blocked.write_text("")
    file = KeptFile(blocked / "kept.json", int)
    file.keep({"a": 5})
    async with writing(file):
        await until(lambda: "cannot be written" in caplog.text)
        file.keep({"a": 50})
        await until(lambda: caplog.text.count("cannot be written") == 2)
