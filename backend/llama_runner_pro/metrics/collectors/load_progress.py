"""How far a starting model is, told by how much of its file has been taken in.

A server that maps the file shows what it has touched as resident pages of files, one that reads
it shows the bytes in its I/O counter (proc(5), `statm` and `io`). Whichever grew further since
the file was opened counts; what the program held and read before that is no part of the model.
"""

from __future__ import annotations

import os
import re
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import psutil
from msgspec import Struct

from llama_runner_pro.metrics.collectors.sensor import TargetFields
from llama_runner_pro.metrics.model import Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from llama_runner_pro.endpoints.ports import MetricTarget
    from llama_runner_pro.metrics.collectors.sensor import Moment, Parts
    from llama_runner_pro.metrics.model import Field, Value

_PARTS: Parts = {"load_progress_ratio": ("ratio", "Model read", "gauge")}
_PROC = Path("/proc")
_PART_OF_MANY = re.compile(r"-(\d{5})-of-(\d{5})\.gguf$")
_ALMOST = 0.99
"""Only readiness says that a model is loaded."""


class Effort(NamedTuple):
    """What one process has done so far."""

    read_bytes: int | None
    resident_bytes: int
    """Of mapped files where the system tells them apart, else of everything."""


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
    memory = process.memory_info()
    return Effort(read_bytes, getattr(memory, "shared", memory.rss))


def has_opened(pid: int, files: Sequence[Path]) -> bool:
    """Whether a process has one of the files open or mapped; True where that cannot be seen."""
    process = _PROC / str(pid)
    wanted = {str(path.resolve()) for path in files}
    try:
        if any(line.partition("/")[2] in {one[1:] for one in wanted} for line in _lines(process)):
            return True
        return any(os.path.realpath(link) in wanted for link in (process / "fd").iterdir())
    except OSError:
        return True


def _lines(process: Path) -> list[str]:
    return (process / "maps").read_text("utf-8", "replace").splitlines()


class _Load(Struct):
    """One process that may be loading. Without files it is not known what it loads."""

    files: list[Path]
    size_bytes: int
    before: Effort | None = None
    """What it had done when it had not yet opened the files."""
    opened: bool = False
    furthest: float = 0.0


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
        opened: Callable[[int, Sequence[Path]], bool] = has_opened,
    ) -> None:
        self._members = members
        self._command = command
        self._effort = effort
        self._fields = TargetFields("endpoint", _PARTS)
        self._opened = opened
        self._loads: dict[int, _Load] = {}

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
        for pid in self._loads.keys() - starting:
            del self._loads[pid]
        return Reading(values, absent)

    def _share(self, pid: int) -> float | None:
        try:
            load = self._load(pid)
            if not load.size_bytes:
                return None
            effort = self._effort(pid)
            load.opened = load.opened or self._opened(pid, load.files)
        except (psutil.Error, OSError):
            return None
        if not load.opened:
            load.before = effort
            return 0.0
        share = min(_ALMOST, _grown(load.before, effort) / load.size_bytes)
        # Memory is given back once a part lies on the graphics card; that is no step back.
        load.furthest = max(share, load.furthest)
        return load.furthest

    def _load(self, pid: int) -> _Load:
        if pid not in self._loads:
            argv, folder = self._command(pid)
            files = model_files(argv, folder)
            try:
                size_bytes = sum(part.stat().st_size for part in files)
            except OSError:
                size_bytes = 0
            self._loads[pid] = _Load(files, size_bytes)
        return self._loads[pid]


def _grown(before: Effort | None, now: Effort) -> int:
    """Bytes taken in since the file was opened, by whichever way went further."""
    held, read = (before.resident_bytes, before.read_bytes or 0) if before else (0, 0)
    return max(0, now.resident_bytes - held, (now.read_bytes or 0) - read)
