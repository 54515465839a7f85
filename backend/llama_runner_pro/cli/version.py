"""`llama-runner-pro version`."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from llama_runner_pro.cli.exit_codes import Exit
from llama_runner_pro.cli.output import say, say_json

if TYPE_CHECKING:
    import argparse

PACKAGE = "llama-runner-pro"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `version`."""
    parser.add_argument("--json", action="store_true", help="print as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Print which version is installed."""
    try:
        release = version(PACKAGE)
    except PackageNotFoundError:
        release = "unknown (not installed)"
    if arguments.json:
        say_json({"version": release, "python": platform.python_version()})
    else:
        say(f"{PACKAGE} {release}")
    return Exit.OK
