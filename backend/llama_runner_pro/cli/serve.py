"""`llama-runner-pro serve`: the sidecar in the foreground."""

from __future__ import annotations

import asyncio
import errno
import gc
import ipaddress
import logging
import os
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from llama_runner_pro.cli.exit_codes import Exit
from llama_runner_pro.cli.output import say, say_error
from llama_runner_pro.core.errors import ConfigError, LlamaRunnerError, PortTaken

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable

    from llama_runner_pro.app import Given
    from llama_runner_pro.config.paths import DataPaths

DEFAULT_PORT = 8585
DEMO_PORT = 8590


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `serve`."""
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="address to listen on; for any but loopback, everything needs the access token",
    )
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="port of dashboard and API")
    parser.add_argument("--data-dir", type=Path, help="folder for config, logs and state")
    parser.add_argument("--config", type=Path, help="configuration file to read")
    parser.add_argument(
        "--demo", action="store_true", help="add the embedded engine with its small demo model"
    )
    parser.add_argument(
        "--no-gateway", action="store_true", help="leave ports 1234 and 11434 alone this time"
    )


_OBJECTS_BETWEEN_SEARCHES = 20_000


def run(arguments: argparse.Namespace) -> int:
    """Serve until stopped. Returns the exit code; every refusal says what to do."""
    # Imports and wiring make objects that stay: looking through all of them again and again
    # took an eighth of the time of the imports.
    gc.disable()
    try:
        return _run(arguments)
    finally:
        gc.enable()


def _run(arguments: argparse.Namespace) -> int:
    from llama_runner_pro.config.lock import FolderInUse, hold_folder
    from llama_runner_pro.config.paths import DataPaths, data_root

    problem = _host_problem(arguments.host) or _port_problem(arguments.port)
    if problem:
        say_error(problem)
        return Exit.USAGE
    paths = DataPaths(data_root(arguments.data_dir, os.environ, Path.home()))
    try:
        paths.create()
        with hold_folder(paths.lock_file, paths.presence_file):
            given = _given(arguments, paths)
            listening = _listen(arguments.host, arguments.port)
            return _serve(given, paths, listening)
    except ConfigError as error:
        say_error(str(error))
        return Exit.CONFIG
    except PortTaken as error:
        say_error(_port_words(error))
        return Exit.UNAVAILABLE
    except FolderInUse as error:
        say_error(str(error))
        return Exit.UNAVAILABLE
    except NoSuchAddress as error:
        say_error(str(error))
        return Exit.USAGE
    except OSError as error:
        reason = error.strerror or str(error)
        say_error(f"{error.filename or paths.root}: {reason}. Choose another --data-dir.")
        return Exit.CANNOT_CREATE


@dataclass
class NoSuchAddress(LlamaRunnerError):
    """This machine does not have the address to listen on."""

    host: str

    def __str__(self) -> str:
        """Names it and a way out."""
        return f"--host: {self.host!r} is not an address of this machine; use 127.0.0.1"


def _host_problem(host: str) -> str | None:
    if host == "localhost":
        return None
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return str(NoSuchAddress(host))
    return None


def _exposed(host: str) -> bool:
    """Other machines can reach us there."""
    return host != "localhost" and not ipaddress.ip_address(host).is_loopback


def _names(host: str) -> frozenset[str]:
    """Under which names we may be called besides the loopback ones."""
    if not _exposed(host):
        return frozenset()
    if not ipaddress.ip_address(host).is_unspecified:
        return frozenset({host})
    import psutil

    own = socket.gethostname()
    addresses = {
        address.address.partition("%")[0]
        for interface in psutil.net_if_addrs().values()
        for address in interface
        if address.family in (socket.AF_INET, socket.AF_INET6)
    }
    return frozenset({own, f"{own}.local", socket.getfqdn(), *addresses})


def _port_problem(port: int) -> str | None:
    return None if 0 <= port <= 65_535 else f"--port: {port} is not between 0 and 65535"


def _given(arguments: argparse.Namespace, paths: DataPaths) -> Given:
    """Everything that is read before anything is built. Raises ConfigError and OSError."""
    from llama_runner_pro.app import Given
    from llama_runner_pro.config.stored import check_with, read_stored
    from llama_runner_pro.config.token import ensure_token
    from llama_runner_pro.core.errors import Problem

    model: Path | None = None
    if arguments.demo:
        from llama_runner_pro.engine.demo import DemoModelMissing, demo_model_path

        try:
            model = demo_model_path()
        except DemoModelMissing as error:
            raise ConfigError([Problem("--demo", str(error))], "command line") from error
    named: Path | None = arguments.config
    if named is None and paths.config_file.exists():
        named = paths.config_file
    check = check_with(demo=arguments.demo, demo_model=model, demo_port=_demo_port(paths))
    return Given(
        stored=read_stored(named, check),
        check=check,
        token=ensure_token(paths.token_file),
        exposed=_exposed(arguments.host),
        allowed_hosts=_names(arguments.host),
        gateway=not arguments.no_gateway,
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


def _listen(host: str, port: int) -> socket.socket:
    """Bind before anything else is built: a taken port is the commonest refusal."""
    from llama_runner_pro.transport.listening import listening_socket

    try:
        return listening_socket(host, port)
    except OSError as error:
        if error.errno == errno.EADDRNOTAVAIL:
            raise NoSuchAddress(host) from error
        if error.errno != errno.EADDRINUSE:
            raise
        raise PortTaken(host, port, _holder(port)) from error


def _holder(port: int) -> str | None:
    from llama_runner_pro.supervision.process.ports import holder

    found = asyncio.run(holder(port))
    return found.text if found is not None else None


def _port_words(error: PortTaken) -> str:
    other = error.port + 1 if error.port < 65_535 else 8585
    return f"{error}. Stop that, or choose another: llama-runner-pro serve --port {other}"


def _serve(given: Given, paths: DataPaths, listening: socket.socket) -> int:
    from importlib.metadata import version

    from llama_runner_pro.app import build, run
    from llama_runner_pro.cli.dashboard_files import built_dashboard
    from llama_runner_pro.config.redact import secrets_of
    from llama_runner_pro.core.logs import setup_logging
    from llama_runner_pro.core.secrets import register_secret

    setup_logging(paths.logs_dir)
    for secret in {given.token, *secrets_of(given.stored.config)}:
        register_secret(secret)
    release = version("llama-runner-pro")

    def announce(url: str, warnings: Iterable[str]) -> None:
        gc.freeze()
        # A burst of requests makes thousands of objects that are gone a moment later: with
        # Python's 700 the search for circles among them took a tenth of each request's time.
        gc.set_threshold(_OBJECTS_BETWEEN_SEARCHES)
        gc.enable()
        say(f"LlamaRunner Pro {release} is running: {url}")
        if given.exposed:
            say("Other machines can reach it, so everything needs the access token.")
        for words in warnings:
            say(f"Gateway: {words}")
        say("To change settings in the browser, run: llama-runner-pro open")
        say("Press Ctrl-C to stop.")

    async def main() -> None:
        built = build(given, paths, version=release, static_dir=built_dashboard())
        await run(built, listening, paths, lambda url: announce(url, built.gateway.warnings()))

    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(main())
    logging.shutdown()
    say("Stopped.")
    return Exit.OK


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop where it exists; asyncio's own elsewhere."""
    try:
        import uvloop
    except ImportError:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory
