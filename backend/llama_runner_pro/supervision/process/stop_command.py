"""The user's own way to stop an endpoint."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from llama_runner_pro.core.deadline import Deadline
from llama_runner_pro.core.errors import StartFailed
from llama_runner_pro.supervision.process.command import build_stop_command
from llama_runner_pro.supervision.process.exit_watch import wait_exit
from llama_runner_pro.supervision.process.spawn import spawn
from llama_runner_pro.supervision.process.tree import stop_tree

if TYPE_CHECKING:
    from pathlib import Path

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.endpoints.spec import EndpointSpec
    from llama_runner_pro.supervision.process.command import Runtime

_log = logging.getLogger(__name__)


async def run_stop_command(
    spec: EndpointSpec, runtime: Runtime, log_path: Path, clock: Clock, grace_s: float
) -> None:
    """Run the configured stop command for at most the grace time; its failure is logged."""
    try:
        command = build_stop_command(spec, runtime=runtime)
        if command is None:
            return
        process = await spawn(command, log_path)
    except StartFailed as error:
        _log.warning("%s: the stop command did not run: %s", spec.name, error)
        return
    try:
        async with Deadline(clock, max(1.0, grace_s)):
            await wait_exit(process)
    except TimeoutError:
        _log.warning("%s: the stop command took too long and was ended", spec.name)
        await stop_tree(process.identity, grace_s=0.0, clock=clock)
        await wait_exit(process)
