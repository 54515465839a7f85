"""The checks that turn a failed start into one clear sentence and a distinct exit code."""

from __future__ import annotations

import errno
import socket
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from llama_runner_pro.core.errors import LlamaRunnerError, PortTaken
from llama_runner_pro.engine.exit_codes import EngineExit
from llama_runner_pro.engine.gguf import GgufBroken, GgufHeader, missing_bytes, read_header

if TYPE_CHECKING:
    from pathlib import Path


@dataclass
class EngineRefusal(LlamaRunnerError):
    """The engine will not start; `reason` says what, where and what to do."""

    exit_code: EngineExit
    reason: str

    def __str__(self) -> str:
        """The reason alone."""
        return self.reason


def check_model(path: Path) -> GgufHeader:
    """Look at the model file without loading it; raises `EngineRefusal`."""
    try:
        if path.is_dir():
            raise EngineRefusal(
                EngineExit.MODEL_MISSING,
                f"{path} is a folder: give the .gguf file inside it",
            )
        return read_header(path)
    except FileNotFoundError:
        reason = f"there is no model file at {path}: check the path, or download the model again"
        raise EngineRefusal(EngineExit.MODEL_MISSING, reason) from None
    except OSError as error:
        raise _unreadable(path, error) from error
    except GgufBroken as error:
        raise _broken(path, error) from error


def check_complete(path: Path) -> None:
    """Find out whether a file that llama.cpp refused was cut off; raises `EngineRefusal` if so."""
    try:
        missing = missing_bytes(path)
    except GgufBroken as error:
        raise _broken(path, error) from error
    except OSError as error:
        raise _unreadable(path, error) from error
    if missing:
        reason = (
            f"{path} is incomplete: {_amount(missing)} are missing at its end; download it again"
        )
        raise EngineRefusal(EngineExit.NOT_A_GGUF, reason)


def check_memory(needed_bytes: int, available_bytes: int | None) -> None:
    """Compare what a model needs with what is free; raises `EngineRefusal`.

    None is a machine that does not tell: accepted.
    """
    if available_bytes is None or needed_bytes <= available_bytes:
        return
    reason = (
        f"too little memory: the model needs about {_amount(needed_bytes)}, "
        f"{_amount(available_bytes)} are free; close other programs, "
        "lower --ctx-size or choose a smaller model"
    )
    raise EngineRefusal(EngineExit.TOO_LITTLE_MEMORY, reason)


def check_port(host: str, port: int) -> None:
    """Make sure that the address can be listened on right now; raises `EngineRefusal`.

    A port whose old connections are still closing counts as free, as it does for the real server.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        # On Windows this option would let us share a port that somebody else holds.
        if sys.platform != "win32":
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
            trial.listen(1)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                reason = f"{PortTaken(host, port, None)}: stop that program or use another --port"
            else:
                reason = f"cannot listen on {host} port {port}: {error.strerror or error}"
            raise EngineRefusal(EngineExit.PORT_TAKEN, reason) from error


def _broken(path: Path, error: GgufBroken) -> EngineRefusal:
    reason = f"{path} is not a usable GGUF model: {error}; download it again or choose another"
    return EngineRefusal(EngineExit.NOT_A_GGUF, reason)


def _unreadable(path: Path, error: OSError) -> EngineRefusal:
    reason = f"the model file {path} cannot be read: {error.strerror or error}"
    return EngineRefusal(EngineExit.MODEL_MISSING, reason)


def _amount(count_bytes: int) -> str:
    """Bytes in the unit people use for memory."""
    mebibytes = count_bytes / 1024**2
    return f"{mebibytes / 1024:.1f} GiB" if mebibytes >= 1024 else f"{max(mebibytes, 0.1):.1f} MiB"
