"""Archives that come out the same when they are made again from the same files."""

from __future__ import annotations

import gzip
import hashlib
import os
import subprocess
import tarfile
import zipfile
from typing import TYPE_CHECKING

from places import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

# The level at which a megabyte less still costs a second; beyond it, many.
GZIP_LEVEL = 6
CHUNK_BYTES = 1024 * 1024
EXECUTABLE = 0o111


def source_time_s() -> int:
    """The time that everything made carries: SOURCE_DATE_EPOCH, or that of the last commit."""
    named = os.environ.get("SOURCE_DATE_EPOCH", "")
    if named.isdecimal():
        return int(named)
    asked = subprocess.run(
        ["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    said = asked.stdout.strip()
    # The first moment that a zip archive can name.
    return int(said) if said.isdecimal() else 315532800


def entries(folder: Path, without: Iterable[str] = ()) -> Iterator[Path]:
    """What lies in a folder, sorted, links and empty folders included; `without` names paths."""
    left_out = set(without)
    for path in sorted(folder.rglob("*")):
        if path.relative_to(folder).as_posix() not in left_out:
            yield path


def tar_gz(folder: Path, target: Path, top: str, without: Iterable[str] = ()) -> None:
    """Packs a folder under one top folder; root owns everything, links stay links."""
    when = source_time_s()

    def plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = "root"
        entry.mtime = when
        entry.mode = 0o755 if entry.isdir() or entry.mode & EXECUTABLE else 0o644
        return entry

    with (
        target.open("wb") as sink,
        gzip.GzipFile("", "wb", GZIP_LEVEL, sink, mtime=when) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        archive.add(folder, top, recursive=False, filter=plain)
        for path in entries(folder, without):
            name = f"{top}/{path.relative_to(folder).as_posix()}"
            archive.add(path, name, recursive=False, filter=plain)


def zip_folder(folder: Path, target: Path, top: str, without: Iterable[str] = ()) -> None:
    """Packs a folder of Windows under one top folder; it has no links and no modes to keep."""
    when = source_time_s()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=GZIP_LEVEL) as archive:
        for path in entries(folder, without):
            if path.is_file():
                name = f"{top}/{path.relative_to(folder).as_posix()}"
                entry = zipfile.ZipInfo(name, _zip_time(when))
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, path.read_bytes())


def _zip_time(when_s: int) -> tuple[int, int, int, int, int, int]:
    from datetime import UTC, datetime

    moment = datetime.fromtimestamp(when_s, UTC)
    return (moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second)


def digest_of(path: Path, algorithm: str) -> bytes:
    """The hash of a file's content."""
    total = hashlib.new(algorithm)
    with path.open("rb") as source:
        while chunk := source.read(CHUNK_BYTES):
            total.update(chunk)
    return total.digest()
