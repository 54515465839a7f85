"""Ending a process tree on Windows, where a tree has no group to signal.

Only the polite request is Windows' own; the rest is psutil and runs, tested, anywhere.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys

import psutil

from llama_runner_pro.supervision.process.identity import Identity, same_life, still_same
from llama_runner_pro.supervision.process.lineage import carriers, descendants, united


def surely_empty(identity: Identity) -> bool:
    """There is no quick answer here: the tree must be looked at."""
    return False


def members(identity: Identity, nonce: str) -> list[Identity]:
    """Every process that is provably part of the tree, its root first. Blocking."""
    if not still_same(identity):
        return carriers(nonce)
    return united([identity], descendants(identity.pid), carriers(nonce))


def ask(identity: Identity, tree: list[Identity], signal_name: str) -> None:
    """Send CTRL_BREAK to the root's process group; `signal_name` has no meaning here.

    It reaches programs on our console only. Where it does not, the grace period just passes.
    """
    if sys.platform == "win32" and still_same(identity):
        with contextlib.suppress(OSError):
            os.kill(identity.pid, signal.CTRL_BREAK_EVENT)


def force(identity: Identity, tree: list[Identity]) -> None:
    """Terminate every member, root first, so that it starts no replacement for a lost child."""
    for member in tree:
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(member.pid)
            if same_life(member):
                process.kill()
