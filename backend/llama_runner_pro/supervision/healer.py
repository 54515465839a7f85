"""Decides what happens next to an endpoint. Pure: no clock, no sockets, no processes.

`decide` maps (policy, condition, fact, now) to the next condition and the actions that lead there.
One order is awaited at a time; an answer whose token is not the newest is dropped, so that results
of superseded checks and starts can do no harm.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from llama_runner_pro.endpoints.states import State
from llama_runner_pro.supervision import moves
from llama_runner_pro.supervision.checks import completions_failed, probed
from llama_runner_pro.supervision.commands import obey
from llama_runner_pro.supervision.condition import Condition, Decision, Policy
from llama_runner_pro.supervision.deaths import exited, hopeless
from llama_runner_pro.supervision.events import (
    Adopted,
    BeginStep,
    Command,
    CompletionsFailed,
    Due,
    Exited,
    Missed,
    ParentChanged,
    Spawned,
    SpawnFailed,
    StopEnded,
)

if TYPE_CHECKING:
    from llama_runner_pro.supervision.events import Action, Answer, Fact


def decide(policy: Policy, c: Condition, fact: Fact, now: float, roll: float = 0.5) -> Decision:
    """The one decision function. `now` is monotonic seconds; `roll` in [0, 1) feeds the jitter.

    Raises IllegalTransition only if this module has a bug.
    """
    if isinstance(fact, Command):
        return obey(policy, c, fact.name, now, fact.why)
    if isinstance(fact, Due):
        return _due(policy, c, now)
    if isinstance(fact, Exited):
        return exited(policy, c, fact, now, roll)
    if isinstance(fact, CompletionsFailed):
        return completions_failed(policy, c, fact, now)
    if isinstance(fact, ParentChanged):
        return _parent_changed(policy, c, fact, now)
    if isinstance(fact, Adopted | Missed):
        return _recalled(c, fact, now)
    return _answered(policy, c, fact, now, roll)


def _answered(policy: Policy, c: Condition, fact: Answer, now: float, roll: float) -> Decision:
    """An order of ours was carried out."""
    if fact.token != c.token:
        # A start that was overtaken by a stop: its process lives until that stop has ended it.
        overtaken = isinstance(fact, Spawned) and c.pending == "stop"
        return Decision(replace(c, alive=True) if overtaken else c)
    c = replace(c, pending=None)
    if isinstance(fact, Spawned):
        return _spawned(policy, c, now)
    if isinstance(fact, SpawnFailed):
        return _spawn_failed(policy, c, fact, now, roll)
    if isinstance(fact, StopEnded):
        return _stop_ended(policy, c, fact, now, roll)
    return probed(policy, c, fact, now)


def _due(policy: Policy, c: Condition, now: float) -> Decision:
    if c.pending is not None or c.wake_at_s is None or now < c.wake_at_s:
        return Decision(c)
    if c.state is State.BACKOFF:
        if c.waiting_for is not None:
            return moves.wait_for_parent(policy, c, now)
        return moves.attempt_now(c, now)
    if c.state in (State.STARTING, State.HEALING) or (c.state is State.LOADING and c.alive):
        return moves.order_probe(c, "startup")
    return moves.order_probe(replace(c, checked_at_s=now), "liveness")


def _recalled(c: Condition, fact: Adopted | Missed, now: float) -> Decision:
    """A process from before was found, or its end was missed; its numbers go on."""
    if c.alive:
        return Decision(c)
    restarts = max(c.restarts_total, fact.restarts)
    c = replace(c, incarnation=fact.incarnation, restarts_total=restarts)
    if isinstance(fact, Missed):
        return Decision(replace(c, missed=True))
    c = replace(c, alive=True)
    if c.state is State.STOPPED and not c.wanted:
        # Found only after the user had asked for it to be stopped.
        return moves.stop(c, now, "stopped", "being stopped")
    return Decision(c)


def _parent_changed(policy: Policy, c: Condition, fact: ParentChanged, now: float) -> Decision:
    """What this endpoint depends on went down, or is ready again."""
    was, c = c.waiting_for, replace(c, waiting_for=fact.waiting_for, failures=0)
    if was is None or fact.waiting_for is not None or not c.watching:
        return Decision(c)
    if c.state is State.BACKOFF and c.next_attempt_at_s is None:
        return Decision(replace(c, wake_at_s=now))
    if c.state is State.OFFLINE and c.pending is None and c.wanted and policy.startable:
        return moves.order_probe(c, "first")
    return Decision(c)


def _spawned(policy: Policy, c: Condition, now: float) -> Decision:
    c = replace(c, alive=True, progress_at_s=now)
    actions: tuple[Action, ...] = ()
    if c.state is State.HEALING:
        actions = (BeginStep("wait_ready"),)
    return moves.sleep_until(c, now + policy.startup_period_s).then(*actions)


def _spawn_failed(
    policy: Policy, c: Condition, fact: SpawnFailed, now: float, roll: float
) -> Decision:
    if fact.final:
        return hopeless(policy, c, now, fact.reason, fact.hint, proposal=fact.proposal)
    return moves.failed_start(policy, c, now, fact.reason, roll)


def _stop_ended(policy: Policy, c: Condition, fact: StopEnded, now: float, roll: float) -> Decision:
    if c.after_stop == "disabled":
        why = None if fact.ok else f"could not be stopped: {fact.detail}"
        return _end_at(replace(c, alive=c.alive and not fact.ok), State.DISABLED, now, why)
    if not fact.ok:
        hint = "End that process yourself, then press Heal."
        return moves.give_up(policy, c, now, f"could not be stopped: {fact.detail}", hint)
    c = replace(c, alive=False)
    if c.after_stop in ("stopped", "unloaded"):
        why = c.reason if c.after_stop == "unloaded" else None
        return _end_at(c, State.STOPPED, now, why)
    if c.after_stop == "start":
        return moves.start(c, now, c.reason)
    return moves.next_attempt(policy, c, now, c.reason or fact.detail, roll)


def _end_at(c: Condition, state: State, now: float, why: str | None = None) -> Decision:
    asked = "the endpoint was disabled" if state is State.DISABLED else "stopped on request"
    closed = moves.close_incident(c, "stopped", asked)
    moved = closed.condition.moved(state, now, why)
    return Decision(moves.sleep_until(moved, None).condition, closed.actions)
