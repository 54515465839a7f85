"""The sidecar's side of its guard: starts it, tells it what to end, says farewell."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import queue
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, TypedDict

from llama_runner_pro.core.deadline import Deadline
from llama_runner_pro.core.own_thread import in_own_thread
from llama_runner_pro.desktop.guard_words import (
    Begin,
    Dropped,
    Farewell,
    Guarded,
    Starting,
    Word,
    encoded,
)
from llama_runner_pro.supervision.process.command import clean_environment
from llama_runner_pro.supervision.process.state_file import ProcessRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.endpoints.spec import EndpointSpec
    from llama_runner_pro.supervision.process.command import Runtime
    from llama_runner_pro.supervision.process.state_file import Start

AGAIN_S = 5.0
START_WITHIN_S = 5.0
COMPARE_EVERY_S = 2.0
FAREWELL_WITHIN_S = 2.0
_WAITING = 10_000
"""Words that may wait for a guard that does not read; a guard that is stuck gets no more."""

_log = logging.getLogger(__name__)


def guard_argv(runtime: Runtime) -> list[str]:
    """The guard's program and arguments."""
    if runtime.frozen:
        return [runtime.executable, "guard"]
    # -P: a folder that we happen to be started in must not shadow our own modules.
    return [runtime.executable, "-P", "-m", "llama_runner_pro", "guard"]


def ending_with_us(
    specs: Iterable[EndpointSpec], records: Mapping[str, Start]
) -> Mapping[str, Start]:
    """The noted starts and processes that are not to be kept; one without an endpoint is not."""
    kept = {spec.name for spec in specs if spec.on_exit == "keep"}
    return {name: record for name, record in records.items() if name not in kept}


class GuardLink:
    """One guard at a time. Use from the event loop's thread only."""

    def __init__(
        self,
        begin: Begin,
        *,
        runtime: Runtime,
        log_path: Path,
        wanted: Callable[[], Mapping[str, Start]],
        clock: Clock,
    ) -> None:
        """`wanted` tells what must not outlive us and the window: processes, and begun starts."""
        self._begin, self._runtime, self._log_path = begin, runtime, log_path
        self._wanted, self._clock = wanted, clock
        self._told: dict[str, Start] = {}
        self._words: queue.Queue[Word | None] = queue.Queue(_WAITING)
        self._popen: subprocess.Popen[bytes] | None = None
        self._all_told = threading.Event()

    @property
    def pid(self) -> int | None:
        """The guard's process id, while there is one."""
        return None if self._popen is None else self._popen.pid

    def compare(self) -> None:
        """Tell the guard what is new. Never blocks."""
        if self._popen is None:
            return
        wanted = self._wanted()
        for name in self._told.keys() - wanted.keys():
            self._say(Dropped(name=name))
        for name, record in wanted.items():
            if self._told.get(name) != record:
                self._say(_word_of(name, record))
        self._told = dict(wanted)

    async def start(self) -> None:
        """Start the guard and tell it what is known. Without one we go on, and say so.

        Takes 5 s at most, however slow the disk is; a guard that comes later is told nothing, and
        ends.
        """
        too_late = threading.Event()
        try:
            async with Deadline(self._clock, START_WITHIN_S):
                popen = await in_own_thread("guard", lambda: self._start(too_late))
        except (OSError, TimeoutError) as error:
            too_late.set()
            _log.warning(
                "the guard cannot be started (%s): models go on if sidecar and window are killed",
                str(error) or f"not within {START_WITHIN_S:g} s",
            )
        else:
            self._attend(popen)

    async def run(self) -> None:
        """Keep a guard running until cancelled; one that is gone is replaced after 5 s."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._keep_comparing())
            while True:
                if self._popen is not None:
                    code = await in_own_thread("guard-wait", self._popen.wait)
                    self._forget()
                    _log.warning("the guard is gone (%s); another one is started", code)
                await self._clock.sleep(AGAIN_S)
                await self.start()

    async def farewell(self, *, keep_models: bool) -> None:
        """Let the guard end: it leaves what runs alone, or ends what we could not.

        Returns when it has been told, within 2 s.
        """
        if self._popen is None:
            return
        self.compare()
        self._say(Farewell(leave=keep_models))
        self._forget()
        all_told = self._all_told
        await in_own_thread("farewell", lambda: all_told.wait(FAREWELL_WITHIN_S))

    async def _keep_comparing(self) -> None:
        # What changes without a record changing: on_exit in the configuration.
        while True:
            await self._clock.sleep(COMPARE_EVERY_S)
            self.compare()

    def _start(self, too_late: threading.Event) -> subprocess.Popen[bytes]:
        self._log_path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        log = os.open(self._log_path, flags, 0o600)
        try:
            popen = subprocess.Popen(
                guard_argv(self._runtime),
                env=clean_environment(self._runtime),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                close_fds=True,
                **_apart(),
            )
        finally:
            os.close(log)
        if too_late.is_set():
            popen.communicate()
        return popen

    def _attend(self, popen: subprocess.Popen[bytes]) -> None:
        self._popen, self._told = popen, {}
        self._words = queue.Queue(_WAITING)
        self._all_told = threading.Event()
        arguments = (popen, self._words, self._all_told)
        threading.Thread(target=_pass_on, args=arguments, name="guard", daemon=True).start()
        self._say(self._begin)
        self.compare()

    def _forget(self) -> None:
        self._popen = None
        try:
            self._words.put_nowait(None)
        except queue.Full:
            return

    def _say(self, word: Word) -> None:
        try:
            self._words.put_nowait(word)
        except queue.Full:
            _log.warning("the guard does not listen")


def _word_of(name: str, noted: Start) -> Word:
    if isinstance(noted, ProcessRecord):
        return Guarded(name=name, record=noted)
    return Starting(name=name, start=noted)


class _Apart(TypedDict, total=False):
    start_new_session: bool
    creationflags: int


def _apart() -> _Apart:
    """A session of its own: neither a Ctrl-C nor a kill of our group reaches it."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    return {"start_new_session": True}


def _pass_on(
    popen: subprocess.Popen[bytes], words: queue.Queue[Word | None], told: threading.Event
) -> None:
    """Write what is said until the last word, then collect the guard when it ends.

    Blocks for as long as the guard does not read.
    """
    pipe = popen.stdin
    if pipe is not None:
        # A guard that is gone is noticed, and replaced, by whoever waits for its end.
        with contextlib.suppress(OSError), pipe:
            while (word := words.get()) is not None:
                pipe.write(encoded(word))
                pipe.flush()
    told.set()
    popen.wait()
