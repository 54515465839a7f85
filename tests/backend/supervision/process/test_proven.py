"""Acting on a process that we did not start needs a proof."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from fakes.children import NONCE

from llama_runner_pro.supervision.process.identity import identify
from llama_runner_pro.supervision.process.proven import (
    executable_name,
    holder_is,
    holder_of_ours,
)

if TYPE_CHECKING:
    from fakes.children import Launcher

PYTHON = Path(sys.executable).resolve().name


async def test_holder_with_the_configured_program_is_proven(launcher: Launcher) -> None:
    process, port = await launcher.fake_server()
    assert await holder_is(port, PYTHON) == identify(process.pid)


async def test_word_in_the_command_line_proves_nothing(launcher: Launcher) -> None:
    _, port = await launcher.fake_server("--model", "ollama")
    assert await holder_is(port, "ollama") is None
    assert await holder_is(port, "fake_model_server.py") is None
    assert await holder_is(port, PYTHON[:-1]) is None


async def test_port_of_nobody_proves_nothing(launcher: Launcher) -> None:
    process, port = await launcher.fake_server()
    process.popen.kill()
    process.popen.wait()
    assert await holder_is(port, PYTHON) is None


async def test_holder_is_ours_by_the_nonce_of_its_start(launcher: Launcher) -> None:
    process, port = await launcher.fake_server()
    assert await holder_of_ours(port, NONCE) == identify(process.pid)
    assert await holder_of_ours(port, "another-start") is None


def test_nobody_runs_no_program() -> None:
    assert executable_name(2**22 + 1) is None
