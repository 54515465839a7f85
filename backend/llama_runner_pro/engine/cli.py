"""The `engine` subcommand: arguments, and the one function that runs it."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Final

from llama_runner_pro.core.errors import ConfigError
from llama_runner_pro.engine.exit_codes import PREFIX, EngineExit
from llama_runner_pro.engine.params import (
    DEFAULT_CONTEXT_TOKENS,
    DEFAULT_DRAIN_MS,
    DEFAULT_HOST,
    DEFAULT_PARALLEL,
    from_namespace,
)
from llama_runner_pro.engine.preflight import EngineRefusal
from llama_runner_pro.engine.worker import devices, serve

if TYPE_CHECKING:
    import argparse

DESCRIPTION: Final = "Serve one GGUF model with llama.cpp's own HTTP server, on this computer only."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the engine's flags; values stay text, `params.py` reports all their problems."""
    add = parser.add_argument
    add("--model", metavar="FILE", help="the .gguf file to serve")
    add("--port", metavar="N", help="port to listen on")
    add("--host", metavar="ADDRESS", help=f"loopback address to listen on (default {DEFAULT_HOST})")
    add(
        "--ctx-size",
        metavar="N",
        help=f"tokens of context; 0: as trained (default {DEFAULT_CONTEXT_TOKENS})",
    )
    add("--threads", metavar="N", help="threads used to compute (default: nearly all cores)")
    add(
        "--parallel",
        metavar="N",
        help=f"requests answered at the same time (default {DEFAULT_PARALLEL})",
    )
    add("--gpu-layers", metavar="N", help="layers kept on the GPU (default: as many as fit)")
    add("--alias", metavar="NAME", help="model name that clients see (default: the file's name)")
    add(
        "--drain-ms",
        metavar="N",
        help=f"on a stop, time for running requests to finish (default {DEFAULT_DRAIN_MS})",
    )
    add("--verbose", action="store_true", help="log what llama.cpp does in detail")
    add("--check", action="store_true", help="only load the library, and list what it computes on")


def run(namespace: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT; the process then ends with 0 and this does not return.

    With `--check` the library is loaded, its devices are printed as a JSON list, and that is all.
    Returns an `EngineExit` code, after one line on stderr, when the engine could not be started.
    """
    try:
        if namespace.check:
            return _list_devices()
        return serve(from_namespace(namespace))
    except ConfigError as error:
        problems = "; ".join(str(problem) for problem in error.problems)
        return _refuse(EngineExit.BAD_ARGUMENTS, problems)
    except EngineRefusal as refusal:
        return _refuse(refusal.exit_code, refusal.reason)


def _list_devices() -> int:
    sys.stdout.write(json.dumps(devices()) + "\n")
    return int(EngineExit.OK)


def _refuse(exit_code: EngineExit, reason: str) -> int:
    """Say why on stderr, in one line whatever the reason contains."""
    sys.stderr.write(PREFIX + " ".join(reason.split()) + "\n")
    sys.stderr.flush()
    return int(exit_code)
