"""`llama-runner-pro health`: for whatever watches the sidecar, such as a container."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.cli import client
from llama_runner_pro.cli.exit_codes import Exit
from llama_runner_pro.cli.output import say, say_json

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `health`."""
    client.add_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Well when the sidecar answers, however its models are; `status` tells of those."""
    return client.asked(arguments, lambda sidecar: _show(sidecar, as_json=arguments.json))


def _show(sidecar: client.Client, *, as_json: bool) -> int:
    health = sidecar.get("/api/health")
    words = f"{health['status']}: pid {health['pid']}, running for {health['uptime_s']:.0f} s"
    if as_json:
        say_json(health)
    else:
        say(words)
    return Exit.OK
