"""The end of a process as an event.

Linux: a pidfd becomes readable at the moment the process ends, for children and strangers alike.
Elsewhere a thread blocks in the system's own wait. Nothing is polled.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import TYPE_CHECKING

import psutil

from llama_runner_pro.core.own_thread import in_own_thread
from llama_runner_pro.core.value_object import ValueObject
from llama_runner_pro.supervision.process.identity import Identity, same_life

if TYPE_CHECKING:
    from llama_runner_pro.supervision.process.spawn import SpawnedProcess

# Windows reports a crash as one of these NTSTATUS values; the words are for the user.
_NTSTATUS = {
    0xC0000005: "access violation",
    0xC0000017: "out of memory",
    0xC000001D: "illegal instruction",
    0xC00000FD: "stack overflow",
    0xC0000135: "a DLL is missing",
    0xC000013A: "ended by Ctrl-C",
    0xC0000409: "stack buffer overrun",
}


class ExitStatus(ValueObject, frozen=True):
    """How a process ended; both None when it was not our child to ask."""

    code: int | None = None
    signal: str | None = None

    def __str__(self) -> str:
        """In words: `killed by SIGKILL`, `exit code 1`."""
        if self.signal is not None:
            return f"killed by {self.signal}"
        if self.code is None:
            return "ended"
        words = _NTSTATUS.get(self.code & 0xFFFFFFFF)
        if words is not None:
            return f"exit code 0x{self.code & 0xFFFFFFFF:08X} ({words})"
        return f"exit code {self.code}"


def exit_status(returncode: int | None) -> ExitStatus:
    """From Popen's return code, where POSIX signals are negative numbers."""
    if returncode is None or returncode >= 0 or sys.platform == "win32":
        return ExitStatus(code=returncode)
    try:
        return ExitStatus(signal=signal.Signals(-returncode).name)
    except ValueError:
        return ExitStatus(signal=f"signal {-returncode}")


async def wait_exit(process: SpawnedProcess | Identity) -> ExitStatus:
    """Wait until the process has ended; a child of ours is collected, so that no zombie stays.

    For an adopted process (an `Identity`) the status is unknown; when that process is not there,
    or its number belongs to another one, the wait is over at once. Cancelling is safe.
    """
    if isinstance(process, Identity):
        await wait_gone(process)
        return ExitStatus()
    popen = process.popen
    if popen.poll() is None and not await _pidfd_readable(popen.pid, process.identity, own=True):
        await in_own_thread(f"wait-{popen.pid}", popen.wait)
    # The kernel announces the end a moment before wait() can collect it, when threads linger.
    if popen.poll() is None:
        await in_own_thread(f"wait-{popen.pid}", popen.wait)
    return exit_status(popen.returncode)


async def wait_gone(identity: Identity) -> None:
    """Wait until that process is gone; a zombie counts as gone. Cancelling is safe."""
    if not same_life(identity):
        return
    if not await _pidfd_readable(identity.pid, identity, own=False):
        await in_own_thread(f"wait-{identity.pid}", lambda: block_until_gone(identity))


def block_until_gone(identity: Identity) -> None:
    """`wait_gone` for systems without pidfds: blocks its thread."""
    try:
        process = psutil.Process(identity.pid)
        if same_life(identity):
            process.wait()
    except psutil.Error:
        return


if sys.platform == "linux":

    async def _pidfd_readable(pid: int, identity: Identity, *, own: bool) -> bool:
        """Wait on a pidfd; False when this kernel has none (older than 5.3)."""
        try:
            descriptor = os.pidfd_open(pid)
        except ProcessLookupError:
            return True
        except OSError:
            return False
        try:
            # Checked after opening: from here on the descriptor means that very process.
            if own or same_life(identity):
                await _readable(descriptor)
        finally:
            os.close(descriptor)
        return True

    async def _readable(descriptor: int) -> None:
        loop = asyncio.get_running_loop()
        ended = asyncio.Event()
        loop.add_reader(descriptor, ended.set)
        try:
            await ended.wait()
        finally:
            loop.remove_reader(descriptor)

else:

    async def _pidfd_readable(pid: int, identity: Identity, *, own: bool) -> bool:
        """There are no pidfds here."""
        return False
