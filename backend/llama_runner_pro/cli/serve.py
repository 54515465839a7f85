"""`llama-runner-pro serve`: the sidecar in the foreground."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from llama_runner_pro.cli.container import HOST as EVERYWHERE
from llama_runner_pro.cli.container import first_words
from llama_runner_pro.cli.exit_codes import Exit
from llama_runner_pro.cli.former_start import Options, as_before, is_given, note_start
from llama_runner_pro.cli.hosts import exposed, is_address
from llama_runner_pro.cli.output import say, say_error
from llama_runner_pro.cli.sidecar import (
    DEFAULT_PORT,
    NoSuchAddress,
    Wanted,
    release,
    run_sidecar,
    settled,
)
from llama_runner_pro.config.paths import DataPaths, data_root
from llama_runner_pro.core.errors import PortTaken

if TYPE_CHECKING:
    import argparse
    import socket
    from collections.abc import Iterable

    from llama_runner_pro.app import Built
    from llama_runner_pro.core.errors import LlamaRunnerError

_HOST = "127.0.0.1"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `serve`."""
    parser.add_argument(
        "--host",
        help=f"address to listen on (default: {_HOST}); "
        "for any but loopback, everything needs the access token",
    )
    parser.add_argument(
        "--port", type=int, help=f"port of dashboard and API (default: {DEFAULT_PORT})"
    )
    parser.add_argument("--data-dir", type=Path, help="folder for config, logs and state")
    parser.add_argument("--config", type=Path, help="configuration file to read")
    parser.add_argument(
        "--demo", action="store_true", help="add the embedded engine with its small demo model"
    )
    parser.add_argument(
        "--no-gateway", action="store_true", help="leave ports 1234 and 11434 alone this time"
    )
    parser.add_argument(
        "--container",
        action="store_true",
        help="listen on every address and under every name; at the first start make a "
        "configuration with a gateway key, and say key and access token once",
    )
    parser.add_argument(
        "--desktop",
        action="store_true",
        help="for the desktop app: port, data folder and access come on standard input",
    )
    parser.add_argument(
        "--as-before",
        action="store_true",
        help="with the options, folder and environment of the last start; for installers",
    )


def run(arguments: argparse.Namespace) -> int:
    """Serve until stopped. Returns the exit code; every refusal says what to do."""
    if arguments.desktop:
        from llama_runner_pro.cli import desktop

        return desktop.run(arguments)
    if arguments.as_before:
        given = [name for name in Options.__annotations__ if is_given(arguments, name)]
        if given:
            say_error(f"--{given[0].replace('_', '-')}: comes from the last start with --as-before")
            return Exit.USAGE
        paths = DataPaths(data_root(arguments.data_dir, os.environ, Path.home()))
        try:
            arguments = as_before(paths.start_file, arguments)
        except OSError as error:
            say_error(f"{paths.start_file}: {error.strerror}")
            return Exit.NO_INPUT
    return _serve(arguments)


def _serve(arguments: argparse.Namespace) -> int:
    usual = EVERYWHERE if arguments.container else _HOST
    host = usual if arguments.host is None else arguments.host
    port = DEFAULT_PORT if arguments.port is None else arguments.port
    if not is_address(host):
        say_error(str(NoSuchAddress(host)))
        return Exit.USAGE
    if not 0 <= port <= 65_535:
        say_error(f"--port: {port} is not between 0 and 65535")
        return Exit.USAGE
    wanted = Wanted(
        host=host,
        # Everything needs the token there, so that a name that was bent gains nothing.
        any_name=arguments.container and exposed(host),
        port=port,
        data_dir=arguments.data_dir,
        config=arguments.config,
        demo=arguments.demo,
        gateway=not arguments.no_gateway,
    )
    front = Terminal(exposed(host), arguments)
    if arguments.container:
        front = Container(exposed(host), arguments)
    return run_sidecar(wanted, front)


class Terminal:
    """Tells a person in a terminal."""

    def __init__(self, exposed: bool, arguments: argparse.Namespace) -> None:
        """`exposed`: other machines can reach us. `arguments` are the command line's."""
        self._exposed, self._arguments = exposed, arguments

    def prepare(self, paths: DataPaths) -> None:
        """There is nothing to prepare."""

    def begin_logging(self, logs_dir: Path) -> None:
        """To the file alone."""
        from llama_runner_pro.core.logs import setup_logging

        setup_logging(logs_dir)

    def refused(self, code: Exit, error: LlamaRunnerError | OSError, words: str) -> None:
        """On standard error."""
        if isinstance(error, PortTaken):
            other = error.port + 1 if error.port < 65_535 else DEFAULT_PORT
            words += f". Stop that, or choose another: llama-runner-pro serve --port {other}"
        elif isinstance(error, OSError):
            words += ". Choose another --data-dir."
        say_error(words)

    async def live(self, built: Built, listening: socket.socket, paths: DataPaths) -> None:
        """Run, and say where."""
        from llama_runner_pro.app import run as run_built

        # Only now: a start that is refused is not worth doing again.
        note_start(paths.start_file, self._arguments)

        def announce(url: str) -> None:
            settled()
            self._announce(url, built.gateway.warnings())

        await run_built(built, listening, paths, announce)

    def stopped(self) -> None:
        """So that nobody waits for more."""
        say("Stopped.")

    def told_once(self) -> Iterable[str]:
        """What is said this time and never again."""
        return ()

    def last_words(self) -> Iterable[str]:
        """What to do next."""
        return (
            "To change settings in the browser, run: llama-runner-pro open",
            "Press Ctrl-C to stop.",
        )

    def _announce(self, url: str, warnings: Iterable[str]) -> None:
        say(f"LlamaRunner Pro {release()} is running: {url}")
        if self._exposed:
            say("Other machines can reach it, so everything needs the access token.")
        for words in warnings:
            say(f"Gateway: {words}")
        for words in self.told_once():
            say(words)
        for words in self.last_words():
            say(words)


class Container(Terminal):
    """Tells whoever reads a container's output."""

    def __init__(self, exposed: bool, arguments: argparse.Namespace) -> None:
        """`arguments` may name the configuration file."""
        super().__init__(exposed, arguments)
        self._named: Path | None = arguments.config
        self._first_words: list[str] = []

    def prepare(self, paths: DataPaths) -> None:
        """Make what a first start lacks."""
        self._first_words = first_words(paths, self._named)

    def told_once(self) -> Iterable[str]:
        """Token and key, when they were made just now."""
        return self._first_words

    def last_words(self) -> Iterable[str]:
        """A browser does not run in there."""
        return (
            "To change settings, sign in with the access token, or ask for a link inside the "
            "container: llama-runner-pro open --print",
        )
