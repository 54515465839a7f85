"""`llama-runner-pro open [--print]`: lets a browser in that may change settings."""

from __future__ import annotations

import webbrowser
from typing import TYPE_CHECKING

from llama_runner_pro.cli import client
from llama_runner_pro.cli.exit_codes import Exit
from llama_runner_pro.cli.output import say, say_json

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `open`."""
    parser.add_argument("--print", action="store_true", help="print the link and open nothing")
    client.add_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print a link that works once, for one minute, and open it."""
    return client.asked(arguments, lambda sidecar: _open(sidecar, arguments))


def _open(sidecar: client.Client, arguments: argparse.Namespace) -> int:
    made = sidecar.post("/api/session/links", {})
    link = sidecar.url + str(made["path"])
    if arguments.json:
        say_json({"url": link, "expires_in_s": made["expires_in_s"]})
        return Exit.OK
    say(link)
    say(f"This link works once, for {made['expires_in_s']} seconds.")
    if not arguments.print:
        webbrowser.open(link)
    return Exit.OK
