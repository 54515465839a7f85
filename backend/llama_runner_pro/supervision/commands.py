"""What people may ask of an endpoint in which state, and what follows. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from llama_runner_pro.endpoints.states import State
from llama_runner_pro.supervision import moves
from llama_runner_pro.supervision.condition import Condition, Decision, Policy

if TYPE_CHECKING:
    from collections.abc import Callable

    from llama_runner_pro.endpoints.ports import Cause
    from llama_runner_pro.supervision.events import CommandName

_BUSY = frozenset({State.STARTING, State.LOADING, State.HEALING, State.STOPPING})
_STOPPABLE = frozenset({State.STARTING, State.HEALING, State.BACKOFF})
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
        return _foreign(policy, c)
    if command == "unload":
        return None if c.serving and c.alive else "no process of ours serves there"
    if not policy.startable:
        return "no start command is configured for it, so it cannot be started from here"
    if command == "start":
        return f"it is already running ({c.state})" if c.serving or c.state in _BUSY else None
    if command == "restart":
        return _foreign(policy, c)
    if c.state is State.STOPPED and c.pending is None:
        return "it is stopped, not sick; start it instead"
    return None


def _foreign(policy: Policy, c: Condition) -> str | None:
    """Why what runs there cannot be stopped from here."""
    if _running(c) and not c.alive and not policy.stop_command:
        return "we did not start it and no stop command is configured for it"
    return None


def _running(c: Condition) -> bool:
    return c.serving or c.state is State.LOADING


def available(policy: Policy, c: Condition) -> tuple[str, ...]:
    """The commands a viewer should offer now."""
    if not c.enabled:
        return ("enable", "stop") if c.alive and c.state is State.DISABLED else ("enable",)
    offered: list[CommandName] = ["start"] if c.state in _DOWN else []
    stoppable = c.alive or c.state in _STOPPABLE or (policy.stop_command and _running(c))
    if stoppable and c.state is not State.STOPPING:
        offered.append("stop")
    offered += ["restart", "heal"]
    return ("disable", *(name for name in offered if refusal(policy, c, name) is None))


def obey(policy: Policy, c: Condition, command: CommandName, now: float, why: str = "") -> Decision:
    """Carry out a command that `refusal` did not object to; otherwise nothing changes.

    `why` is shown after an unload.
    """
    if refusal(policy, c, command) is not None:
        return Decision(c)
    if command == "unload":
        return _unload(c, now, why)
    return _OBEY[command](policy, c, now)


def _unload(c: Condition, now: float, why: str) -> Decision:
    """Nobody needs it now: end its process, without any fault of it."""
    resting = replace(c, wanted=False, summoned=False)
    return moves.stop(resting, now, "unloaded", f"{why}; {moves.ON_DEMAND}")


def _watch(policy: Policy, c: Condition, now: float) -> Decision:
    if c.watching:
        return Decision(c)
    c = replace(c, watching=True)
    if c.state is State.DISABLED or c.pending is not None:
        return Decision(c)
    if c.state is State.STOPPED and not c.wanted:
        return Decision(c)
    if c.state in (State.STOPPED, State.OFFLINE) and c.wanted:
        return moves.order_probe(replace(c, reason="looking for it"), "first")
    return Decision(replace(c, wake_at_s=c.wake_at_s or now))


def _unwatch(policy: Policy, c: Condition, now: float) -> Decision:
    """Repairs under way and what a person asked for are carried through; all else rests."""
    c = replace(c, watching=False)
    if c.state is State.BACKOFF:
        off = "monitoring was switched off"
        closed = moves.close_incident(c, "stopped", off)
        return _rest_at(closed, State.STOPPED, now, "monitoring is off")
    checked = c.serving or c.state in (State.OFFLINE, State.FAILED)
    if checked and c.pending in (None, "liveness"):
        return moves.sleep_until(replace(c, token=c.token + 1), None)
    return Decision(c)


def _enable(policy: Policy, c: Condition, now: float) -> Decision:
    if c.state is State.STOPPING and not c.enabled:
        return Decision(replace(c, after_stop="start", wanted=True))
    if c.state is not State.DISABLED:
        return Decision(c)
    why = "looking for it" if c.watching else "monitoring is off"
    stopped = moves.forgiven(c.moved(State.STOPPED, now, why))
    stopped = replace(stopped, wanted=True, summoned=False)
    return moves.order_probe(stopped, "first") if c.watching else Decision(stopped)


def _disable(policy: Policy, c: Condition, now: float) -> Decision:
    if c.state is State.DISABLED:
        return Decision(c)
    if c.pending in ("spawn", "stop"):
        # Half-started or half-stopped: finish in a known place instead of leaving it to chance.
        return moves.stop(c, now, "disabled", "being disabled")
    closed = moves.close_incident(c, "stopped", "the endpoint was disabled")
    why = "not watched; its process keeps running" if c.alive else None
    return _rest_at(closed, State.DISABLED, now, why)


def _rest_at(closed: Decision, state: State, now: float, why: str | None = None) -> Decision:
    """Do nothing any more in `state`; answers that are still on their way are dropped."""
    moved = moves.forgiven(closed.condition.moved(state, now, why))
    rest = moves.sleep_until(replace(moved, token=moved.token + 1), None)
    return Decision(rest.condition, closed.actions)


def _start(policy: Policy, c: Condition, now: float) -> Decision:
    c = replace(moves.forgiven(c), wanted=True, summoned=True)
    if c.state is State.BACKOFF:
        return moves.attempt_now(c, now)
    if c.state is State.OFFLINE and not c.alive and c.waiting_for is None:
        # It was looked for a moment ago. If somebody else has its port, the start says who.
        return moves.start(c, now, "being started")
    return moves.order_probe(replace(c, reason="looking for it", hint=None), "first")


def _stop(policy: Policy, c: Condition, now: float) -> Decision:
    if c.state is State.DISABLED or not c.enabled:
        return moves.stop(c, now, "disabled", "being stopped")
    c = replace(c, wanted=False)
    ours = c.alive or c.pending in ("spawn", "stop")
    if ours or (policy.stop_command and _running(c)):
        return moves.stop(c, now, "stopped", "being stopped")
    closed = moves.close_incident(c, "stopped", "stopped on request")
    return _rest_at(closed, State.STOPPED, now)


def _restart(policy: Policy, c: Condition, now: float) -> Decision:
    if c.alive or c.state in (State.STARTING, State.HEALING) or _running(c):
        c = replace(moves.forgiven(c), wanted=True)
        return moves.stop(c, now, "start", "being restarted")
    return _start(policy, c, now)


def _heal(policy: Policy, c: Condition, now: float) -> Decision:
    if c.serving:
        return moves.order_probe(moves.forgiven(c), "verify")
    return _heal_down(c, now, "manual", "asked to heal")


def _heal_now(policy: Policy, c: Condition, now: float) -> Decision:
    if c.state is State.ONLINE:
        return Decision(c)
    if c.state is State.DEGRADED:
        return moves.repair(moves.forgiven(c), now, "emergency", "emergency heal")
    return _heal_down(c, now, "emergency", "emergency heal")


def _heal_down(c: Condition, now: float, cause: Cause, why: str) -> Decision:
    c = replace(moves.forgiven(c), wanted=True)
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
