"""Asking a process that hangs where it hangs, before it is killed."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from llama_runner_pro.core.own_thread import in_own_thread
from llama_runner_pro.supervision.process.identity import carries_nonce, same_life

if TYPE_CHECKING:
    from collections.abc import Iterable

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.supervision.process.identity import Identity
    from llama_runner_pro.supervision.process.output import EndpointOutput

SPEAKS_WITHIN_S = 0.5
MOST_LINES = 100
"""The whole is in the log of the process."""


def catches_quit(status: str) -> bool:
    """The text of `/proc/<pid>/status` says that SIGQUIT is handled by the program. Pure.

    Programs in Go and Java then print all stacks. To every other program the signal is a death
    with a memory image, which for a model of many gigabytes may fill the disk.
    """
    for line in status.splitlines():
        name, _, value = line.partition(":")
        if name == "SigCgt":
            return bool(int(value, 16) >> (signal.SIGQUIT - 1) & 1)
    return False


async def dump_stacks(
    tree: Iterable[Identity], nonce: str, output: EndpointOutput, clock: Clock
) -> list[str]:
    """Have what we started under `nonce` print its stacks; returns the beginning of that.

    Takes 0.5 s where a process speaks by itself, and nothing elsewhere. Linux only: other systems
    do not tell whether the signal would kill.
    """
    speakers = [one for one in tree if _speaks(one, nonce)]
    if not speakers:
        return []
    await in_own_thread("stacks", output.refresh)
    for one in speakers:
        _ask(one)
    await clock.sleep(SPEAKS_WITHIN_S)
    return (await in_own_thread("stacks", output.refresh))[:MOST_LINES]


if sys.platform == "linux":
    import contextlib
    import os

    def _speaks(one: Identity, nonce: str) -> bool:
        try:
            status = Path(f"/proc/{one.pid}/status").read_text("utf-8", "replace")
        except OSError:
            return False
        return catches_quit(status) and carries_nonce(one.pid, nonce)

    def _ask(one: Identity) -> None:
        """Through a pidfd, so that the number cannot change hands in between."""
        with contextlib.suppress(OSError):
            descriptor = os.pidfd_open(one.pid)
            try:
                if same_life(one):
                    signal.pidfd_send_signal(descriptor, signal.SIGQUIT)
            finally:
                os.close(descriptor)

else:

    def _speaks(one: Identity, nonce: str) -> bool:
        return False

    def _ask(one: Identity) -> None:
        raise NotImplementedError
