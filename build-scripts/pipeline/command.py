"""Starts programs, keeps their output in a log file and stops them when we are stopped."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.job import JobFailed
from places import IS_WINDOWS, ROOT, shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TAIL_LINES = 60


class Children:
    """The programs running now, so that all of them can be stopped at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._stopping = False

    def start(self, argv: Sequence[str], env: Mapping[str, str], log: Path) -> tuple[int, float]:
        """Runs a program to its end, its output appended to `log`.

        Gives its exit status and the seconds of processor time that it took, with those of its
        own programs that it waited for.
        """
        with log.open("ab") as sink:
            with self._lock:
                if self._stopping:
                    raise JobFailed("stopped")
                child = subprocess.Popen(
                    argv,
                    cwd=ROOT,
                    env=dict(env),
                    stdin=subprocess.DEVNULL,
                    stdout=sink,
                    stderr=subprocess.STDOUT,
                    start_new_session=not IS_WINDOWS,
                )
                self._running.add(child)
            try:
                return _await(child)
            finally:
                with self._lock:
                    self._running.discard(child)

    def stop(self, grace_s: float = 3.0) -> None:
        """Asks every running program and what it started to end, then insists."""
        with self._lock:
            self._stopping = True
            running = list(self._running)
        for child in running:
            _signal_tree(child, signal.SIGTERM)
        for child in running:
            try:
                child.wait(grace_s)
            except subprocess.TimeoutExpired:
                _signal_tree(child, signal.SIGTERM if IS_WINDOWS else signal.SIGKILL)


def _await(child: subprocess.Popen[bytes]) -> tuple[int, float]:
    """The exit status, and the seconds of processor time; 0 where the system does not tell."""
    if IS_WINDOWS:
        return child.wait(), 0.0
    try:
        _, status, used = os.wait4(child.pid, 0)
    except ChildProcessError:
        # Who stops everything was quicker.
        return child.wait(), 0.0
    # Kept here as well: who stops everything may find the program gone and note 0 for it.
    code = os.waitstatus_to_exitcode(status)
    child.returncode = code
    return code, used.ru_utime + used.ru_stime


def _signal_tree(child: subprocess.Popen[bytes], which: int) -> None:
    """Signals a program we started and its whole session, which nothing else is part of."""
    if IS_WINDOWS:
        child.terminate()
        return
    try:
        os.killpg(child.pid, which)
    except ProcessLookupError:
        return


def _plain_output() -> dict[str, str]:
    """The present environment, with colours off: they make logs hard to read."""
    present = {name: value for name, value in os.environ.items() if name != "FORCE_COLOR"}
    return present | {"NO_COLOR": "1"}


class CommandLog:
    """The log file of one job, and the way a job starts programs."""

    def __init__(self, path: Path, children: Children) -> None:
        self.path = path
        self._children = children
        self.cpu_s = 0.0
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")

    def note(self, text: str) -> None:
        """Adds a line of our own."""
        with self.path.open("a", encoding="utf-8") as sink:
            sink.write(f"{text}\n")

    def run(self, argv: Sequence[str], env: dict[str, str] | None = None) -> None:
        """Runs a program in the checkout; raises JobFailed when it does not end with 0.

        `env` is added to the present environment.
        """
        self.note(f"$ {shlex.join(argv)}")
        try:
            status, cpu_s = self._children.start(argv, _plain_output() | (env or {}), self.path)
        except OSError as error:
            raise JobFailed(f"{Path(argv[0]).name} could not be started: {error}") from error
        self.cpu_s += cpu_s
        if status != 0:
            reason = f"{Path(argv[0]).name} ended with {status}; all it said: {shown(self.path)}"
            raise JobFailed(reason, tail=self.tail())

    def tail(self) -> str:
        """The last lines of the log, enough to see what went wrong."""
        lines = self.path.read_text("utf-8", "replace").splitlines()
        return "\n".join(lines[-TAIL_LINES:])
