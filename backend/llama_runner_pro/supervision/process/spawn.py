"""Starting a process of an endpoint."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from llama_runner_pro.core.errors import StartFailed
from llama_runner_pro.supervision.process.identity import Identity, identify
from llama_runner_pro.supervision.process.own_thread import in_own_thread

if TYPE_CHECKING:
    from llama_runner_pro.supervision.process.command import Command

_IDENTITY_TRIES = 100


@dataclass(frozen=True, eq=False)
class SpawnedProcess:
    """A child of ours, root of its own process group."""

    popen: subprocess.Popen[bytes]
    identity: Identity
    """As read right after the start; when the child was gone by then, its number alone."""
    log_path: Path

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.popen.pid


async def spawn(command: Command, log_path: Path) -> SpawnedProcess:
    """Start `command` in its own session, its output appended to the file at `log_path`.

    The output goes to a file and never to a pipe of ours: a pipe would die with the sidecar and
    take the model along. Raises `StartFailed` with a sentence for the user. When cancelled, a
    child that comes up all the same is killed again.
    """
    starting = in_own_thread("spawn", lambda: _start(command, log_path))
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        starting.add_done_callback(_discard)
        raise


def _start(command: Command, log_path: Path) -> SpawnedProcess:
    """Blocking: returns once the new program runs, or has failed to."""
    if not command.argv:
        raise StartFailed("its start command is empty", "give at least a program", final=True)
    log = _open_log(log_path)
    try:
        popen = subprocess.Popen(
            command.argv,
            env=dict(command.env),
            cwd=command.cwd,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            close_fds=True,
            **_own_group(),
        )
    except (OSError, ValueError) as error:
        raise _failure(command, error) from error
    finally:
        os.close(log)
    return SpawnedProcess(popen, _identity(popen.pid), log_path)


def _identity(pid: int) -> Identity:
    """Who the child is. Popen returns at the very start of execve, its end is microseconds away."""
    for _ in range(_IDENTITY_TRIES):
        found = identify(pid)
        if found is None:
            break
        if found.command_hash:
            return found
        time.sleep(0.001)
    return Identity(pid=pid, create_time=-1.0, exe="", command_hash="")


class _Group(TypedDict, total=False):
    start_new_session: bool
    creationflags: int


def _own_group() -> _Group:
    """A group of its own: a Ctrl-C in our terminal is ours alone, and a kill reaches them all."""
    if sys.platform == "win32":
        # The console stays shared: CTRL_BREAK, our polite stop, reaches no other console.
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


def _open_log(log_path: Path) -> int:
    try:
        log_path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # O_APPEND: after a rotation cut the file, the child goes on at its new end.
        return os.open(log_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    except OSError as error:
        reason = error.strerror or str(error)
        raise StartFailed(f"its log file {log_path} cannot be written: {reason}") from error


def _failure(command: Command, error: OSError | ValueError) -> StartFailed:
    """What went wrong in words; `final` when only a person can mend it."""
    program = command.argv[0]
    if command.cwd is not None and not Path(command.cwd).is_dir():
        why = f"its working folder {command.cwd} does not exist"
        return StartFailed(why, "create it, or correct cwd", final=True)
    if isinstance(error, FileNotFoundError):
        if os.sep in program:
            why = f"the program {program} does not exist, or needs an interpreter that does not"
            return StartFailed(why, "correct the path in start_command", final=True)
        why = f"there is no program named {program} on the PATH"
        return StartFailed(why, "install it, or write its whole path", final=True)
    if isinstance(error, PermissionError):
        why = f"the program {program} may not be executed by this user"
        return StartFailed(why, "make the file executable", final=True)
    reason = getattr(error, "strerror", None) or str(error)
    return StartFailed(f"the program {program} could not be started: {reason}")


def _discard(starting: asyncio.Future[SpawnedProcess]) -> None:
    """Kill a child that nobody waits for any more; in a thread, since it is also collected."""
    if starting.cancelled() or starting.exception() is not None:
        return
    popen = starting.result().popen

    def end() -> None:
        if sys.platform == "win32":
            popen.kill()
        else:
            os.killpg(popen.pid, signal.SIGKILL)
        popen.wait()

    in_own_thread("discard", end)
