"""What people may ask of an endpoint in which state, and what follows. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from llama_runner_pro.endpoints.states import State
from llama_runner_pro.supervision import moves
from llama_runner_pro.supervision.condition import Condition, Decision, Policy

if TYPE_CHECKING:
    from collections.abc import Callable

    from llama_runner_pro.endpoints.ports import Cause
    from llama_runner_pro.supervision.events import CommandName

_BUSY = frozenset({State.STARTING, State.LOADING, State.HEALING, State.STOPPING})
_DOWN = frozenset({State.STOPPED, State.OFFLINE, State.FAILED, State.BACKOFF})


def refusal(policy: Policy, c: Condition, command: CommandName) -> str | None:
    """Why `command` makes no sense now, in words; None when it does."""
    if command in ("watch", "unwatch", "enable", "disable"):
        return None
    if c.state is State.DISABLED and not (command == "stop" and c.alive):
        return "it is disabled; enable it first"
    if c.state is State.STOPPING and command != "stop":
        return "it is being stopped; wait until that is done"
    if command == "stop":
        return _stop_refusal(policy, c)
    if not policy.startable:
        return "no start command is configured for it, so it cannot be started from here"
    if command == "start" and (c.serving or c.state in _BUSY):
        return f"it is already running ({c.state})"
    return None


def _stop_refusal(policy: Policy, c: Condition) -> str | None:
    if c.state in (State.STOPPED, State.STOPPING):
        return None
    if not c.alive and not policy.stop_command and c.serving:
        return "we did not start it and no stop command is configured for it"
    return None


def available(policy: Policy, c: Condition) -> tuple[str, ...]:
    """The commands a viewer should offer now."""
    if c.state is State.DISABLED:
        return ("enable", "stop") if c.alive else ("enable",)
    offered: list[str] = ["disable"]
    down = c.state in _DOWN
    if policy.startable and down:
        offered.append("start")
    stoppable = c.alive or policy.stop_command or c.state is State.BACKOFF
    if stoppable and c.state not in (State.STOPPED, State.STOPPING):
        offered.append("stop")
    if policy.startable and c.state is not State.STOPPING:
        offered.append("restart")
        if c.state is not State.STOPPED:
            offered.append("heal")
    return tuple(offered)


def obey(policy: Policy, c: Condition, command: CommandName, now: float) -> Decision:
    """Carry out a command that `refusal` did not object to; otherwise nothing changes."""
    if refusal(policy, c, command) is not None:
        return Decision(c)
    return _OBEY[command](policy, c, now)


def _watch(policy: Policy, c: Condition, now: float) -> Decision:
    if c.watching:
        return Decision(c)
    c = replace(c, watching=True)
    if c.state is State.DISABLED or c.pending is not None:
        return Decision(c)
    if c.state is State.STOPPED and not c.wanted:
        return Decision(c)
    if c.state in (State.STOPPED, State.OFFLINE) and c.wanted:
        return moves.order_probe(c, "first")
    return Decision(replace(c, wake_at_s=c.wake_at_s or now))


def _unwatch(policy: Policy, c: Condition, now: float) -> Decision:
    c = replace(c, watching=False)
    if c.serving or c.state is State.OFFLINE:
        return Decision(replace(c, wake_at_s=None, pending=None, token=c.token + 1))
    return Decision(c)


def _enable(policy: Policy, c: Condition, now: float) -> Decision:
    if c.state is not State.DISABLED:
        return Decision(c)
    if not c.watching:
        return Decision(moves.forgiven(c.moved(State.STOPPED, now, "monitoring is off")))
    stopped = moves.forgiven(c.moved(State.STOPPED, now, "looking for it"))
    return moves.order_probe(replace(stopped, wanted=True), "first")


def _disable(policy: Policy, c: Condition, now: float) -> Decision:
    if c.state is State.DISABLED:
        return Decision(c)
    if c.state in (State.STOPPING, State.STARTING, State.LOADING, State.HEALING) and (
        c.alive or c.pending == "stop"
    ):
        # Half-started or half-repaired: finish in a known place instead of leaving it to chance.
        if c.pending == "stop" and c.state is State.STOPPING:
            return Decision(replace(c, after_stop="disabled"))
        return moves.stop(c, now, "disabled", "being disabled")
    closed = moves.close_incident(c, "stopped", "the endpoint was disabled")
    why = "not watched; its process keeps running" if c.alive else None
    moved = moves.forgiven(closed.condition.moved(State.DISABLED, now, why))
    rest = moves.sleep_until(replace(moved, token=c.token + 1), None)
    return Decision(rest.condition, closed.actions)


def _start(policy: Policy, c: Condition, now: float) -> Decision:
    c = replace(moves.forgiven(c), wanted=True)
    if c.state is State.BACKOFF:
        return moves.attempt_now(c, now)
    return moves.order_probe(replace(c, reason="looking for it"), "first")


def _stop(policy: Policy, c: Condition, now: float) -> Decision:
    if c.state is State.STOPPED:
        return Decision(c)
    if c.state is State.STOPPING:
        return Decision(replace(c, after_stop="stopped"))
    if c.state is State.DISABLED:
        return moves.stop(c, now, "disabled", "being stopped")
    c = replace(c, wanted=False)
    running = c.alive or c.pending in ("spawn", "stop") or (policy.stop_command and c.serving)
    if running:
        return moves.stop(c, now, "stopped", "being stopped")
    return _rest_stopped(c, now)


def _rest_stopped(c: Condition, now: float) -> Decision:
    closed = moves.close_incident(c, "stopped", "stopped on request")
    moved = moves.forgiven(closed.condition.moved(State.STOPPED, now))
    rest = moves.sleep_until(replace(moved, token=c.token + 1), None)
    return Decision(rest.condition, closed.actions)


def _restart(policy: Policy, c: Condition, now: float) -> Decision:
    if c.state in _DOWN and not c.alive:
        return _start(policy, c, now)
    if c.alive or policy.stop_command or c.pending in ("spawn", "stop"):
        c = replace(moves.forgiven(c), wanted=True)
        return moves.stop(c, now, "start", "being restarted")
    return moves.order_probe(c, "first")


def _heal(policy: Policy, c: Condition, now: float) -> Decision:
    if c.serving:
        return moves.order_probe(c, "verify")
    return _heal_down(c, now, "manual", "asked to heal")


def _heal_now(policy: Policy, c: Condition, now: float) -> Decision:
    if c.state is State.ONLINE:
        return Decision(c)
    if c.state is State.DEGRADED:
        return moves.repair(moves.forgiven(c), now, "emergency", "emergency heal")
    return _heal_down(c, now, "emergency", "emergency heal")


def _heal_down(c: Condition, now: float, cause: Cause, why: str) -> Decision:
    c = moves.forgiven(c)
    if c.state in (State.STARTING, State.LOADING, State.HEALING, State.STOPPED):
        return Decision(c)
    if c.state is State.BACKOFF:
        return moves.attempt_now(c, now)
    return moves.repair(c, now, cause, f"{why}: {c.reason}" if c.reason else why)


_OBEY: dict[CommandName, Callable[[Policy, Condition, float], Decision]] = {
    "watch": _watch,
    "unwatch": _unwatch,
    "enable": _enable,
    "disable": _disable,
    "start": _start,
    "stop": _stop,
    "restart": _restart,
    "heal": _heal,
    "heal_now": _heal_now,
}
