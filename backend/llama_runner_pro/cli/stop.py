"""`llama-runner-pro stop`: ends the sidecar of a data folder, and says when it is gone."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from llama_runner_pro.cli.client import Client, ClientError, announced
from llama_runner_pro.cli.exit_codes import Exit
from llama_runner_pro.cli.output import say, say_error
from llama_runner_pro.config.paths import DataPaths, data_root
from llama_runner_pro.config.token import read_token

if TYPE_CHECKING:
    import argparse

    from llama_runner_pro.supervision.process.identity import Identity

TIMEOUT_S = 15.0
_LOOK_EVERY_S = 0.05


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `stop`."""
    parser.add_argument("--data-dir", type=Path, help="data folder of the sidecar")
    parser.add_argument(
        "--timeout-s",
        type=float,
        default=TIMEOUT_S,
        help=f"how long to wait for its end (default: {TIMEOUT_S:g})",
    )
    parser.add_argument(
        "--keep-models", action="store_true", help="leave the models running that it started"
    )


def run(arguments: argparse.Namespace) -> int:
    """Ask the sidecar to end and wait for it; well, too, when none runs."""
    from llama_runner_pro.doctor.sidecars import sidecar_of

    if not arguments.timeout_s > 0:
        say_error("--timeout-s: must be more than 0")
        return Exit.USAGE
    paths = DataPaths(data_root(arguments.data_dir, os.environ, Path.home()))
    found = sidecar_of(paths)
    if not found.runs:
        say(f"No sidecar runs on {paths.root}.")
        return Exit.OK
    url = announced(paths.presence_file)
    if not found.answers or url is None:
        who = f" (pid {found.pid})" if found.pid is not None else ""
        say_error(
            f"the sidecar of {paths.root}{who} does not answer. "
            "Find out more with: llama-runner-pro doctor"
        )
        return Exit.UNAVAILABLE
    try:
        return _stop(Client(url, _token(paths)), arguments)
    except ClientError as error:
        say_error(error.message)
        return error.exit_code


def _stop(sidecar: Client, arguments: argparse.Namespace) -> int:
    from llama_runner_pro.supervision.process.identity import identify

    health = sidecar.get("/api/health")
    # Known before it is asked: afterwards the number may soon belong to another process.
    process = identify(int(health["pid"]))
    wish = {"instance": health["instance"]}
    if arguments.keep_models:
        wish["keep_models"] = True
    asked = sidecar.post("/api/shutdown", wish)
    if process is not None and not _gone(process, arguments.timeout_s):
        say_error(
            f"the sidecar (pid {asked['pid']}) is still ending after {arguments.timeout_s:g} s"
        )
        return Exit.UNHEALTHY
    say("Stopped.")
    return Exit.OK


def _gone(process: Identity, within_s: float) -> bool:
    from llama_runner_pro.supervision.process.identity import same_life

    until_s = time.monotonic() + within_s
    while same_life(process):
        if time.monotonic() >= until_s:
            return False
        time.sleep(_LOOK_EVERY_S)
    return True


def _token(paths: DataPaths) -> str | None:
    try:
        return read_token(paths.token_file)
    except OSError:
        return None
