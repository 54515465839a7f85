"""Typical conditions, and decisions in a few words, for tests of the healer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.endpoints.states import SERVING, State
from llama_runner_pro.supervision import events as e
from llama_runner_pro.supervision.condition import Condition, Policy

if TYPE_CHECKING:
    from llama_runner_pro.supervision.condition import Decision
    from llama_runner_pro.supervision.probes.result import Verdict

NOW = 100.0
TOKEN = 7
INCARNATION = 3
OURS = Policy(startable=True)
"""An endpoint with a start command and no completions to ask for."""
ASKED = Policy(startable=True, inference=True)
"""The same, with completions."""
FOREIGN = Policy(startable=False)
"""An endpoint that somebody else starts."""
COMMANDED = Policy(startable=True, stop_command=True)
"""Somebody else's, with commands for starting and for stopping it."""

_ALIVE = SERVING | {State.STARTING, State.LOADING, State.HEALING, State.STOPPING}
_AWAITED = {State.STOPPING: "stop"}


def at(state: State, **more: object) -> Condition:
    """An endpoint of ours in `state`, watched, with its process where that state has one."""
    usual: dict[str, object] = {
        "watching": True,
        "alive": state in _ALIVE,
        "incarnation": INCARNATION,
        "token": TOKEN,
        "pending": _AWAITED.get(state),
        "incident": state in (State.HEALING, State.BACKOFF),
        "online_since_s": 90.0 if state in SERVING else None,
        "progress_at_s": 90.0,
    }
    return Condition(state, 50.0, **{**usual, **more})  # type: ignore[arg-type]


def waiting(state: State, pending: str, **more: object) -> Condition:
    """The same, with an order whose answer is awaited."""
    return at(state, pending=pending, **more)


def probed(
    purpose: e.Purpose,
    verdict: Verdict,
    *,
    progress: bool = False,
    activity: e.Activity = "unknown",
    doubtful: bool = False,
) -> e.Probed:
    """The answer to the order that is awaited."""
    return e.Probed(TOKEN, purpose, verdict, "no answer", 3.0, progress, activity, doubtful)


def exited(
    code: int | None = None, signal: str | None = "SIGKILL", oom: str | None = None
) -> e.Exited:
    """The end of the present process."""
    return e.Exited(INCARNATION, code, None if code is not None else signal, None, oom)


def words(decision: Decision) -> str:
    """What was ordered, in order: `open exit, begin start, spawn`."""
    return ", ".join(_word(action) for action in decision.actions)


def _word(action: e.Action) -> str:
    match action:
        case e.Spawn():
            return "spawn"
        case e.StopProcess():
            return "stop"
        case e.Probe():
            return f"probe {action.purpose}"
        case e.OpenIncident():
            return f"open {action.cause}"
        case e.BeginStep():
            return f"begin {action.step}"
        case e.FailStep():
            return "fail"
        case e.CloseIncident():
            return f"close {action.outcome}"
