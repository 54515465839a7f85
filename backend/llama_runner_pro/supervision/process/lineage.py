"""Finding the processes that belong to one we know. Blocking; call in a thread."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import psutil

from llama_runner_pro.supervision.process.identity import (
    Identity,
    carries_nonce,
    identify,
    nonce_of,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable


def descendants(pid: int) -> list[Identity]:
    """Children of a process, and theirs, as far as the line of parents is unbroken."""
    try:
        children = psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return []
    return identities(child.pid for child in children)


def carriers(nonce: str) -> list[Identity]:
    """Every process started under this nonce, also those that cut themselves off (`setsid`)."""
    if not nonce:
        return []
    return identities(pid for pid in psutil.pids() if carries_nonce(pid, nonce))


def roots(nonces: Collection[str]) -> dict[str, Identity]:
    """Of each nonce the process that came first, of those that carry it now; one look at all."""
    found: dict[str, Identity] = {}
    for identity in identities(pid for pid in psutil.pids() if nonce_of(pid) in nonces):
        # Asked again: the number may have changed hands before its identity was read.
        nonce = nonce_of(identity.pid)
        if nonce not in nonces:
            continue
        first = found.setdefault(nonce, identity)
        if (identity.create_time, identity.pid) < (first.create_time, first.pid):
            found[nonce] = identity
    return found


def identities(pids: Iterable[int]) -> list[Identity]:
    """Those of `pids` that run now; never this process itself, and nothing below pid 2."""
    own = os.getpid()
    found = (identify(pid) for pid in pids if pid > 1 and pid != own)
    return [identity for identity in found if identity is not None]


def united(*groups: list[Identity]) -> list[Identity]:
    """Each process once, in order of first appearance."""
    return list({identity.pid: identity for group in groups for identity in group}.values())
