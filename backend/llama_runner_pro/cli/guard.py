"""`llama-runner-pro guard`: started by the sidecar of the desktop app, never by hand."""

from __future__ import annotations

import logging
import os
import sys
from typing import TYPE_CHECKING

from llama_runner_pro.cli.exit_codes import Exit
from llama_runner_pro.cli.output import say_error

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """There are none: everything comes on standard input."""


def run(arguments: argparse.Namespace) -> int:
    """Wait for the sidecar's end, and end what must not outlive it."""
    from llama_runner_pro.core.clock import SystemClock
    from llama_runner_pro.core.logs import PlainLines
    from llama_runner_pro.desktop.guardian import watch_over

    if os.isatty(0):
        say_error("guard is started by the desktop app; there is nothing to do for it here")
        return Exit.USAGE
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(PlainLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    watch_over(0, SystemClock())
    return Exit.OK
