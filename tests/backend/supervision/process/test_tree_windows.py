"""The parts of the Windows tree that run anywhere, on real processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from fakes.children import NONCE, until

from llama_runner_pro.supervision.process import tree_windows
from llama_runner_pro.supervision.process.identity import same_life

if TYPE_CHECKING:
    from fakes.children import Launcher

SLEEPER = "import time; print('ready', flush=True); time.sleep(600)"


async def test_tree_is_its_root_and_all_that_carry_the_nonce(launcher: Launcher) -> None:
    process, _ = await launcher.fake_server("--fork-holder")
    tree = tree_windows.members(process.identity, NONCE)
    assert tree[0].pid == process.pid
    assert len(tree) == 2
    assert len(tree_windows.members(process.identity, "")) == 2


async def test_gone_root_proves_nothing_without_the_nonce(launcher: Launcher) -> None:
    process, _ = await launcher.fake_server("--fork-holder")
    process.popen.kill()
    process.popen.wait()
    assert tree_windows.members(process.identity, "another") == []
    assert len(tree_windows.members(process.identity, NONCE)) == 1


async def test_force_ends_every_member_and_spares_a_reused_number(launcher: Launcher) -> None:
    process, _ = await launcher.fake_server("--fork-holder", "--ignore-sigterm")
    other = await launcher.python(SLEEPER)
    tree = [
        member
        for member in tree_windows.members(process.identity, NONCE)
        if member.pid != other.pid
    ]
    stale = msgspec.structs.replace(other.identity, create_time=1.0)
    tree_windows.force(process.identity, [*tree, stale])
    await until(lambda: not any(same_life(member) for member in tree))
    assert same_life(other.identity)


async def test_emptiness_is_never_claimed_without_looking(launcher: Launcher) -> None:
    process = await launcher.python(SLEEPER)
    assert not tree_windows.surely_empty(process.identity)
    tree_windows.ask(process.identity, [process.identity], "TERM")
    assert same_life(process.identity)
