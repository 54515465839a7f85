"""Checks of our own files and of the clock that dates them. Pure judgements of measured values."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from llama_runner_pro.core.value_object import ValueObject
from llama_runner_pro.doctor.finding import Finding, fail, ok, warn

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

LITTLE_FREE_BYTES = 1_000_000_000
TOO_LITTLE_FREE_BYTES = 100_000_000
EARLIEST = datetime(2025, 1, 1, tzinfo=UTC)
"""A clock before this one was never set: this program is younger."""
LATEST = datetime(2100, 1, 1, tzinfo=UTC)
_AHEAD_S = 300.0
_OTHERS_BITS = 0o077


class Private(ValueObject, frozen=True):
    """A file or folder that only its owner may read."""

    path: Path
    mode: int
    secret: bool
    """It holds what lets others act as the owner."""


def data_folder_writable(folder: Path, problem: str | None, *, exists: bool) -> Finding:
    """`problem` is what a trial write said; None when it went well."""
    if problem is not None:
        return fail(
            "data-folder-writable",
            f"the data folder cannot be written: {problem}",
            folder,
            fix="give this user the right to write there, or choose another with --data-dir",
        )
    what = "the data folder can be written" if exists else "the data folder can be made"
    return ok("data-folder-writable", what, folder)


def permissions(files: Sequence[Private]) -> list[Finding]:
    """Whether others on this machine can read what is ours alone. Empty on Windows."""
    open_to_others = [one for one in files if one.mode & _OTHERS_BITS]
    if not open_to_others:
        return [ok("token-permissions", "only this user can read our secrets")]
    findings = []
    for one in open_to_others:
        mode = f"{one.mode & 0o777:o}"
        make = fail if one.secret else warn
        what = f"other users of this machine can read it (mode {mode})"
        wanted = "go-rwx"
        findings.append(make("token-permissions", what, one.path, fix=f"chmod {wanted} {one.path}"))
    return findings


def disk_space(folder: Path, free_bytes: int) -> Finding:
    """Logs and state need little, but a full disk stops everything."""
    words, fix = f"{free_bytes / 1e9:.1f} GB are free", "free some space"
    if free_bytes < TOO_LITTLE_FREE_BYTES:
        return fail("disk-space", f"the disk is full: {words}", folder, fix=fix)
    if free_bytes < LITTLE_FREE_BYTES:
        return warn(
            "disk-space", f"the disk is nearly full: {words}", folder, fix="free some space"
        )
    return ok("disk-space", words, folder)


def clock(now_s: float, newest_file_s: float | None) -> Finding:
    """A wrong clock dates incidents wrongly and breaks certificates."""
    now = datetime.fromtimestamp(now_s, UTC)
    shown = now.isoformat(" ", "seconds")
    fix = "set the clock, best by switching on time synchronisation (timedatectl set-ntp true)"
    if not EARLIEST <= now <= LATEST:
        return fail("clock", f"the clock is wrong: it says {shown}", fix=fix)
    if newest_file_s is not None and newest_file_s > now_s + _AHEAD_S:
        ahead_s = newest_file_s - now_s
        what = f"the clock was set back: files of ours are {ahead_s:.0f} s in the future"
        return warn("clock", what, fix=fix)
    return ok("clock", f"the clock says {shown}")
