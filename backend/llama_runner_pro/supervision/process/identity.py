"""Telling one process from another that got the same number.

A process id is reused; a process is not. Before anything is signalled, what we recorded is
compared with what runs now: process id, time of creation, executable, and a hash of the command
line must all match. One exception: a direct child of ours that we have not collected yet cannot
have given its number away, so it may have changed its program (`exec`) or its title.
"""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

import msgspec
import psutil

NONCE_VARIABLE = "LLAMA_RUNNER_PRO_NONCE"
"""Environment variable that marks every process of one start of one endpoint."""


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """What makes one process that very process."""

    pid: int
    create_time: float
    """Seconds: since boot on Linux, where that is immune to clock changes; else since 1970."""
    exe: str
    """Path of the executable; empty when it cannot be read."""
    command_hash: str
    """SHA-256 of the command line; empty when it cannot be read."""


def identify(pid: int) -> Identity | None:
    """The identity of a running process; None when there is none (a zombie counts as gone)."""
    try:
        process = psutil.Process(pid)
        create_time = created_s(process)
        if create_time is None:
            return None
        return Identity(
            pid=pid,
            create_time=create_time,
            exe=_exe(process),
            command_hash=_hash(process),
        )
    except psutil.Error:
        return None


def still_same(identity: Identity) -> bool:
    """True when the process recorded as `identity` is running now, and no other."""
    now = identify(identity.pid)
    if now is None or now.create_time != identity.create_time:
        return False
    if identity.exe and (now.exe, now.command_hash) == (
        identity.exe,
        identity.command_hash,
    ):
        return True
    return _is_our_child(identity.pid)


def same_life(identity: Identity) -> bool:
    """True when that process lives, whatever program it runs by now.

    Enough for counting who is gone; not enough to signal anything.
    """
    try:
        return created_s(psutil.Process(identity.pid)) == identity.create_time
    except psutil.Error:
        return False


def nonce_of(pid: int) -> str:
    """The nonce that the process was started under, directly or by its ancestors; else empty.

    Empty as well for what we may not look into: a stranger's processes.
    """
    try:
        return psutil.Process(pid).environ().get(NONCE_VARIABLE, "")
    except (psutil.Error, OSError):
        return ""


def carries_nonce(pid: int, nonce: str) -> bool:
    """True when the process was started under this nonce, directly or by its ancestors."""
    return bool(nonce) and nonce_of(pid) == nonce


def boot_id() -> str:
    """A text that changes with every boot where the system tells one; otherwise empty."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        return ""


if sys.platform == "linux":

    def created_s(process: psutil.Process) -> float | None:
        """When the process was created; None for a zombie."""
        stat = _read_stat(process.pid)
        if stat is None or stat[0] in {"Z", "X", "x"}:
            return None
        # Field 22 of proc(5), counted from the state, which is field 3.
        return int(stat[19]) / _TICKS_PER_S

    def _read_stat(pid: int) -> list[str] | None:
        """Fields of /proc/PID/stat from the state on; the name before may hold anything."""
        try:
            text = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
        except OSError:
            return None
        return text.rpartition(")")[2].split()

    def _is_our_child(pid: int) -> bool:
        stat = _read_stat(pid)
        return stat is not None and int(stat[1]) == os.getpid()

    _TICKS_PER_S = os.sysconf("SC_CLK_TCK")

else:

    def created_s(process: psutil.Process) -> float | None:
        """When the process was created; None for a zombie."""
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return process.create_time()

    def _is_our_child(pid: int) -> bool:
        try:
            return psutil.Process(pid).ppid() == os.getpid()
        except psutil.Error:
            return False


def _exe(process: psutil.Process) -> str:
    try:
        # Linux marks a program file that was replaced meanwhile, as an update does.
        return process.exe().removesuffix(" (deleted)")
    except psutil.AccessDenied:
        return ""


def _hash(process: psutil.Process) -> str:
    try:
        words = process.cmdline()
    except psutil.AccessDenied:
        return ""
    if not any(words):
        # In the middle of execve the old command line is gone and the new one not there yet.
        return ""
    joined = "\0".join(words)
    return hashlib.sha256(joined.encode("utf-8", "surrogateescape")).hexdigest()
