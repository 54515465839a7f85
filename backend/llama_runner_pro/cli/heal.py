"""`llama-runner-pro heal [NAME] [--now]`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from llama_runner_pro.cli import client
from llama_runner_pro.cli.exit_codes import Exit
from llama_runner_pro.cli.output import aligned, paint, safe, say, say_error, say_json

if TYPE_CHECKING:
    import argparse

PATIENCE_S = 330.0
"""A little more than the sidecar itself waits."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `heal`."""
    parser.add_argument("name", nargs="?", help="one model; all that are unhealthy when left out")
    parser.add_argument(
        "--now", action="store_true", help="emergency: at once, ignoring delays and budget"
    )
    client.add_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Heal and print what came of it; exit code 1 when a model is still unhealthy."""
    return client.asked(arguments, lambda sidecar: _heal(sidecar, arguments))


def _heal(sidecar: client.Client, arguments: argparse.Namespace) -> int:
    path = "/api/ai-monitor/heal-now" if arguments.now else "/api/ai-monitor/heal"
    body = {} if arguments.name is None else {"model": arguments.name}
    if sys.stderr.isatty() and not arguments.json:
        say_error(f"healing {arguments.name or 'what is unhealthy'} …")
    answer = sidecar.post(path, body, PATIENCE_S)
    message, report = str(answer["message"]), answer["data"]
    healed = report["finished"] and all(one["healed"] for one in report["results"])
    if arguments.json:
        say_json(report)
    else:
        for line in aligned([_row(one) for one in report["results"]]):
            say(line)
        say(safe(message))
    return Exit.OK if healed else Exit.UNHEALTHY


def _row(result: dict[str, Any]) -> tuple[str, ...]:
    word = paint("healed", "green") if result["healed"] else paint("failed", "red")
    return (
        word,
        safe(result["name"]),
        f"{result['before']} → {result['after']}",
        f"{result['duration_ms'] / 1000:.1f} s",
        safe(result["detail"]),
    )
