"""`llama-runner-pro monitoring`: what Prometheus and Grafana need to know us."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llama_runner_pro.cli.exit_codes import Exit
from llama_runner_pro.cli.output import say, say_error

if TYPE_CHECKING:
    import argparse

DEFAULT_TARGET = "127.0.0.1:8585"
_TARGET = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):[0-9]{1,5}")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `monitoring`."""
    parser.add_argument(
        "what",
        choices=("rules", "dashboard", "scrape-config"),
        help="alert rules for Prometheus, a dashboard for Grafana, or how to scrape",
    )
    parser.add_argument(
        "--target",
        action="append",
        metavar="HOST:PORT",
        help=f"a sidecar to scrape; may be repeated (default: {DEFAULT_TARGET})",
    )
    parser.add_argument(
        "--token-file",
        metavar="PATH",
        help="file on Prometheus' computer that holds the access token of the sidecars",
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the document, ready to be sent into a file."""
    from llama_runner_pro.metrics.prometheus import shipped

    targets: list[str] = arguments.target or [DEFAULT_TARGET]
    wrong = [target for target in targets if not _TARGET.fullmatch(target)]
    if wrong:
        say_error(f"--target: {wrong[0]!r} is not HOST:PORT, as in 192.168.1.20:8585")
        return Exit.USAGE
    if arguments.what == "rules":
        text = shipped.alert_rules()
    elif arguments.what == "dashboard":
        text = shipped.grafana_dashboard()
    else:
        text = shipped.scrape_config(targets, arguments.token_file)
    say(text.rstrip("\n"))
    return Exit.OK
