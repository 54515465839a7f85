"""Finding relatives of real processes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from fakes.children import NONCE

from llama_runner_pro.supervision.process.lineage import (
    carriers,
    descendants,
    identities,
    roots,
    united,
)

if TYPE_CHECKING:
    from fakes.children import Launcher

FAMILY = (
    "import os, subprocess, sys, time\n"
    "again = [sys.executable, '-c', sys.argv[1], *sys.argv[1:], 'x']\n"
    "if len(sys.argv) < 3: subprocess.Popen(again)\n"
    "else: print('ready', flush=True)\n"
    "time.sleep(600)"
)


async def test_grandchildren_are_descendants(launcher: Launcher) -> None:
    process = await launcher.python(FAMILY, FAMILY)
    found = {identity.pid for identity in descendants(process.pid)}
    assert len(found) == 1
    assert found | {process.pid} == {identity.pid for identity in carriers(NONCE)}


async def test_of_each_start_the_process_that_came_first_is_its_root(launcher: Launcher) -> None:
    process = await launcher.python(FAMILY, FAMILY)
    assert {nonce: one.pid for nonce, one in roots({NONCE, "n"}).items()} == {NONCE: process.pid}


def test_nobody_has_no_descendants_and_carries_nothing() -> None:
    assert descendants(2**22 + 1) == []
    assert carriers("") == []


def test_we_ourselves_and_the_first_process_are_never_found() -> None:
    assert identities([0, 1, os.getpid()]) == []


def test_union_names_each_process_once() -> None:
    parent = identities([os.getppid()])
    assert united(parent, parent) == parent
