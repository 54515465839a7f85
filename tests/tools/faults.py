"""The faults that `fake_model_server.py` can show, as flags and as switches at run time."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import time
from dataclasses import dataclass, field, fields

OOM_LINES = (
    "ggml_backend_cuda_buffer_type_alloc_buffer: allocating 4096.00 MiB on device 0: "
    "cudaMalloc failed: out of memory",
    "alloc_tensor_range: failed to allocate CUDA0 buffer of size 4294967296",
    "llama_model_load: error loading model: unable to allocate CUDA0 buffer",
    "srv    load_model: failed to load model, '/models/large.gguf'",
)
_LOG_TICK_S = 0.05
_HOLDER_LIFE_S = 120


@dataclass
class Faults:
    """What is wrong right now. Every name is a flag (`--hang-health`) and a control word."""

    hang_after: int | None = None
    """Requests answered before all further ones are accepted and never answered."""
    hang_health: bool = False
    crash_after: int | None = None
    """Requests answered before the process exits."""
    exit_code: int = 1
    status: int = 200
    """What /health answers once the model is loaded."""
    fail_completions: bool = False
    stuck: bool = False
    """Completions are worked on for ever, without a token; all else answers."""
    slow: int = 0
    """Milliseconds before each answer and between the chunks of a stream."""
    truncate_stream: bool = False
    endless_log: int = 0
    """Lines per second on stderr."""
    leak: int = 0
    """MB of memory taken and never given back."""
    held: list[bytearray] = field(default_factory=list, repr=False)

    def switch(self, word: str, value: object) -> None:
        """Set one fault by its control word; `none` clears all. ValueError for other words."""
        if word == "none":
            fresh = Faults(exit_code=self.exit_code, held=self.held)
            for entry in fields(fresh):
                setattr(self, entry.name, getattr(fresh, entry.name))
            return
        name = word.replace("-", "_")
        if name == "held" or name not in {entry.name for entry in fields(self)}:
            raise ValueError(f"unknown fault {word!r}")
        setattr(self, name, True if value is None else value)
        if name == "leak":
            self.take_memory()

    def shown(self) -> dict[str, object]:
        """The faults as plain values, for the control answer."""
        return {
            entry.name.replace("_", "-"): getattr(self, entry.name)
            for entry in fields(self)
            if entry.name != "held"
        }

    def take_memory(self) -> None:
        """Hold `leak` more MB, every page touched so that it counts as resident."""
        block = bytearray(int(self.leak) * 1_000_000)
        block[::4096] = b"x" * len(block[::4096])
        self.held.append(block)

    def write_log(self) -> None:
        """Log at the rate asked for, for ever; run it in a thread of its own."""
        count = 0
        while True:
            for _ in range(max(1, int(self.endless_log * _LOG_TICK_S)) if self.endless_log else 0):
                count += 1
                sys.stderr.write(f"srv  update_slots: endless log line {count}\n")
            sys.stderr.flush()
            time.sleep(_LOG_TICK_S)


def die_of_memory() -> None:
    """Print what llama.cpp prints when a model does not fit, and exit with 1."""
    for line in OOM_LINES:
        sys.stderr.write(line + "\n")
    sys.stderr.flush()
    os._exit(1)


def leave_a_holder(kind: str) -> int:
    """Fork a grandchild that keeps the listening socket open, deaf to SIGTERM; returns its pid.

    `group`: it stays in our process group. `session`: it escapes into one of its own. It ends by
    itself after a while, so that a failed test leaves nothing behind for long.
    """
    settled, settling = os.pipe()
    pid = os.fork()
    if pid:
        os.close(settling)
        os.read(settled, 1)
        os.close(settled)
        return pid
    if kind == "session":
        os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.alarm(_HOLDER_LIFE_S)
    os.write(settling, b".")
    while True:
        signal.pause()


def hang() -> None:
    """Never come back."""
    threading.Event().wait()


def arguments() -> argparse.Namespace:
    """The command line of the fake."""
    parser = argparse.ArgumentParser(description="A model server that fails on demand.")
    add = parser.add_argument
    add("--host", default="127.0.0.1")
    add("--port", type=int, default=0, help="0 takes a free one; stdout names it")
    add("--model", default="fake-model")
    add("--ready-fd", type=int, help="descriptor that gets one line when listening, then is closed")
    add("--startup-delay", type=float, default=0.0, metavar="S", help="not listening until then")
    add("--loading", type=float, default=0.0, metavar="S", help="503 Loading model until then")
    add("--hang-after", type=int, metavar="N")
    add("--hang-health", action="store_true")
    add("--crash-after", type=int, metavar="N")
    add("--crash-at-start", action="store_true")
    add("--exit-code", type=int, default=1)
    add("--ignore-sigterm", action="store_true")
    add("--fork-holder", nargs="?", const="group", choices=("group", "session"))
    add("--endless-log", nargs="?", type=int, const=200, default=0, metavar="LINES_PER_S")
    add("--status", type=int, default=200, metavar="CODE", help="what /health answers")
    add("--fail-completions", action="store_true")
    add("--stuck", action="store_true")
    add("--slow", type=int, default=0, metavar="MS")
    add("--truncate-stream", action="store_true")
    add("--oom-text", action="store_true")
    add("--leak", type=int, default=0, metavar="MB")
    return parser.parse_args()


def from_arguments(options: argparse.Namespace) -> Faults:
    """The faults that the command line asks for from the start."""
    names = [entry.name for entry in fields(Faults) if entry.name != "held"]
    return Faults(**{name: getattr(options, name) for name in names})
