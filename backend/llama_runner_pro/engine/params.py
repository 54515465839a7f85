"""What the engine's command line means: text in, one validated value or all problems out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from llama_runner_pro.core.errors import ConfigError, Problem

if TYPE_CHECKING:
    import argparse

DEFAULT_HOST: Final = "127.0.0.1"
DEFAULT_CONTEXT_TOKENS: Final = 4096
"""Keeps the cache of a large model modest; a model's own maximum may need tens of GB."""
DEFAULT_PARALLEL: Final = 1
DEFAULT_DRAIN_MS: Final = 1500
_SMALL_MACHINE_CPUS: Final = 4


@dataclass(frozen=True, slots=True)
class EngineParams:
    """Everything one engine process is told. `None` means: let llama.cpp choose."""

    model_path: Path
    port: int
    host: str = DEFAULT_HOST
    context_tokens: int = DEFAULT_CONTEXT_TOKENS
    """Tokens of context, shared by all slots; 0 is the length the model was trained with."""
    threads: int | None = None
    parallel: int = DEFAULT_PARALLEL
    """Slots: requests answered at the same time."""
    gpu_layers: int | None = None
    """Layers kept on the GPU; 0 is the CPU alone."""
    alias: str = ""
    """The model name that clients see."""
    verbose: bool = False
    drain_ms: int = DEFAULT_DRAIN_MS
    """How long running requests may take to finish after a stop was asked for."""


def from_namespace(namespace: argparse.Namespace) -> EngineParams:
    """Validate what `cli.add_arguments` parsed.

    Raises `ConfigError` that names every problem, not only the first. Looks at no file.
    """
    problems: list[Problem] = []
    model = (namespace.model or "").strip()
    if not model:
        problems.append(
            Problem("--model", "no model file was given", "give the path of a .gguf file")
        )
    path = Path(model).expanduser()
    host = _loopback(namespace.host, problems)
    port = _whole_number("--port", namespace.port, 1, 65_535, problems)
    context_tokens = _whole_number("--ctx-size", namespace.ctx_size, 0, 16_777_216, problems)
    threads = _whole_number("--threads", namespace.threads, 1, 1024, problems)
    parallel = _whole_number("--parallel", namespace.parallel, 1, 256, problems)
    gpu_layers = _whole_number("--gpu-layers", namespace.gpu_layers, 0, 10_000, problems)
    drain_ms = _whole_number("--drain-ms", namespace.drain_ms, 0, 600_000, problems)
    if namespace.port is None:
        problems.append(Problem("--port", "no port was given", "give a free port, 1 to 65535"))
    if problems or port is None:
        raise ConfigError(problems, source="command line")
    return EngineParams(
        model_path=path,
        port=port,
        host=host,
        context_tokens=DEFAULT_CONTEXT_TOKENS if context_tokens is None else context_tokens,
        threads=threads,
        parallel=DEFAULT_PARALLEL if parallel is None else parallel,
        gpu_layers=gpu_layers,
        alias=(namespace.alias or "").strip() or path.stem,
        verbose=bool(namespace.verbose),
        drain_ms=DEFAULT_DRAIN_MS if drain_ms is None else drain_ms,
    )


def threads_for(cpus: int) -> int | None:
    """Threads to compute with when the user named no number; None leaves it to llama.cpp.

    llama.cpp takes every core, and its threads wait for each other by spinning: on a small machine
    one core borrowed by another program makes all of them crawl, so one core stays free there.
    """
    return max(1, cpus - 1) if cpus <= _SMALL_MACHINE_CPUS else None


def _whole_number(
    flag: str, text: str | None, lowest: int, highest: int, problems: list[Problem]
) -> int | None:
    """`text` as a number within the limits; None when it was not given or a problem was noted."""
    if text is None:
        return None
    try:
        number = int(text)
    except ValueError:
        number = lowest - 1
    if lowest <= number <= highest:
        return number
    problems.append(
        Problem(flag, f"{text!r} is not accepted", f"a whole number from {lowest} to {highest}")
    )
    return None


def _loopback(text: str | None, problems: list[Problem]) -> str:
    """The address to listen on. The server behind it has no access control, so loopback only."""
    host = (text or DEFAULT_HOST).strip()
    if host in (DEFAULT_HOST, "localhost"):
        return host
    import ipaddress  # rarely needed, and every start waits for it

    try:
        accepted = ipaddress.ip_address(host).is_loopback
    except ValueError:
        accepted = False
    if not accepted:
        problems.append(
            Problem(
                "--host",
                f"{host!r} is not an address of this computer alone",
                "use 127.0.0.1: the engine has no access control of its own",
            )
        )
    return host
