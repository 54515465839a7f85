"""`serve --desktop`: the sidecar as a part of the desktop app.

The window talks to us on standard input and hears us on standard output; see
`desktop/handshake.py`, `desktop/window.py` and `desktop/voice.py` for what is said.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from llama_runner_pro.cli.exit_codes import Exit
from llama_runner_pro.cli.output import say_error
from llama_runner_pro.cli.sidecar import Wanted, release, run_sidecar, settled
from llama_runner_pro.core.clock import SystemClock
from llama_runner_pro.core.errors import LlamaRunnerError, PortTaken
from llama_runner_pro.core.secrets import without_secrets
from llama_runner_pro.desktop.guard_link import GuardLink, ending_with_us
from llama_runner_pro.desktop.guard_words import SUCCESSOR_WITHIN_S, Begin
from llama_runner_pro.desktop.handshake import Handshake, HandshakeFailed, proof
from llama_runner_pro.desktop.log_pipe import LogPipe
from llama_runner_pro.desktop.voice import Voice, own_pipes
from llama_runner_pro.desktop.window import FIRST_LINE_WITHIN_S, Window
from llama_runner_pro.supervision.process.command import this_runtime
from llama_runner_pro.supervision.process.identity import identify

if TYPE_CHECKING:
    import argparse
    import socket
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from llama_runner_pro.app import Built
    from llama_runner_pro.config.paths import DataPaths
    from llama_runner_pro.endpoints.traffic import DoorView
    from llama_runner_pro.supervision.process.identity import Identity

WAIT_VARIABLE = "LLAMA_RUNNER_PRO_HANDSHAKE_WITHIN_S"
"""How long the first line may take; for tests."""
_LONGEST_WAIT_S = 3600.0
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}
_OTHER_FOLDER = "Make room for it, or name another data folder in LLAMA_RUNNER_PRO_DATA_DIR"
_FIXED, _WINDOW_FILE = '"portIsFixed"', "the window's desktop.json"
_STANDARD_ERROR = 2
_log = logging.getLogger(__name__)
_ONLY_APART = ("host", "port", "data_dir")


def run(arguments: argparse.Namespace) -> int:
    """Shake hands, then serve until the window asks for the end or is gone."""
    named = [name for name in _ONLY_APART if getattr(arguments, name) is not None]
    given = [f"--{name.replace('_', '-')}" for name in named]
    if given:
        say_error(f"{given[0]}: comes on standard input with --desktop; leave it out")
        return Exit.USAGE
    if os.isatty(0):
        say_error("--desktop is for the desktop app alone. In a terminal: llama-runner-pro serve")
        return Exit.USAGE
    started_ms = SystemClock().wall_ms()
    try:
        source, sink = own_pipes()
    except OSError:
        say_error("--desktop is for the desktop app alone: it needs pipes to talk to")
        return Exit.USAGE
    voice = Voice(sink)
    try:
        within_s = _first_line_within_s(os.environ)
        window = Window(source)
        shaken = window.handshake(within_s)
        parent = _parent(shaken)
    except (HandshakeFailed, WrongWait) as error:
        voice.fatal(Exit.USAGE, str(error))
        return Exit.USAGE
    wanted = Wanted(
        port=shaken.port,
        strict_port=shaken.strict_port,
        data_dir=shaken.folder,
        config=arguments.config,
        demo=arguments.demo,
        gateway=not arguments.no_gateway,
        launch_token=shaken.token,
        keep_models=shaken.keep_models,
    )
    desktop = Desktop(window, voice, shaken, parent, started_ms)
    try:
        return run_sidecar(wanted, desktop)
    except Exception as error:  # noqa: BLE001 - whatever bug it is, the window has to hear of it
        _log.exception("the sidecar ends because of an error that it does not expect")
        return desktop.failed(error)


@dataclass(repr=False)
class WrongWait(LlamaRunnerError):
    """The variable that says how long to wait says something else."""

    said: str

    def __str__(self) -> str:
        """Names it and a way out."""
        return (
            f"{WAIT_VARIABLE}: {self.said[:40]!r} is not a number of seconds from 0 to "
            f"{_LONGEST_WAIT_S:g}; correct it or leave it out"
        )


def _first_line_within_s(environ: Mapping[str, str]) -> float:
    said = environ.get(WAIT_VARIABLE)
    if said is None:
        return FIRST_LINE_WITHIN_S
    try:
        within_s = float(said)
    except ValueError:
        raise WrongWait(said) from None
    # Written so that NaN is wrong, too.
    if not 0 <= within_s <= _LONGEST_WAIT_S:
        raise WrongWait(said)
    return within_s


def _parent(shaken: Handshake) -> Identity:
    parent = identify(shaken.parent_pid)
    if parent is None:
        raise HandshakeFailed(f"parent_pid: there is no process {shaken.parent_pid}")
    return parent


class Desktop:
    """Tells the window."""

    def __init__(
        self, window: Window, voice: Voice, shaken: Handshake, parent: Identity, started_ms: int
    ) -> None:
        """`parent` is the window's process; `started_ms` is when we were started."""
        self._window, self._voice, self._shaken = window, voice, shaken
        self._parent, self._started_ms = parent, started_ms
        self._log_pipe = LogPipe(_STANDARD_ERROR)

    def prepare(self, paths: DataPaths) -> None:
        """Whoever starts us again does it by the window."""
        paths.start_file.unlink(missing_ok=True)

    def begin_logging(self, logs_dir: Path) -> None:
        """To the file, and as JSON to standard error."""
        from llama_runner_pro.core.logs import JsonLines, setup_logging

        setup_logging(logs_dir, console=self._log_pipe, console_lines=JsonLines())

    def refused(self, code: Exit, error: LlamaRunnerError | OSError, words: str) -> None:
        """The window shows it."""
        if isinstance(error, PortTaken):
            # Refused only where the window demands this one; there is no button against that.
            words += f". Stop that, or set {_FIXED} to false in {_WINDOW_FILE} for any free port"
        elif isinstance(error, OSError):
            words += f". {_OTHER_FOLDER}"
        self._log_pipe.drain()
        self._voice.fatal(code, words)

    def failed(self, failure: BaseException) -> Exit:
        """Something that nobody expects; the next start may do better unless the disk is full."""
        self._log_pipe.drain()
        leaves = list(_leaves(failure))
        code = Exit.TEMPORARY
        words = "the sidecar failed: " + "; ".join(str(one) or type(one).__name__ for one in leaves)
        unwritable = [one for one in leaves if isinstance(one, OSError) and one.errno in _NO_ROOM]
        if unwritable:
            code = Exit.CANNOT_CREATE
            words = f"nothing can be written: {unwritable[0].strerror}. {_OTHER_FOLDER}"
        self._voice.fatal(code, without_secrets(words))
        return code

    def stopped(self) -> None:
        """The last word."""
        self._log_pipe.drain()
        self._voice.stopped()

    async def live(self, built: Built, listening: socket.socket, paths: DataPaths) -> None:
        """Run between guard and window."""
        from llama_runner_pro.app import run as run_built
        from llama_runner_pro.core.tasks import guarded
        from llama_runner_pro.desktop.parent import until_gone

        self._window.attach(asyncio.get_running_loop(), built.leaving)
        guard = self._guard(built, paths)
        built.records.listen(guard.compare)
        is_ready = False

        def changed() -> None:
            if is_ready:
                self._voice.degraded(_reasons(built))

        built.gateway.topic.listen(lambda _: changed())

        async def watch_parent() -> None:
            await until_gone(self._parent, built.clock)
            self._window.gone()

        def ready() -> None:
            nonlocal is_ready
            is_ready = True
            self._voice.ready()
            changed()

        async with asyncio.TaskGroup() as tasks:
            # Before we make ourselves known: until then an earlier sidecar's guard is on watch.
            await guard.start()
            guarding = tasks.create_task(guarded("guard", guard.run, built.clock))
            watching = tasks.create_task(guarded("window", watch_parent, built.clock))
            await run_built(
                built, listening, paths, lambda _: self._announce(built, listening), ready
            )
            guarding.cancel()
            watching.cancel()
        await guard.farewell(keep_models=built.leaving.keep_models)

    def _guard(self, built: Built, paths: DataPaths) -> GuardLink:
        return GuardLink(
            Begin(
                instance=built.instance,
                window=self._parent,
                presence_file=str(paths.presence_file),
                keep_models=self._shaken.keep_models,
                successor_within_s=SUCCESSOR_WITHIN_S,
            ),
            runtime=this_runtime(),
            log_path=paths.logs_dir / "guard.log",
            wanted=lambda: ending_with_us(
                built.config.config.endpoints,
                # A start supersedes the process before it, which has ended by then.
                {**built.records.all(), **built.records.starting()},
            ),
            clock=built.clock,
        )

    def _announce(self, built: Built, listening: socket.socket) -> None:
        settled()
        self._voice.listening(
            port=listening.getsockname()[1],
            started_ms=self._started_ms,
            version=release(),
            instance=built.instance,
            proof=proof(self._shaken),
        )


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield from _leaves(one)
    else:
        yield error


def _reasons(built: Built) -> list[str]:
    """What does not work as configured, in words."""
    view = built.gateway.view()
    doors = [_door_words(door) for door in view.doors if door.state in ("moved", "closed")]
    return [f"Gateway: {words}" for words in (*doors, *view.warnings)]


def _door_words(door: DoorView) -> str:
    instead = f"; it answers on {door.actual_port} instead" if door.actual_port else ""
    held = f" is held by {door.holder}" if door.holder else " is not available"
    return f"port {door.port}{held}{instead}"
