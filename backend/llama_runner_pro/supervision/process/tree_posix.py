"""Signals to a process tree on Linux and macOS."""

from __future__ import annotations

import contextlib
import os
import signal
import sys

import psutil

from llama_runner_pro.supervision.process.identity import (
    Identity,
    carries_nonce,
    same_life,
    still_same,
)
from llama_runner_pro.supervision.process.lineage import (
    carriers,
    descendants,
    identities,
    united,
)

# A platform without one of these has no use for the others here either.
_SIGNALS = {name: getattr(signal, f"SIG{name}", None) for name in ("TERM", "INT", "HUP", "QUIT")}


def surely_empty(identity: Identity) -> bool:
    """True when the tree is gone, found out by one system call: its group has no member left."""
    if sys.platform == "win32":
        return False
    try:
        os.killpg(identity.pid, 0)
    except ProcessLookupError:
        return not same_life(identity)
    except OSError:
        return False
    return False


def members(identity: Identity, nonce: str) -> list[Identity]:
    """Every process that is provably part of the tree, its root first. Blocking.

    With the root alive: its group, when it leads one, its descendants, and all that carry the
    nonce. With the root gone, its number proves nothing: only what carries the nonce counts.
    """
    if not still_same(identity):
        leftovers = [pid for pid in _group(identity.pid) if carries_nonce(pid, nonce)]
        return united(identities(leftovers), carriers(nonce))
    group = identities(_group(identity.pid)) if _leads_group(identity.pid) else []
    return united([identity], group, descendants(identity.pid), carriers(nonce))


def ask(identity: Identity, tree: list[Identity], signal_name: str) -> None:
    """Send the polite signal: to the whole group of the root, or to what is left of it.

    SIGCONT follows: a process that was suspended hears of nothing before it runs again.
    """
    if sys.platform == "win32":
        return
    for number in (_SIGNALS.get(signal_name) or signal.SIGTERM, signal.SIGCONT):
        if not still_same(identity):
            for member in tree:
                _signal_one(member, number)
        elif not _signal_group(identity, number):
            _signal_one(identity, number)


def force(identity: Identity, tree: list[Identity]) -> None:
    """Kill the group at one stroke, then everything else in `tree` one by one."""
    if sys.platform == "win32":
        return
    if still_same(identity):
        _signal_group(identity, signal.SIGKILL)
    for member in tree:
        _signal_one(member, signal.SIGKILL)


def _group(group: int) -> list[int]:
    if sys.platform == "win32":
        return []
    found = []
    for pid in psutil.pids():
        with contextlib.suppress(OSError):
            if os.getpgid(pid) == group:
                found.append(pid)
    return found


def _leads_group(pid: int) -> bool:
    """True for the root of a session of its own, as we start them; a shell's job is not one."""
    if sys.platform == "win32":
        return False
    try:
        return pid > 1 and os.getpgid(pid) == pid == os.getsid(pid) and pid != os.getpgrp()
    except OSError:
        return False


def _signal_group(identity: Identity, number: int) -> bool:
    if sys.platform == "win32" or not _leads_group(identity.pid):
        return False
    with contextlib.suppress(OSError):
        os.killpg(identity.pid, number)
    return True


if sys.platform == "linux":

    def _signal_one(identity: Identity, number: int) -> None:
        """Signal through a pidfd, so that the number cannot change hands in between."""
        with contextlib.suppress(OSError):
            descriptor = os.pidfd_open(identity.pid)
            try:
                if same_life(identity):
                    signal.pidfd_send_signal(descriptor, number)
            finally:
                os.close(descriptor)

else:

    def _signal_one(identity: Identity, number: int) -> None:
        """Signal right after checking who has the number."""
        if same_life(identity):
            with contextlib.suppress(OSError):
                os.kill(identity.pid, number)
