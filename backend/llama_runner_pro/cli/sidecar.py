"""Running the sidecar, whoever is told about it: a terminal or the desktop window."""

from __future__ import annotations

import asyncio
import errno
import gc
import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from llama_runner_pro.cli.exit_codes import Exit
from llama_runner_pro.cli.hosts import exposed, names
from llama_runner_pro.config.lock import FolderInUse
from llama_runner_pro.core.errors import ConfigError, LlamaRunnerError, PortTaken
from llama_runner_pro.core.value_object import ValueObject

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from llama_runner_pro.app import Built, Given
    from llama_runner_pro.config.paths import DataPaths

DEFAULT_PORT = 8585
DEMO_PORT = 8590


class Wanted(ValueObject, frozen=True, kw_only=True):
    """What a sidecar is started with."""

    host: str = "127.0.0.1"
    any_name: bool = False
    """Answer to whatever name we are called by."""
    port: int = DEFAULT_PORT
    strict_port: bool = True
    """Otherwise any free port will do when that one is taken."""
    data_dir: Path | None = None
    config: Path | None = None
    demo: bool = False
    gateway: bool = True
    launch_token: str | None = None
    keep_models: bool = False


class Front(Protocol):
    """Whoever is told how it goes."""

    def prepare(self, paths: DataPaths) -> None:
        """The data folder is ours now, and nothing in it was read. Raises `OSError`."""
        ...

    def begin_logging(self, logs_dir: Path) -> None:
        """Say where log records go. Raises `OSError`."""
        ...

    def refused(self, code: Exit, error: LlamaRunnerError | OSError, words: str) -> None:
        """The sidecar does not start, or ended, for this reason."""
        ...

    async def live(self, built: Built, listening: socket.socket, paths: DataPaths) -> None:
        """Run what was built until it ends."""
        ...

    def stopped(self) -> None:
        """It ended as it was asked to."""
        ...


@dataclass(repr=False)
class NoSuchAddress(LlamaRunnerError):
    """This machine does not have the address to listen on."""

    host: str

    def __str__(self) -> str:
        """Names it and a way out."""
        return f"--host: {self.host!r} is not an address of this machine; use 127.0.0.1"


@dataclass(repr=False)
class PortForbidden(LlamaRunnerError):
    """The system does not let this user listen on the port."""

    port: int

    def __str__(self) -> str:
        """Names it and a way out."""
        return f"this user may not listen on port {self.port}; choose one above 1023"


_OBJECTS_BETWEEN_SEARCHES = 20_000


def run_sidecar(wanted: Wanted, front: Front) -> int:
    """Serve until stopped. Returns the exit code; every refusal says what to do."""
    # Imports and wiring make objects that stay: looking through all of them again and again
    # took an eighth of the time of the imports.
    gc.disable()
    try:
        return _run(wanted, front)
    finally:
        gc.enable()


def settled() -> None:
    """All that stays is made; from here on garbage is worth looking for."""
    gc.freeze()
    # A burst of requests makes thousands of objects that are gone a moment later: with
    # Python's 700 the search for circles among them took a tenth of each request's time.
    gc.set_threshold(_OBJECTS_BETWEEN_SEARCHES)
    gc.enable()


def release() -> str:
    """Which version this is."""
    from importlib.metadata import version

    return version("llama-runner-pro")


def _run(wanted: Wanted, front: Front) -> int:
    from llama_runner_pro.config.lock import hold_folder
    from llama_runner_pro.config.paths import DataPaths, data_root

    paths = DataPaths(data_root(wanted.data_dir, os.environ, Path.home()))
    try:
        paths.create()
        with hold_folder(paths.lock_file, paths.presence_file):
            front.prepare(paths)
            given = _given(wanted, paths)
            listening = _listen(wanted)
            _serve(given, paths, listening, front)
    except (LlamaRunnerError, OSError) as error:
        code, words = _refusal(error, paths)
        front.refused(code, error, words)
        return code
    front.stopped()
    return Exit.OK


def _refusal(error: LlamaRunnerError | OSError, paths: DataPaths) -> tuple[Exit, str]:
    if isinstance(error, OSError):
        reason = error.strerror or str(error)
        if isinstance(error, FileExistsError | NotADirectoryError):
            reason = "there is a file where a folder should be"
        return Exit.CANNOT_CREATE, f"{error.filename or paths.root}: {reason}"
    codes: dict[type[LlamaRunnerError], Exit] = {
        ConfigError: Exit.CONFIG,
        PortTaken: Exit.UNAVAILABLE,
        FolderInUse: Exit.UNAVAILABLE,
        NoSuchAddress: Exit.USAGE,
        PortForbidden: Exit.NO_PERMISSION,
    }
    code = codes.get(type(error))
    if code is None:
        raise error
    return code, str(error)


def _given(wanted: Wanted, paths: DataPaths) -> Given:
    """Everything that is read before anything is built. Raises ConfigError and OSError."""
    from llama_runner_pro.api.guard import ANY_NAME
    from llama_runner_pro.app import Given
    from llama_runner_pro.config.stored import check_with, read_stored
    from llama_runner_pro.config.token import ensure_token
    from llama_runner_pro.core.errors import Problem

    model: Path | None = None
    if wanted.demo:
        from llama_runner_pro.engine.demo import DemoModelMissing, demo_model_path

        try:
            model = demo_model_path()
        except DemoModelMissing as error:
            raise ConfigError([Problem("--demo", str(error))], "command line") from error
    named: Path | None = wanted.config
    if named is None and paths.config_file.exists():
        named = paths.config_file
    check = check_with(demo=wanted.demo, demo_model=model, demo_port=_demo_port(paths))
    return Given(
        stored=read_stored(named, check),
        check=check,
        token=ensure_token(paths.token_file),
        exposed=exposed(wanted.host),
        allowed_hosts=frozenset({ANY_NAME}) if wanted.any_name else names(wanted.host),
        gateway=wanted.gateway,
        launch_token=wanted.launch_token,
        keep_models=wanted.keep_models,
    )


def _demo_port(paths: DataPaths) -> int:
    """The usual port, or the next free one; a demo engine that still runs keeps its own."""
    from llama_runner_pro.config.load import DEMO_NAME
    from llama_runner_pro.supervision.process.ports import is_free
    from llama_runner_pro.supervision.process.state_file import StateFile

    record = StateFile(paths.processes_file).load().get(DEMO_NAME)
    if record is not None and record.port is not None:
        return record.port
    candidates = range(DEMO_PORT, DEMO_PORT + 100)
    return next((port for port in candidates if is_free("127.0.0.1", port)), DEMO_PORT)


def _listen(wanted: Wanted) -> socket.socket:
    """Bind before anything else is built: a taken port is the commonest refusal."""
    from llama_runner_pro.transport.listening import listening_socket

    host, port = wanted.host, wanted.port
    try:
        return listening_socket(host, port)
    except OSError as error:
        if error.errno == errno.EADDRNOTAVAIL:
            raise NoSuchAddress(host) from error
        if error.errno == errno.EACCES:
            raise PortForbidden(port) from error
        if error.errno != errno.EADDRINUSE:
            raise
        if not wanted.strict_port:
            return listening_socket(host, 0)
        raise PortTaken(host, port, _holder(port)) from error


def _holder(port: int) -> str | None:
    from llama_runner_pro.supervision.process.ports import holder

    found = asyncio.run(holder(port))
    return found.text if found is not None else None


def _serve(given: Given, paths: DataPaths, listening: socket.socket, front: Front) -> None:
    from llama_runner_pro.app import build
    from llama_runner_pro.cli.dashboard_files import built_dashboard
    from llama_runner_pro.config.redact import secrets_of
    from llama_runner_pro.core.secrets import register_secret

    front.begin_logging(paths.logs_dir)
    for secret in {given.token, given.launch_token or "", *secrets_of(given.stored.config)}:
        register_secret(secret)

    async def main() -> None:
        built = build(given, paths, version=release(), static_dir=built_dashboard())
        await front.live(built, listening, paths)

    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(main())
    logging.shutdown()


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop where it exists; asyncio's own elsewhere."""
    try:
        import uvloop
    except ImportError:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory
