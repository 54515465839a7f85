"""Ports and processes of this computer, for tests, chaos and bench alike."""

from __future__ import annotations

import errno
import itertools
import random
import socket
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_FIRST, _END = 15_000, 32_600
"""Below what any system hands out by itself: a port that was asked for stays free until it is used,
however many connections others make meanwhile."""
_BLOCK = 400
"""Ports of one process; its first is held as long as the process lives, so that those that run at
the same time never choose the same."""
_STRIDE = 20
"""What goes to the port beside its own must not meet one that the same test has chosen."""


def free_port() -> int:
    """A loopback port nobody listens on, and nobody will but who asked for it.

    Raises `OSError` when there is none.
    """
    ports = _ports()
    for _ in range(_BLOCK):
        port = next(ports)
        held = _held(port)
        if held is not None:
            held.close()
            return port
    raise OSError(errno.EADDRINUSE, "no loopback port is free")


@cache
def _ports() -> Iterator[int]:
    """The ports of a block that no other process has, over and over."""
    firsts = list(range(_FIRST, _END, _BLOCK))
    for first in random.SystemRandom().sample(firsts, len(firsts)):
        held = _held(first)
        if held is not None:
            held.detach()
            steps = (range(first + start, first + _BLOCK, _STRIDE) for start in range(1, _STRIDE))
            return itertools.cycle(itertools.chain.from_iterable(steps))
    raise OSError(errno.EADDRINUSE, "no block of loopback ports is free")


def _held(port: int) -> socket.socket | None:
    """A socket that holds this port; None when somebody else does."""
    one = socket.socket()
    try:
        one.bind(("127.0.0.1", port))
    except OSError:
        one.close()
        return None
    return one


def alive(pid: int) -> bool:
    """The process exists and is not a zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"
