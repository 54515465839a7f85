"""How far a starting model is, told by how much of its file has been read.

A server that maps the file shows what it has touched as resident memory, one that reads it
shows the bytes in its I/O counter (proc(5), `io`, field `rchar`). Whichever is further counts.
Both also count a little of what is no part of the model, so that the share ends before 1.
"""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import psutil

from llama_runner_pro.metrics.collectors.sensor import TargetFields
from llama_runner_pro.metrics.model import Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from llama_runner_pro.endpoints.ports import MetricTarget
    from llama_runner_pro.metrics.collectors.sensor import Moment, Parts
    from llama_runner_pro.metrics.model import Field, Value

_PARTS: Parts = {"load_progress_ratio": ("ratio", "Model read", "gauge")}
_PART_OF_MANY = re.compile(r"-(\d{5})-of-(\d{5})\.gguf$")
_ALMOST = 0.99
"""Only readiness says that a model is loaded."""


class Effort(NamedTuple):
    """What one process has done so far."""

    read_bytes: int | None
    resident_bytes: int


def model_files(argv: Sequence[str], folder: Path) -> list[Path]:
    """The model files that a llama.cpp command line names, all parts of a split one.

    Other servers are told a name or a folder; for those the list is empty.
    """
    for flag, value in pairwise(argv):
        if flag in {"-m", "--model"} and value.endswith(".gguf"):
            return _all_parts(folder / value)
    for word in argv:
        if word.startswith("--model=") and word.endswith(".gguf"):
            return _all_parts(folder / word.removeprefix("--model="))
    return []


def _all_parts(first: Path) -> list[Path]:
    many = _PART_OF_MANY.search(first.name)
    if many is None:
        return [first]
    stem = first.name[: many.start()]
    count = int(many[2])
    return [first.with_name(f"{stem}-{n:05}-of-{many[2]}.gguf") for n in range(1, count + 1)]


def read_command(pid: int) -> tuple[list[str], Path]:
    """Command line and working folder of a process. Raises `psutil.Error`."""
    process = psutil.Process(pid)
    return process.cmdline(), Path(process.cwd())


def read_effort(pid: int) -> Effort:
    """What a process has read and holds. Raises `psutil.Error`."""
    process = psutil.Process(pid)
    read_bytes: int | None = None
    try:
        counters = process.io_counters()  # type: ignore[attr-defined,unused-ignore]
        read_bytes = getattr(counters, "read_chars", counters.read_bytes)
    except (psutil.AccessDenied, AttributeError, NotImplementedError):
        read_bytes = None  # macOS has no such counter
    return Effort(read_bytes, process.memory_info().rss)


class LoadProgressSensor:
    """Share of the model file that a starting llama.cpp server has taken in.

    `members` tells the pids of each endpoint's tree: a script may have started the server.
    """

    name = "load_progress"

    def __init__(
        self,
        members: Callable[[], Mapping[str, frozenset[int]]] = dict,
        *,
        command: Callable[[int], tuple[list[str], Path]] = read_command,
        effort: Callable[[int], Effort] = read_effort,
    ) -> None:
        self._members = members
        self._command = command
        self._effort = effort
        self._fields = TargetFields("endpoint", _PARTS)
        self._sizes: dict[int, int] = {}
        """Bytes of the model by pid; 0 where it is not known."""
        self._furthest: dict[int, float] = {}

    def fields(self, targets: Sequence[MetricTarget]) -> Sequence[Field]:
        """One field for each endpoint."""
        return self._fields.of(targets)

    def read(self, moment: Moment) -> Reading:
        """Look at the endpoints that run, but are not ready yet."""
        values: dict[str, Value] = {}
        absent: dict[str, str] = {}
        starting: set[int] = set()
        trees = self._members()
        for target in moment.targets:
            name = f"endpoint/{target.name}/load_progress_ratio"
            if target.pid is None or target.ready:
                absent[name] = "no model is being loaded"
                continue
            pids = {target.pid} | trees.get(target.name, frozenset())
            starting |= pids
            shares = [share for pid in pids if (share := self._share(pid)) is not None]
            if shares:
                values[name] = max(shares)
            else:
                absent[name] = "this server does not tell how far it is"
        for known in (self._sizes, self._furthest):
            for pid in known.keys() - starting:
                del known[pid]
        return Reading(values, absent)

    def _share(self, pid: int) -> float | None:
        try:
            size_bytes = self._size(pid)
            if not size_bytes:
                return None
            effort = self._effort(pid)
        except (psutil.Error, OSError):
            return None
        done_bytes = max(effort.resident_bytes, effort.read_bytes or 0)
        share = min(_ALMOST, done_bytes / size_bytes)
        # Memory is given back once a part lies on the graphics card; that is no step back.
        self._furthest[pid] = max(share, self._furthest.get(pid, 0.0))
        return self._furthest[pid]

    def _size(self, pid: int) -> int:
        if pid not in self._sizes:
            argv, folder = self._command(pid)
            try:
                self._sizes[pid] = sum(part.stat().st_size for part in model_files(argv, folder))
            except OSError:
                self._sizes[pid] = 0
        return self._sizes[pid]
