"""`llama-runner-pro`: picks the subcommand and imports only that one."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn

from llama_runner_pro.cli.exit_codes import Exit, table
from llama_runner_pro.cli.output import say_error

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS: dict[str, tuple[str, str]] = {
    "serve": ("llama_runner_pro.cli.serve", "run the sidecar: supervise, heal, serve, show"),
    "stop": ("llama_runner_pro.cli.stop", "end the sidecar that runs here"),
    "open": ("llama_runner_pro.cli.open", "let a browser in that may change settings"),
    "health": ("llama_runner_pro.cli.health", "whether the sidecar answers"),
    "status": ("llama_runner_pro.cli.status", "how every model is"),
    "heal": ("llama_runner_pro.cli.heal", "heal what is unhealthy, or one model"),
    "logs": ("llama_runner_pro.cli.logs", "show or follow a log"),
    "history": ("llama_runner_pro.cli.history", "print or export measurements of the past"),
    "monitoring": (
        "llama_runner_pro.cli.monitoring",
        "print what Prometheus and Grafana need: rules, dashboard, scrape-config",
    ),
    "discover": ("llama_runner_pro.cli.discover", "find the model servers on this computer"),
    "doctor": ("llama_runner_pro.cli.doctor", "find out what is wrong, and what mends it"),
    "version": ("llama_runner_pro.cli.version", "print the version"),
    "guard": (
        "llama_runner_pro.cli.guard",
        "end models when desktop window and sidecar are gone (serve --desktop starts it)",
    ),
    "engine": ("llama_runner_pro.engine.cli", "serve one model file (what serve --demo starts)"),
}
"""Name → module with `add_arguments(parser)` and `run(arguments) -> int`, and one line of help."""


class Parser(argparse.ArgumentParser):
    """argparse with our exit code for a wrong command line."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and how to learn more."""
        say_error(f"{message} (see {self.prog} --help)")
        raise SystemExit(Exit.USAGE)


def parser_for(argv: Sequence[str]) -> Parser:
    """The parser; only the subcommand that `argv` names has its options filled in."""
    parser = Parser(
        prog="llama-runner-pro",
        description="Watches, heals, serves and shows the AI model servers on this computer.",
        epilog=table(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=Parser)
    wanted = next((word for word in argv if not word.startswith("-")), None)
    for name, (module, words) in COMMANDS.items():
        sub = commands.add_parser(
            name,
            help=words,
            description=words[0].upper() + words[1:] + ".",
            epilog=table(),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if name == wanted:
            import_module(module).add_arguments(sub)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand; returns its exit code."""
    words = sys.argv[1:] if argv is None else list(argv)
    parser = parser_for(words)
    try:
        arguments = parser.parse_args(words)
        if arguments.command is None:
            parser.error("no command was given")
        module, _ = COMMANDS[arguments.command]
        code: int = import_module(module).run(arguments)
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else Exit.OK
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has enough (`… | head`); nothing may be flushed to it any more.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.OK
    return code
