"""`llama-runner-pro history [SERIES ...]`."""

from __future__ import annotations

import argparse
import asyncio
import math
import os
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from llama_runner_pro.cli import client
from llama_runner_pro.cli.exit_codes import Exit
from llama_runner_pro.cli.output import aligned, safe, say, say_error
from llama_runner_pro.core.errors import StoreUnavailable
from llama_runner_pro.core.moments import HINT, iso, moment_ms

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator

    from llama_runner_pro.cli.history_file import FilePast

HOUR_MS = 3_600_000


def _moment(text: str) -> int:
    try:
        return moment_ms(text, time.time_ns() // 1_000_000)
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no moment in time; write it {HINT}"
        ) from None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `history`."""
    parser.add_argument("series", nargs="*", help="names; without any, what there is is listed")
    parser.add_argument("--from", dest="begin", type=_moment, help=f"{HINT} (default: -1h)")
    parser.add_argument("--to", dest="end", type=_moment, help="likewise (default: now)")
    parser.add_argument(
        "--points", type=int, default=0, help="rows at most (default: 30; all in csv and json)"
    )
    parser.add_argument("--format", choices=("table", "csv", "json"), default="table")
    parser.add_argument("--output", type=Path, help="write to this file instead")
    parser.add_argument("--host", default="", help="one of several hosts")
    client.add_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Ask the running sidecar; without one, read its file."""
    if arguments.json:
        arguments.format = "json"
    now_ms = time.time_ns() // 1_000_000
    arguments.end = now_ms if arguments.end is None else arguments.end
    arguments.begin = arguments.end - HOUR_MS if arguments.begin is None else arguments.begin
    if arguments.begin >= arguments.end or not 0 <= arguments.points <= 5_000:
        say_error("--from must be before --to, and --points from 0 to 5000")
        return Exit.USAGE
    try:
        return _answered(arguments)
    except StoreUnavailable as error:
        say_error(str(error))
        return Exit.BAD_DATA
    except OSError as error:
        if arguments.output is None:
            raise
        say_error(f"{arguments.output} cannot be written: {error.strerror or error}")
        return Exit.CANNOT_CREATE


def _answered(arguments: argparse.Namespace) -> int:
    file = None if arguments.url else _file(arguments)
    if file is not None and not _reachable(arguments):
        from llama_runner_pro.cli.history_file import FilePast

        return _from_file(FilePast(file), arguments)
    return client.asked(arguments, lambda sidecar: _from_sidecar(sidecar, arguments))


def _file(arguments: argparse.Namespace) -> Path | None:
    from llama_runner_pro.config.paths import DataPaths, data_root

    path = DataPaths(data_root(arguments.data_dir, os.environ, Path.home())).history_file
    return path if path.is_file() else None


def _reachable(arguments: argparse.Namespace) -> bool:
    """A sidecar of this data folder runs."""
    try:
        client.Client(client.sidecar_url(arguments)).get("/api/health")
    except client.ClientError as error:
        return error.exit_code != Exit.UNAVAILABLE
    return True


def _from_sidecar(sidecar: client.Client, arguments: argparse.Namespace) -> int:
    if arguments.format == "table":
        if not arguments.series:
            return _list(sidecar.get("/api/history/series")["series"])
        wanted = {**_range(arguments), "points": arguments.points or 30}
        return _table(sidecar.get(f"/api/history?{urlencode(wanted)}"))
    wanted = {**_range(arguments), "step": _step_s(arguments), "format": arguments.format}
    with _output(arguments.output) as write:
        for chunk in sidecar.chunks(f"/api/history/export?{urlencode(wanted)}"):
            write(chunk)
    return Exit.OK


def _range(arguments: argparse.Namespace) -> dict[str, Any]:
    names = ",".join(name.replace(",", "\\,") for name in arguments.series)
    wanted = {"series": names, "from": arguments.begin, "to": arguments.end}
    return {**wanted, "host": arguments.host} if arguments.host else wanted


def _step_s(arguments: argparse.Namespace) -> int:
    if not arguments.points:
        return 0
    span_s: float = (arguments.end - arguments.begin) / 1000
    return max(1, math.ceil(span_s / int(arguments.points)))


def _from_file(past: FilePast, arguments: argparse.Namespace) -> int:
    import msgspec

    from llama_runner_pro.api.history_export import Export, most_rows

    if arguments.format == "table":
        if not arguments.series:
            return _list(msgspec.to_builtins(asyncio.run(past.series())))
        points = arguments.points or 30
        found = past.query(arguments.series, arguments.begin, arguments.end, points, None)
        return _table(msgspec.to_builtins(asyncio.run(found)))
    names = arguments.series or [one.name for one in asyncio.run(past.series())]
    span_ms = arguments.end - arguments.begin
    step_ms = _step_s(arguments) * 1000 or max(1000, -(-span_ms // most_rows(len(names))))
    export = Export(past, names, arguments.begin, arguments.end, step_ms, None)

    async def written(write: Callable[[bytes], object]) -> None:
        await export.open()
        chunks: AsyncIterator[bytes]
        chunks = export.as_json() if arguments.format == "json" else export.as_csv()
        async for chunk in chunks:
            write(chunk)

    with _output(arguments.output) as write:
        asyncio.run(written(write))
    return Exit.OK


@contextmanager
def _output(path: Path | None) -> Iterator[Callable[[bytes], object]]:
    """Where bytes go; a file appears under its name only when it is whole. Raises OSError."""
    if path is None:
        yield sys.stdout.buffer.write
        sys.stdout.flush()
        return
    part = path.with_name(path.name + ".part")
    try:
        with part.open("wb") as file:
            yield file.write
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _list(series: Iterable[dict[str, Any]]) -> int:
    rows = [
        [safe(one["name"]), one["unit"], safe(one["label"]), iso(one["last_ms"])[:19] + "Z"]
        for one in series
    ]
    for line in aligned([["SERIES", "UNIT", "WHAT", "LAST"], *rows]):
        say(line)
    return Exit.OK


def _table(found: dict[str, Any]) -> int:
    for name in found["unknown"]:
        say_error(f"no series is named {safe(name)!r}; llama-runner-pro history lists them")
    if found["note"]:
        say_error(safe(found["note"]))
    series = found["series"]
    if not series:
        return Exit.NO_INPUT
    head = ["TIME", *(f"{safe(one['name'])} {what}" for one in series for what in ("avg", "max"))]
    rows = [
        [
            iso(t_ms)[:19] + "Z",
            *(_shown(one[what][at]) for one in series for what in ("avg", "max")),
        ]
        for at, t_ms in enumerate(found["t_ms"])
    ]
    for line in aligned([head, *rows], right=frozenset(range(1, len(head)))):
        say(line)
    return Exit.NO_INPUT if found["unknown"] else Exit.OK


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:g}" if abs(value) < 1e6 else f"{value:.0f}"
