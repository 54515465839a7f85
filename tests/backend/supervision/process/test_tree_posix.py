"""Signals to real groups of processes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from fakes.children import NONCE, until

from llama_runner_pro.supervision.process import tree_posix
from llama_runner_pro.supervision.process.identity import identify, same_life

if TYPE_CHECKING:
    from fakes.children import Launcher

SLEEPER = "import time; print('ready', flush=True); time.sleep(600)"


async def test_ended_tree_is_surely_empty_and_a_running_one_is_not(launcher: Launcher) -> None:
    process = await launcher.python(SLEEPER)
    assert not tree_posix.surely_empty(process.identity)
    process.popen.kill()
    process.popen.wait()
    assert tree_posix.surely_empty(process.identity)


async def test_group_with_a_leftover_is_not_surely_empty(launcher: Launcher) -> None:
    process, _ = await launcher.fake_server("--fork-holder")
    process.popen.kill()
    process.popen.wait()
    assert not tree_posix.surely_empty(process.identity)
    assert len(tree_posix.members(process.identity, NONCE)) == 1


async def test_each_member_of_a_tree_is_named_once_and_the_root_first(launcher: Launcher) -> None:
    process, _ = await launcher.fake_server("--fork-holder")
    tree = tree_posix.members(process.identity, NONCE)
    assert tree[0].pid == process.pid
    assert len({member.pid for member in tree}) == len(tree) == 2


async def test_unknown_signal_falls_back_to_terminate(launcher: Launcher) -> None:
    process = await launcher.python(SLEEPER)
    tree_posix.ask(process.identity, [process.identity], "NONSENSE")
    await until(lambda: not same_life(process.identity))


def test_our_own_group_is_never_taken_for_an_endpoints() -> None:
    own = identify(os.getpid())
    assert own is not None
    assert os.getpid() not in {member.pid for member in tree_posix.members(own, "")[1:]}
