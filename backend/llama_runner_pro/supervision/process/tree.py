"""Ending an endpoint's whole process tree: asked first, then forced, then verified."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Literal

from llama_runner_pro.core.deadline import Deadline
from llama_runner_pro.core.own_thread import in_own_thread
from llama_runner_pro.core.value_object import ValueObject
from llama_runner_pro.supervision.process.exit_watch import wait_gone
from llama_runner_pro.supervision.process.identity import Identity, same_life
from llama_runner_pro.supervision.process.lineage import united

if sys.platform == "win32":
    from llama_runner_pro.supervision.process import tree_windows as platform
else:
    from llama_runner_pro.supervision.process import tree_posix as platform

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from llama_runner_pro.core.clock import Clock

_KILLED_WITHIN_S = 5.0
"""A killed process is gone in milliseconds, unless it hangs in a driver."""
_ROUNDS = 3
"""Killing is repeated for what was started while we killed."""


class StopStep(ValueObject, frozen=True):
    """One step of a stop. `ok` and `duration_ms` are None while it runs."""

    step: Literal["graceful_stop", "forced_stop"]
    ok: bool | None = None
    duration_ms: float | None = None
    detail: str = ""


class StopResult(ValueObject, frozen=True):
    """What was done, and who is left in spite of it. No steps: there was nothing to stop."""

    steps: tuple[StopStep, ...] = ()
    survivors: tuple[Identity, ...] = ()


async def stop_tree(
    identity: Identity,
    *,
    signal: str = "TERM",
    grace_s: float,
    clock: Clock,
    nonce: str = "",
    ask: Callable[[], Awaitable[None]] | None = None,
    before_force: Callable[[list[Identity]], Awaitable[None]] | None = None,
    on_step: Callable[[StopStep], None] | None = None,
) -> StopResult:
    """End the process recorded as `identity`, everything it started, and verify that.

    `nonce` is the one it was started under: it proves what is left of a tree whose root is gone.
    `ask` replaces the polite signal (a stop command of the user's); an error of it is raised.
    `before_force` is awaited with what did not end by itself, right before that is killed.
    `on_step` hears of each step when it begins and when it ends.

    Nothing is touched that is not proven to belong to the tree: a number that now belongs to
    another process is left alone. With the root gone and its group empty this returns at once,
    after one system call; a descendant that escaped into a session of its own is then found by
    the port that it holds (`proven.holder_of_ours`). Cancelling ends the waiting, not what was
    signalled already.
    """
    if platform.surely_empty(identity):
        return StopResult()
    stop = _Stop(identity, nonce, clock, on_step or (lambda step: None))
    tree = await stop.members()
    if not tree:
        return StopResult()
    if await stop.gracefully(tree, ask, signal, grace_s):
        tree = await stop.members()
    if tree and before_force is not None:
        await before_force(tree)
    if tree:
        tree = await stop.forcefully(tree)
    return StopResult(tuple(stop.steps), tuple(tree))


class _Stop:
    """One run of `stop_tree`."""

    def __init__(
        self, identity: Identity, nonce: str, clock: Clock, on_step: Callable[[StopStep], None]
    ) -> None:
        self._identity = identity
        self._nonce = nonce
        self._clock = clock
        self._on_step = on_step
        self.steps: list[StopStep] = []

    async def members(self) -> list[Identity]:
        # Not in the loop's shared pool: whatever hangs there must keep nobody from ending a tree.
        return await in_own_thread("members", platform.members, self._identity, self._nonce)

    async def gracefully(
        self,
        tree: list[Identity],
        ask: Callable[[], Awaitable[None]] | None,
        signal: str,
        grace_s: float,
    ) -> bool:
        began_s = self._begin("graceful_stop")
        if ask is not None:
            await ask()
        else:
            platform.ask(self._identity, tree, signal)
        gone = await self._gone_within(grace_s, tree)
        how = "stop command" if ask is not None else _polite_word(signal)
        detail = (
            f"{_count(tree)} ended after {how}" if gone else f"{how} was ignored for {grace_s:g} s"
        )
        self._end("graceful_stop", began_s, ok=gone, detail=detail)
        return gone

    async def forcefully(self, tree: list[Identity]) -> list[Identity]:
        """Kill what is left; returns who survived."""
        began_s = self._begin("forced_stop")
        killed: list[Identity] = []
        left = tree
        for _ in range(_ROUNDS):
            left = united(left, await self.members())
            killed = united(killed, left)
            platform.force(self._identity, left)
            await self._gone_within(_KILLED_WITHIN_S, left)
            left = [member for member in left if same_life(member)]
            left = united(left, await self.members())
            if not left:
                break
        detail = f"{_count(killed)} killed"
        if left:
            pids = ", ".join(str(member.pid) for member in left)
            detail = f"still there after being killed: pid {pids}"
        self._end("forced_stop", began_s, ok=not left, detail=detail)
        return left

    async def _gone_within(self, seconds: float, tree: list[Identity]) -> bool:
        try:
            async with Deadline(self._clock, seconds):
                # One after the other: the last to go decides, and one descriptor is enough.
                for member in tree:
                    await wait_gone(member)
        except TimeoutError:
            return False
        return True

    def _begin(self, step: Literal["graceful_stop", "forced_stop"]) -> float:
        self._on_step(StopStep(step))
        return self._clock.monotonic()

    def _end(
        self,
        step: Literal["graceful_stop", "forced_stop"],
        began_s: float,
        *,
        ok: bool,
        detail: str,
    ) -> None:
        took_ms = (self._clock.monotonic() - began_s) * 1000
        self.steps.append(StopStep(step, ok, took_ms, detail))
        self._on_step(self.steps[-1])


def _polite_word(signal: str) -> str:
    return "CTRL_BREAK" if sys.platform == "win32" else f"SIG{signal}"


def _count(tree: list[Identity]) -> str:
    return "1 process" if len(tree) == 1 else f"{len(tree)} processes"
