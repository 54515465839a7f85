"""Recognising a process again."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import msgspec
import pytest
from fakes.children import NONCE, until

from llama_runner_pro.supervision.process.identity import (
    Identity,
    boot_id,
    carries_nonce,
    identify,
    same_life,
    still_same,
)

if TYPE_CHECKING:
    from fakes.children import Launcher

SLEEPER = "import time; print('ready', flush=True); time.sleep(600)"
NOBODY = 2**22 + 1
"""Above the largest process id that Linux gives out."""


def test_reading_twice_gives_the_same_identity() -> None:
    own = identify(os.getpid())
    assert own is not None
    assert own == identify(os.getpid())
    assert own.exe
    assert len(own.command_hash) == 64
    assert still_same(own)


def test_number_of_nobody_has_no_identity() -> None:
    assert identify(NOBODY) is None


async def test_zombie_counts_as_gone(launcher: Launcher) -> None:
    process = await launcher.python(SLEEPER)
    os.kill(process.pid, signal.SIGKILL)
    await until(lambda: identify(process.pid) is None)
    assert process.popen.returncode is None
    assert not still_same(process.identity)
    assert not same_life(process.identity)


@pytest.mark.parametrize(
    "change",
    [{"create_time": 5.0}, {"exe": "/usr/bin/other"}, {"command_hash": "0" * 64}],
    ids=["created at another time", "another program", "another command line"],
)
def test_any_difference_makes_it_another_process(change: dict[str, object]) -> None:
    own = identify(os.getpid())
    assert own is not None
    assert not still_same(msgspec.structs.replace(own, **change))


def test_identity_without_a_readable_program_proves_nothing() -> None:
    own = identify(os.getpid())
    assert own is not None
    assert not still_same(msgspec.structs.replace(own, exe="", command_hash=""))


async def test_direct_child_may_have_replaced_its_program(launcher: Launcher) -> None:
    process = await launcher.python(
        "import os, sys; os.execv(sys.executable, [sys.executable, '-c', sys.argv[1]])", SLEEPER
    )
    assert still_same(process.identity)
    assert identify(process.pid) != process.identity


async def test_nonce_is_inherited_by_children(launcher: Launcher) -> None:
    process = await launcher.python(
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print(child.pid, 'ready', flush=True); time.sleep(600)"
    )
    child = int(process.log_path.read_text().split()[0])
    assert carries_nonce(child, NONCE)
    assert not carries_nonce(child, "another")
    assert not carries_nonce(child, "")
    assert not carries_nonce(NOBODY, NONCE)


def test_same_life_asks_for_number_and_time_only() -> None:
    own = identify(os.getpid())
    assert own is not None
    assert same_life(msgspec.structs.replace(own, exe="changed"))
    assert not same_life(Identity(pid=NOBODY, create_time=1.0, exe="", command_hash=""))


def test_boot_id_is_stable_while_the_machine_runs() -> None:
    assert boot_id() == boot_id()
