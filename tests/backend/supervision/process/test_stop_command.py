"""The user's own way to stop an endpoint."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from llama_runner_pro.core.clock import SystemClock
from llama_runner_pro.endpoints.spec import EndpointSpec
from llama_runner_pro.supervision.process.command import Runtime
from llama_runner_pro.supervision.process.stop_command import run_stop_command

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


async def run(folder: Path, *stop_command: str, grace_s: float = 5.0) -> str:
    """Run it; returns what it wrote to the endpoint's log."""
    spec = EndpointSpec(name="demo", port=9000, stop_command=stop_command or None)
    runtime = Runtime(sys.executable, False, dict(os.environ), str(folder))
    log = folder / "demo.log"
    await run_stop_command(spec, runtime, log, SystemClock(), grace_s)
    return log.read_text() if log.exists() else ""


async def test_it_is_run_to_its_end_with_the_port_filled_in(tmp_path: Path) -> None:
    code = "import sys; print('stopping', sys.argv[1])"
    assert await run(tmp_path, sys.executable, "-c", code, "${PORT}") == "stopping 9000\n"


async def test_without_one_nothing_is_run(tmp_path: Path) -> None:
    assert await run(tmp_path) == ""


async def test_one_that_does_not_exist_is_told_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await run(tmp_path, "no-such-program")
    assert "the stop command did not run" in caplog.text


async def test_one_that_does_not_end_is_ended(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    code = "import time; time.sleep(600)"
    await run(tmp_path, sys.executable, "-c", code, grace_s=0.1)
    assert "took too long" in caplog.text
