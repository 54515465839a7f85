"""`logs`."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from .conftest import Shell


@pytest.fixture
def log(shell: Shell) -> Path:
    path = shell.world.folder / "ai_monitor.log"
    path.write_text("INFO one\nERROR two\nINFO three\x1b[2J\n")
    return path


async def test_the_end_of_the_monitors_log_is_printed(shell: Shell, log: Path) -> None:
    code, printed, _ = await shell.run("logs", "-n", "2")
    assert (code, printed) == (0, "ERROR two\nINFO three\ufffd[2J\n")


async def test_level_and_text_choose(shell: Shell, log: Path) -> None:
    assert (await shell.run("logs", "--level", "error"))[1] == "ERROR two\n"
    assert (await shell.run("logs", "-q", "ONE"))[1] == "INFO one\n"


async def test_json_is_one_object_per_line(shell: Shell, log: Path) -> None:
    _, printed, _ = await shell.run("logs", "--json", "-n", "1")
    assert json.loads(printed) == {
        "source": "monitor",
        "t_ms": None,
        "level": "info",
        "text": "INFO three\x1b[2J",
    }


@pytest.mark.parametrize("follow", [[], ["-f"]])
async def test_an_unknown_log_is_exit_code_66(shell: Shell, follow: list[str]) -> None:
    code, _, error = await shell.run("logs", "nope", *follow)
    assert code == 66
    assert "known: monitor, recovery, demo, org/model" in error


async def test_a_sidecar_that_is_not_running_is_exit_code_69(shell: Shell) -> None:
    shell.port = 1
    for follow in ([], ["-f"]):
        code, _, error = await shell.run("logs", *follow)
        assert code == 69
        assert "is not running" in error


@contextlib.asynccontextmanager
async def following(shell: Shell) -> AsyncIterator[asyncio.subprocess.Process]:
    """`logs -f` as a process of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "llama_runner_pro", "logs", "-f", "-n", "1",
        "--url", f"http://127.0.0.1:{shell.port}",
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def line(process: asyncio.subprocess.Process) -> bytes:
    """The next line that it prints."""
    assert process.stdout is not None
    return await asyncio.wait_for(process.stdout.readline(), 60)


async def test_following_prints_the_end_and_ctrl_c_ends_it_quietly(shell: Shell, log: Path) -> None:
    async with following(shell) as process:
        assert await line(process) == "INFO three\ufffd[2J\n".encode()
        process.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(process.wait(), 60) == 130
        assert process.stderr is not None
        assert await process.stderr.read() == b""


async def test_following_ends_with_words_when_the_sidecar_stops(shell: Shell, log: Path) -> None:
    async with following(shell) as process:
        await line(process)
        await shell.close_streams()
        assert await asyncio.wait_for(process.wait(), 60) == 69
        assert process.stderr is not None
        assert b"the sidecar has stopped" in await process.stderr.read()
