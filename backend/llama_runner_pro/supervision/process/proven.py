"""Processes that we did not start, or no longer remember, and may act on all the same."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

import psutil

from llama_runner_pro.supervision.process.identity import (
    Identity,
    carries_nonce,
    identify,
)
from llama_runner_pro.supervision.process.ports import holder

if TYPE_CHECKING:
    from collections.abc import Callable


async def holder_is(port: int, process_name: str) -> Identity | None:
    """The process that listens on `port`, if the name of its executable is `process_name`.

    The name of the program file is compared as a whole; command lines are never searched.
    """
    return await _proven_holder(port, lambda pid: executable_name(pid) == _plain(process_name))


async def holder_of_ours(port: int, nonce: str) -> Identity | None:
    """The process that listens on `port`, if it descends from the start that had this nonce."""
    return await _proven_holder(port, lambda pid: carries_nonce(pid, nonce))


def executable_name(pid: int) -> str | None:
    """Name of the program file a process runs, without folder and `.exe`; None if unreadable."""
    try:
        path = psutil.Process(pid).exe().removesuffix(" (deleted)")
    except psutil.Error:
        return None
    return _plain(path) or None


async def _proven_holder(port: int, proof: Callable[[int], bool]) -> Identity | None:
    found = await holder(port)
    if found is None or found.pid is None:
        return None
    # Identity first: what is proven afterwards is proven of this very process.
    identity = identify(found.pid)
    if identity is None or not proof(found.pid):
        return None
    return identity


def _plain(name: str) -> str:
    base = PurePath(name.replace("\\", "/")).name if psutil.WINDOWS else PurePath(name).name
    if psutil.WINDOWS:
        base = base.lower().removesuffix(".exe")
    return base
