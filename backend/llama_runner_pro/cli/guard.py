"""`llama-runner-pro guard`: started by the sidecar of the desktop app, never by hand."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from llama_runner_pro.cli.exit_codes import Exit
from llama_runner_pro.cli.output import say_error

if TYPE_CHECKING:
    import argparse

    from llama_runner_pro.desktop.watchlist import Watchlist


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """There are none: everything comes on standard input."""


def run(arguments: argparse.Namespace) -> int:
    """Wait for the sidecar's end, and end what must not outlive it."""
    from llama_runner_pro.desktop.lines import read_lines
    from llama_runner_pro.desktop.watchlist import LINE_LIMIT_BYTES, Watchlist

    if os.isatty(0):
        say_error("guard is started by the desktop app; there is nothing to do for it here")
        return Exit.USAGE
    watchlist = Watchlist()
    watchlist.listen(read_lines(0, LINE_LIMIT_BYTES))
    if watchlist.begin is not None and watchlist.guarded:
        _settle(watchlist)
    return Exit.OK


def _settle(watchlist: Watchlist) -> None:
    # All of it only now: see desktop/watchlist.py.
    import logging

    from llama_runner_pro.core.clock import SystemClock
    from llama_runner_pro.core.logs import PlainLines
    from llama_runner_pro.desktop.guardian import settle

    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(PlainLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    settle(watchlist, SystemClock())
